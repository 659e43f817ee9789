/*
 * Hot records of users: what can be read is the same when it is written
 * again.
 */
#include "metrics/user.h"

#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text record = {(const char *)bytes, len};
    uint8_t first[USER_RECORD_MAX], second[USER_RECORD_MAX];
    struct user user, again;

    if (user_read(record, &user) != TALLY_OK)
        return 0;
    TARGET_REQUIRE(user.value_count <= USER_VALUES_MAX);
    TARGET_REQUIRE(user.ring_count <= USER_RING);
    struct text written = user_write(&user, first);
    TARGET_REQUIRE(user_read(written, &again) == TALLY_OK);
    TARGET_REQUIRE(text_equal(user_write(&again, second), written));
    return 0;
}
