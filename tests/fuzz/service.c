/*
 * The bytes of a connection to a whole tallyd: it always ends, and answers in
 * whole answers.
 */
#include "door.h"
#include "target.h"

enum { ANSWERS_MAX = 64 << 20 };

/* The length of the answer to a HEAD is of what is not there. */
static bool has_head(struct text input)
{
    return memmem(input.at, input.len, "HEAD", 4) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text input = {(const char *)bytes, len};
    struct buffer answers;

    if (len == 0)
        return 0;
    buffer_init(&answers, ANSWERS_MAX);
    bool is_sent = door_talk(input, &answers);
    TARGET_REQUIRE(buffer_is_whole(&answers));
    if (is_sent && !has_head(input))
        door_count(buffer_text(&answers));
    buffer_finish(&answers);
    return 0;
}
