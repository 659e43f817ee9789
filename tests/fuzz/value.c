/*
 * Names of metric values: the input is the `metrics` object of a request.
 */
#include "metrics/value.h"

#include "target.h"

enum { ARENA = 1 << 20 };

static void check(const struct value *value)
{
    TARGET_REQUIRE(value->len > 0);
    TARGET_REQUIRE(target_is_utf8(value_text(value)));
    TARGET_REQUIRE(!memchr(value->bytes, '.', value->len));
}

static void check_metrics(const struct params *metrics)
{
    static const char *const keys[] = {
        "_carrier",     "_os_version",   "_density",   "_app_version",
        "_device_type", "_manufacturer", "_has_hinge", "_lang",
        "_store",       "_os",           "_device",    "_browser",
        "_locale",      "_resolution",
    };
    struct value value;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (value_of(metrics, keys[i], &value))
            check(&value);
    }
    if (value_web_browser(metrics, &value))
        check(&value);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text input = {(const char *)bytes, len};
    struct arena *arena = arena_create(ARENA);
    struct params metrics = {0};
    struct value value;

    if (params_add_json(&metrics, arena, input) == TALLY_OK)
        check_metrics(&metrics);
    if (target_is_utf8(input) && value_plain(input, &value))
        check(&value);
    if (target_is_utf8(input) && value_source(input, &value))
        check(&value);
    arena_destroy(arena);
    return 0;
}
