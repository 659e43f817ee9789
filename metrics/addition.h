/*
 * addition.h - metrics that the configuration adds (spec B.7.4).
 *
 *   mymetric:_mymetric:mymetric, weather:_mood:moods:md
 *
 * A comma between metrics, colons between their db, name, set and short code;
 * without a short code it is the set.
 */
#ifndef METRICS_ADDITION_H
#define METRICS_ADDITION_H

#include "engine/buffer.h"
#include "engine/error.h"
#include "engine/text.h"
#include "metrics/definition.h"
#include "metrics/tally.h"

enum { ADDITIONS_MAX = SET_CUSTOM_END - SET_CUSTOM_FIRST };

struct addition {
    char words[4][DEFINITION_WORD_MAX + 1]; /* the last may be empty */
};

struct additions {
    unsigned count;
    struct addition list[ADDITIONS_MAX];
};

/* Reads the list; an empty text is an empty list. TALLY_ERR_INVALID:
 * `reason` says what is wrong with it in itself. */
TALLY_MUST_CHECK
enum tally_err additions_read(struct text text, struct additions *additions,
                              char reason[static DEFINITION_REASON_SIZE]);

/* Adds the list in the form that additions_read() takes. */
void additions_write(const struct additions *additions, struct buffer *out);

/* Adds the metrics to the tally, before anything is served. What an
 * administrator has added in the same way is there already. Errors as
 * tally_add_metric(), always with a reason. */
TALLY_MUST_CHECK
enum tally_err additions_apply(const struct additions *additions,
                               struct tally *tally,
                               char reason[static DEFINITION_REASON_SIZE]);

#endif
