/*
 * target.h - what a fuzz target is made of.
 *
 * A target is one function over bytes. In a build with -Dfuzz=true libFuzzer
 * calls it with inputs it makes up; else replay.c calls it with those of the
 * corpus. It returns only when everything that must hold did hold.
 */
#ifndef TESTS_FUZZ_TARGET_H
#define TESTS_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/text.h"
#include "engine/utf8.h"

/* The name is libFuzzer's. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Ends the process unless `condition` holds. */
#define TARGET_REQUIRE(condition)                                            \
    do {                                                                     \
        if (!(condition)) {                                                  \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, \
                    #condition);                                             \
            abort();                                                         \
        }                                                                    \
    } while (0)

/* Takes what stands before the next `stop` off the front, `stop` too; without
 * one it takes everything. */
static inline struct text target_cut(struct text *rest, char stop)
{
    const char *found = rest->len ? memchr(rest->at, stop, rest->len) : NULL;
    struct text part = *rest;

    if (found)
        part.len = (size_t)(found - rest->at);
    size_t used = part.len + (found != NULL);
    *rest = (struct text){rest->at + used, rest->len - used};
    return part;
}

static inline bool target_is_utf8(struct text text)
{
    return utf8_valid_length(text) == text.len;
}

#endif
