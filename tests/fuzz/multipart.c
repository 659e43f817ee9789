/*
 * Multipart bodies. The first line of an input is the content type.
 */
#include "http/form.h"
#include "target.h"

enum { ARENA = 4 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text body = {(const char *)bytes, len};
    struct text type = target_cut(&body, '\n');
    struct arena *arena = arena_create(ARENA);
    struct params params = {0};
    struct text fields = {0};

    enum tally_err err =
        form_add_multipart(&params, arena, type, body, &fields);
    TARGET_REQUIRE(fields.len <= body.len);
    TARGET_REQUIRE(err == TALLY_OK || err == TALLY_ERR_INVALID ||
                   err == TALLY_ERR_DENIED || err == TALLY_ERR_TOO_BIG);
    for (unsigned i = 0; i < params.count; i++) {
        TARGET_REQUIRE(target_is_utf8(params.list[i].name));
        TARGET_REQUIRE(target_is_utf8(params.list[i].value));
    }
    arena_destroy(arena);
    return 0;
}
