/*
 * Cold records of users: what can be read is the same when it is written
 * again.
 */
#include "metrics/profile.h"

#include "target.h"

enum { ARENA = 4 << 20, OUT = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text record = {(const char *)bytes, len};
    struct arena *arena = arena_create(ARENA);
    struct profile profile, again;
    struct buffer first, second;

    buffer_init(&first, OUT);
    buffer_init(&second, OUT);
    if (profile_read(record, arena, &profile) == TALLY_OK) {
        TARGET_REQUIRE(profile.text_count <= USER_VALUES_MAX);
        profile_write(&profile, &first);
        TARGET_REQUIRE(profile_read(buffer_text(&first), arena, &again) ==
                       TALLY_OK);
        profile_write(&again, &second);
        TARGET_REQUIRE(text_equal(buffer_text(&first), buffer_text(&second)));
    }
    buffer_finish(&first);
    buffer_finish(&second);
    arena_destroy(arena);
    return 0;
}
