/*
 * matcher.h - which of many regular expressions is the first to match a text.
 *
 * RE2 in C's clothes: time is linear in the text whatever the expressions are,
 * and only those are tried of which the text has the words that they need.
 * Bytes are characters, texts need not be UTF-8.
 */
#ifndef METRICS_MATCHER_H
#define METRICS_MATCHER_H

#include <stdbool.h>

#include "engine/error.h"
#include "engine/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The whole match and nine groups; groups behind these are not told. */
enum { MATCHER_GROUPS = 10 };

struct matcher;

/* Never NULL. */
struct matcher *matcher_create(void);

/* NULL is a no-op. */
void matcher_destroy(struct matcher *matcher);

/* Adds an expression, before matcher_close(). TALLY_ERR_INVALID when it is
 * none that RE2 knows. */
TALLY_MUST_CHECK
enum tally_err matcher_add(struct matcher *matcher, struct text expression,
                           bool ignores_case);

/* No more expressions come. */
void matcher_close(struct matcher *matcher);

/* The number of the first expression that matches anywhere in the text, by the
 * order in which they were added, from 0; -1 when none does. Groups that took
 * no part are empty; they borrow from the text. One thread at a time. */
int matcher_find(const struct matcher *matcher, struct text text,
                 struct text groups[MATCHER_GROUPS]);

#ifdef __cplusplus
}
#endif

#endif
