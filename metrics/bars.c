#include "metrics/bars.h"

#include <stdlib.h>

#include "metrics/figure.h"

enum { WHOLE = 1000 }; /* tenths of a percent */

static int compare_bars(const void *a, const void *b)
{
    const struct bar *x = a;
    const struct bar *y = b;

    if (x->value != y->value)
        return x->value < y->value ? 1 : -1;
    return (x->order > y->order) - (x->order < y->order);
}

/* Sorts; how many there are with a positive value, and what they add up to. */
static size_t rank(struct bar *list, size_t count, int64_t *sum)
{
    size_t positive = 0;

    *sum = 0;
    for (size_t i = 0; i < count; i++)
        list[i].order = i;
    if (count > 0)
        qsort(list, count, sizeof(*list), compare_bars);
    for (; positive < count && list[positive].value > 0; positive++)
        *sum = (int64_t)((uint64_t)*sum + (uint64_t)list[positive].value);
    return positive;
}

static void share(struct bar *list, size_t count, int64_t sum)
{
    int64_t shared = 0;

    for (size_t i = 0; i < count; i++) {
        list[i].share = figure_share(list[i].value, sum);
        shared += list[i].share;
    }
    if (count > 0 && shared < WHOLE)
        list[0].share += WHOLE - shared;
    if (count > 0 && shared > WHOLE)
        list[count - 1].share -= shared - WHOLE;
}

static void write_bar(struct json *json, const struct bar *bar)
{
    json_open_object(json);
    json_member_text(json, "name", bar->name);
    json_member_int(json, "value", bar->value);
    json_key_string(json, "percent");
    json_double(json, (double)bar->share / 10);
    json_close_object(json);
}

void bars_write(struct bar *list, size_t count, struct json *json)
{
    int64_t sum;
    size_t ranked = rank(list, count, &sum);

    share(list, ranked, sum);
    json_open_array(json);
    for (size_t i = 0; i < ranked && i < BARS_SHOWN; i++)
        write_bar(json, &list[i]);
    json_close_array(json);
}
