/*
 * bars.h - the few largest of many counters, with their share of all of them
 * (spec D.7.3, D.7.5).
 */
#ifndef METRICS_BARS_H
#define METRICS_BARS_H

#include <stddef.h>
#include <stdint.h>

#include "engine/text.h"
#include "metrics/json.h"

enum { BARS_SHOWN = 3 };

struct bar {
    struct text name; /* borrowed */
    int64_t value;
    /* private state */
    size_t order;
    int64_t share;
};

/* Writes an array of the first BARS_SHOWN by value as {"name", "value",
 * "percent"}, equal ones in the order they are given in; those without a
 * positive value are none.
 *
 * Shares are rounded to one decimal and made to add up to 100: what is
 * missing goes to the first, what is too much is taken from the last of all.
 *
 * The list is sorted. */
void bars_write(struct bar *list, size_t count, struct json *json);

#endif
