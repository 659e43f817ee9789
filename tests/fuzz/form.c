/*
 * Query strings and form bodies: what is decoded is UTF-8, and what is
 * encoded in full decodes to itself.
 */
#include "http/form.h"

#include "target.h"

enum { ARENA = 4 << 20 };

static void check_params(const struct params *params)
{
    TARGET_REQUIRE(params->count <= PARAMS_MAX);
    for (unsigned i = 0; i < params->count; i++) {
        const struct param *param = &params->list[i];
        TARGET_REQUIRE(target_is_utf8(param->name));
        TARGET_REQUIRE(target_is_utf8(param->value));
        TARGET_REQUIRE(params_get(params, param->name) == param);
        (void)param_is_true(param);
    }
}

static void check_round_trip(struct arena *arena, struct text input)
{
    static const char hex[] = "0123456789abcdef";
    char *encoded = arena_alloc(arena, 3 * input.len + 1);
    char *repaired = arena_alloc(arena, utf8_repaired_length(input) + 1);
    struct text decoded;

    for (size_t i = 0; i < input.len; i++) {
        unsigned char byte = (unsigned char)input.at[i];
        encoded[3 * i] = '%';
        encoded[3 * i + 1] = hex[byte >> 4];
        encoded[3 * i + 2] = hex[byte & 15];
    }
    struct text expected = {repaired, utf8_repair(repaired, input)};
    struct text all = {encoded, 3 * input.len};
    TARGET_REQUIRE(form_decode(arena, all, &decoded) == TALLY_OK);
    TARGET_REQUIRE(text_equal(decoded, expected));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text input = {(const char *)bytes, len};
    struct arena *arena = arena_create(ARENA);
    struct params params = {0};

    enum tally_err err = form_add_encoded(&params, arena, input);
    TARGET_REQUIRE(err == TALLY_OK || err == TALLY_ERR_TOO_BIG);
    check_params(&params);
    check_round_trip(arena, input);
    arena_destroy(arena);
    return 0;
}
