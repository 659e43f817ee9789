/*
 * The steps of a pattern are a program for a machine that is in several places
 * at once (Thompson). `a*` is split, a, jump back; `a|b` is split, a, jump
 * over, b. What is put before steps that exist moves them: hence relative
 * targets.
 */
#include "metrics/pattern.h"

struct reading {
    struct pattern *pattern;
    struct text rest;
    unsigned depth;
    bool at_slash; /* the last byte read is a slash, or there is none */
};

static bool read_alternatives(struct reading *reading);

static bool add(struct reading *reading, struct pattern_step step)
{
    struct pattern *pattern = reading->pattern;

    if (pattern->count == PATTERN_STEPS_MAX)
        return false;
    pattern->steps[pattern->count++] = step;
    return true;
}

static bool add_kind(struct reading *reading, enum pattern_kind kind)
{
    return add(reading, (struct pattern_step){.kind = kind});
}

/* Puts a step before the one at `at`. */
static bool insert(struct reading *reading, unsigned at,
                   struct pattern_step step)
{
    struct pattern *pattern = reading->pattern;

    if (!add_kind(reading, PATTERN_DONE))
        return false;
    memmove(pattern->steps + at + 1, pattern->steps + at,
            (pattern->count - at - 1) * sizeof(step));
    pattern->steps[at] = step;
    return true;
}

static char take(struct reading *reading)
{
    char c = reading->rest.at[0];

    reading->rest.at++;
    reading->rest.len--;
    return c;
}

static bool take_if(struct reading *reading, char c)
{
    if (reading->rest.len == 0 || reading->rest.at[0] != c)
        return false;
    take(reading);
    return true;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9');
}

/* What a backslash stands before. */
static bool read_escape(struct reading *reading)
{
    struct pattern_step step = {.kind = PATTERN_SET};

    if (reading->rest.len == 0)
        return false;
    char c = take(reading);
    if (c == 'd')
        step.set = TEXT("0-9");
    else if (c == 'w')
        step.set = TEXT("a-zA-Z0-9_");
    else if (is_word(c))
        return false;
    else
        step = (struct pattern_step){.kind = PATTERN_BYTE, .byte = c};
    reading->at_slash = c == '/';
    return add(reading, step);
}

/* Takes one byte of a set off its text; an escaped one without backslash. */
static char take_of_set(struct text *set)
{
    size_t at = set->at[0] == '\\' && set->len > 1;
    char c = set->at[at];

    set->at += at + 1;
    set->len -= at + 1;
    return c;
}

/* The range that a set begins with, taken off it. */
static void take_range(struct text *set, unsigned char *low,
                       unsigned char *high)
{
    *low = *high = (unsigned char)take_of_set(set);
    if (set->len < 2 || set->at[0] != '-')
        return;
    take_of_set(set);
    *high = (unsigned char)take_of_set(set);
}

static bool is_set(struct text set)
{
    unsigned char low, high;

    if (set.len == 0)
        return false;
    for (size_t i = 0; i + 1 < set.len; i++) {
        if (set.at[i] == '\\' && is_word(set.at[++i]))
            return false;
    }
    while (set.len > 0) {
        take_range(&set, &low, &high);
        if (low > high)
            return false;
    }
    return true;
}

static bool read_set(struct reading *reading)
{
    struct pattern_step step = {.kind = PATTERN_SET};

    step.is_negated = take_if(reading, '^');
    step.set.at = reading->rest.at;
    while (reading->rest.len > 0 && reading->rest.at[0] != ']') {
        if (take(reading) == '\\' && reading->rest.len > 0)
            take(reading);
    }
    if (reading->rest.len == 0)
        return false;
    step.set.len = (size_t)(reading->rest.at - step.set.at);
    take(reading);
    return is_set(step.set) && add(reading, step);
}

static bool read_group(struct reading *reading)
{
    if (reading->rest.len > 0 && reading->rest.at[0] == '?')
        return false;
    return read_alternatives(reading) && take_if(reading, ')');
}

/* One thing that may be repeated. */
static bool read_atom(struct reading *reading)
{
    bool was_at_slash = reading->at_slash;
    char c = take(reading);

    reading->at_slash = c == '/';
    switch (c) {
    case '(':
        return read_group(reading);
    case '[':
        return read_set(reading);
    case '\\':
        return read_escape(reading);
    case '.':
        return add_kind(reading, PATTERN_ANY);
    case '^':
        return add_kind(reading, PATTERN_BEGIN);
    case '$':
        return add_kind(reading, PATTERN_END);
    case '*':
        return was_at_slash &&
               add(reading, (struct pattern_step){.kind = PATTERN_SPLIT,
                                                  .first = 1,
                                                  .second = 3}) &&
               add_kind(reading, PATTERN_ANY) &&
               add(reading,
                   (struct pattern_step){.kind = PATTERN_JUMP, .first = -2});
    case '+':
    case '?':
    case '{':
        return false;
    default:
        return add(reading,
                   (struct pattern_step){.kind = PATTERN_BYTE, .byte = c});
    }
}

