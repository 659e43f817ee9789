/*
 * pattern.h - regular expressions of a small kind, matched in linear time
 * (spec 0.4.25).
 *
 * There are bytes, `.`, [...], [^...], \d, \w, groups, `|`, `*`, `+`, `?`,
 * `^` and `$`; a backslash takes the meaning from any other sign. A `*` at
 * the start or behind a slash is that of file names: anything. There are no
 * counts ({2,3}), back-references or looks ahead.
 *
 * Matching goes through all ways at once: it takes steps in proportion to the
 * length of the text times that of the pattern, whatever both are.
 */
#ifndef METRICS_PATTERN_H
#define METRICS_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/text.h"

enum {
    PATTERN_MAX = 128,          /* bytes of a pattern */
    PATTERN_DEPTH_MAX = 32,     /* of groups and alternatives in each other */
    PATTERN_SUBJECT_MAX = 1024, /* a longer text matches nothing */
    PATTERN_STEPS_MAX = 3 * PATTERN_MAX + 1,
};

enum pattern_kind {
    PATTERN_BYTE,
    PATTERN_ANY,
    PATTERN_SET,
    PATTERN_BEGIN,
    PATTERN_END,
    PATTERN_JUMP,  /* goes to `first` */
    PATTERN_SPLIT, /* goes to both */
    PATTERN_DONE,
};

/* One step; where it goes is relative to it. */
struct pattern_step {
    enum pattern_kind kind;
    char byte;
    bool is_negated;
    struct text set; /* what stands between the brackets */
    int16_t first;
    int16_t second;
};

struct pattern {
    struct pattern_step steps[PATTERN_STEPS_MAX];
    unsigned count;
};

/* Reads a pattern, which borrows `source`. False when it is none, or beyond
 * the bounds. */
bool pattern_read(struct pattern *pattern, struct text source);

/* Whether the pattern matches the text from its first to its last byte. */
bool pattern_matches(const struct pattern *pattern, struct text subject);

#endif
