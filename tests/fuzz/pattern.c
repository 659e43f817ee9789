/*
 * Patterns of tokens. The first line of an input is the pattern, the rest the
 * text that it is matched with.
 */
#include "metrics/pattern.h"

#include "target.h"

static bool leads_inside(const struct pattern *pattern, unsigned at, int by)
{
    int to = (int)at + by;

    return to >= 0 && to < (int)pattern->count;
}

static void check_steps(const struct pattern *pattern)
{
    TARGET_REQUIRE(pattern->count <= PATTERN_STEPS_MAX);
    TARGET_REQUIRE(pattern->steps[pattern->count - 1].kind == PATTERN_DONE);
    for (unsigned i = 0; i + 1 < pattern->count; i++) {
        const struct pattern_step *step = &pattern->steps[i];

        TARGET_REQUIRE(step->kind != PATTERN_DONE);
        TARGET_REQUIRE(leads_inside(pattern, i, step->first));
        TARGET_REQUIRE(leads_inside(pattern, i, step->second));
    }
}

static bool is_plain(struct text source)
{
    for (size_t i = 0; i < source.len; i++) {
        if (memchr("()[]|*+?.^$\\{", source.at[i], 13))
            return false;
    }
    return source.len > 0 && source.len <= PATTERN_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text subject = {(const char *)bytes, len};
    struct text source = target_cut(&subject, '\n');
    struct pattern pattern;
    bool is_read = pattern_read(&pattern, source);

    TARGET_REQUIRE(is_read || !is_plain(source));
    if (!is_read)
        return 0;
    check_steps(&pattern);
    bool matches = pattern_matches(&pattern, subject);
    if (is_plain(source))
        TARGET_REQUIRE(matches == text_equal(source, subject));
    return 0;
}
