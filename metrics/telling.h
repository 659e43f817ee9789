/*
 * telling.h - the effects of a batch as JSON that people can read.
 *
 * Sets, values and users are called by their names, those that the batch
 * itself would give included; what is stored is not changed.
 */
#ifndef METRICS_TELLING_H
#define METRICS_TELLING_H

#include <stdint.h>

#include "metrics/json.h"
#include "metrics/tally.h"

struct telling {
    struct tally *tally; /* whose batch is told */
    uint32_t app;        /* the engine's number */
    struct json json;
};

/* Members of the object that is open: `set`, and `value`, `bucket` or the like
 * of a value's id; `day`; a number unless it is 0. */
void telling_write_place(struct telling *telling, uint32_t set, uint32_t value);
void telling_write_date(struct json *json, int32_t day);
void telling_write_number(struct json *json, const char *name, int64_t number);

/* The members counters, marks, new_values and merges, each an array. */
void telling_write_effects(struct telling *telling);

#endif