/* Repeats what was read from step `at` on. */
static bool repeat(struct reading *reading, unsigned at)
{
    int16_t len = (int16_t)(reading->pattern->count - at);
    struct pattern_step over = {
        .kind = PATTERN_SPLIT, .first = 1, .second = (int16_t)(len + 1)};
    struct pattern_step back = {
        .kind = PATTERN_SPLIT, .first = (int16_t)-len, .second = 1};

    if (take_if(reading, '?'))
        return insert(reading, at, over);
    if (take_if(reading, '+'))
        return add(reading, back);
    if (!take_if(reading, '*'))
        return true;
    over.second = (int16_t)(len + 2);
    back = (struct pattern_step){.kind = PATTERN_JUMP,
                                 .first = (int16_t)(-len - 1)};
    return insert(reading, at, over) && add(reading, back);
}

/* Behind a slash the star is an atom of its own. */
static bool is_at_star(const struct reading *reading)
{
    return reading->at_slash && reading->rest.len > 0 &&
           reading->rest.at[0] == '*';
}

static bool read_sequence(struct reading *reading)
{
    while (reading->rest.len > 0 && reading->rest.at[0] != '|' &&
           reading->rest.at[0] != ')') {
        unsigned at = reading->pattern->count;
        bool is_whole = is_at_star(reading);

        if (!read_atom(reading))
            return false;
        if (!is_whole && !is_at_star(reading) && !repeat(reading, at))
            return false;
    }
    return true;
}

/* Joins what was read from step `at` on with the alternatives that follow. */
static bool read_others(struct reading *reading, unsigned at)
{
    struct pattern *pattern = reading->pattern;
    int16_t len = (int16_t)(pattern->count - at);
    struct pattern_step both = {
        .kind = PATTERN_SPLIT, .first = 1, .second = (int16_t)(len + 2)};

    if (!insert(reading, at, both) || !add_kind(reading, PATTERN_JUMP))
        return false;
    unsigned jump = pattern->count - 1;
    if (!read_alternatives(reading))
        return false;
    pattern->steps[jump].first = (int16_t)(pattern->count - jump);
    return true;
}

static bool read_alternatives(struct reading *reading)
{
    unsigned at = reading->pattern->count;

    if (++reading->depth > PATTERN_DEPTH_MAX)
        return false;
    reading->at_slash = at == 0;
    if (!read_sequence(reading))
        return false;
    if (take_if(reading, '|') && !read_others(reading, at))
        return false;
    reading->depth--;
    reading->at_slash = false;
    return true;
}

bool pattern_read(struct pattern *pattern, struct text source)
{
    struct reading reading = {.pattern = pattern, .rest = source};

    pattern->count = 0;
    if (source.len == 0 || source.len > PATTERN_MAX)
        return false;
    return read_alternatives(&reading) && reading.rest.len == 0 &&
           add_kind(&reading, PATTERN_DONE);
}

/* Where the machine is, each step once. */
struct places {
    uint16_t steps[PATTERN_STEPS_MAX];
    unsigned count;
    bool has[PATTERN_STEPS_MAX];
};

static void enter(struct places *places, int step)
{
    if (places->has[step])
        return;
    places->has[step] = true;
    places->steps[places->count++] = (uint16_t)step;
}

/* Enters `step` and what can be reached from there without a byte: what is
 * appended is looked at in turn. */
static void reach(const struct pattern *pattern, struct places *places,
                  int step, bool is_begin, bool is_end)
{
    unsigned at = places->count;

    enter(places, step);
    for (; at < places->count; at++) {
        int from = places->steps[at];
        const struct pattern_step *here = &pattern->steps[from];

        if (here->kind == PATTERN_JUMP || here->kind == PATTERN_SPLIT)
            enter(places, from + here->first);
        if (here->kind == PATTERN_SPLIT)
            enter(places, from + here->second);
        if ((here->kind == PATTERN_BEGIN && is_begin) ||
            (here->kind == PATTERN_END && is_end))
            enter(places, from + 1);
    }
}

static bool has_byte(struct text set, char byte)
{
    unsigned char low, high, wanted = (unsigned char)byte;

    while (set.len > 0) {
        take_range(&set, &low, &high);
        if (wanted >= low && wanted <= high)
            return true;
    }
    return false;
}

static bool takes(const struct pattern_step *step, char byte)
{
    switch (step->kind) {
    case PATTERN_BYTE:
        return step->byte == byte;
    case PATTERN_ANY:
        return true;
    case PATTERN_SET:
        return has_byte(step->set, byte) != step->is_negated;
    default:
        return false;
    }
}

bool pattern_matches(const struct pattern *pattern, struct text subject)
{
    struct places here = {0};

    if (subject.len > PATTERN_SUBJECT_MAX)
        return false;
    reach(pattern, &here, 0, true, subject.len == 0);
    for (size_t i = 0; i < subject.len && here.count > 0; i++) {
        struct places next = {0};

        for (unsigned j = 0; j < here.count; j++) {
            if (takes(&pattern->steps[here.steps[j]], subject.at[i]))
                reach(pattern, &next, here.steps[j] + 1, false,
                      i + 1 == subject.len);
        }
        here = next;
    }
    return here.has[pattern->count - 1];
}
