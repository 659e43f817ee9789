/*
 * By value: nearly every user has the same value of a metric all the time. So
 * the first value of each user is kept by ordinal and counted at once; only
 * further ones are kept as pairs of value and ordinal, which are sorted and
 * counted at the end. What is kept by ordinal is in pages: users who are
 * active in the same days came in the same days, mostly.
 */
#include "metrics/total.h"

#include <stdlib.h>

#include "engine/crowd.h"
#include "engine/memory.h"
#include "engine/series.h"

enum {
    PAGE_BITS = 16, /* of an ordinal: its place in the page */
    PAGE_ORDINALS = 1 << PAGE_BITS,
    PAGES = 1 << (32 - PAGE_BITS),
    WORD_BITS = 64,
    PAGE_WORDS = PAGE_ORDINALS / WORD_BITS,
    FIRST_ROOM = 1024,
    PAIRS_MAX = 1 << 24,
};

/* Pages of `size` bytes, made when first touched. */
struct pages {
    void **list;
    size_t size;
};

static struct pages pages_of(size_t size)
{
    return (struct pages){memory_alloc(PAGES * sizeof(void *)), size};
}

static void *touch_page(struct pages *pages, uint32_t ordinal)
{
    void **page = &pages->list[ordinal >> PAGE_BITS];

    if (!*page)
        *page = memory_alloc(pages->size);
    return *page;
}

static void free_pages(struct pages *pages)
{
    for (size_t i = 0; i < PAGES; i++)
        free(pages->list[i]);
    free(pages->list);
}

static enum tally_err read_marks(struct reader *reader, uint32_t app,
                                 uint32_t set, const struct span *span,
                                 crowd_mark_fn fn, void *user)
{
    struct span runs[SPAN_RUNS];
    unsigned count = span_runs(span, runs);
    enum tally_err err = TALLY_OK;

    for (unsigned i = 0; !err && i < count; i++)
        err = crowd_marks(reader, app, set, runs[i].first, runs[i].last, fn,
                          user);
    return err;
}

void total_capture_span(struct reader *reader, uint32_t app, uint32_t set,
                        const struct span *span)
{
    struct span runs[SPAN_RUNS];
    unsigned count = span_runs(span, runs);

    for (unsigned i = 0; i < count; i++)
        crowd_capture(reader, app, set, runs[i].first, runs[i].last);
}

/* All users. */

enum tally_err total_users(struct reader *reader, uint32_t app,
                           const struct span *span, uint64_t *users)
{
    struct ordinals active = {0};
    struct span runs[SPAN_RUNS];
    unsigned count = span_runs(span, runs);
    enum tally_err err = TALLY_OK;

    for (unsigned i = 0; !err && i < count; i++)
        err = crowd_active(reader, app, runs[i].first, runs[i].last, &active);
    if (!err)
        *users = ordinals_count(&active);
    ordinals_finish(&active);
    return err;
}

/* By value. */

struct values {
    struct total_values total;
    const struct ordinals *only;
    struct pages first; /* values by ordinal; 0: none yet */
    uint64_t *pairs;    /* value and ordinal */
    size_t count;
    size_t room;
    enum tally_err err;
};

static void count_value(struct total_values *total, uint32_t value)
{
    if (value >= total->room) {
        size_t room = total->room ? total->room : FIRST_ROOM;
        while (room <= value)
            room *= 2;
        total->users = memory_resize(total->users, room * sizeof(uint32_t));
        memset(total->users + total->room, 0,
               (room - total->room) * sizeof(uint32_t));
        total->room = room;
    }
    total->users[value]++;
}

static int compare_pairs(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Sorts the pairs and leaves each once. */
static void sort_pairs(struct values *values)
{
    size_t kept = 0;

    if (values->count == 0)
        return;
    qsort(values->pairs, values->count, sizeof(*values->pairs), compare_pairs);
    for (size_t i = 1; i < values->count; i++) {
        if (values->pairs[i] != values->pairs[kept])
            values->pairs[++kept] = values->pairs[i];
    }
    values->count = kept + 1;
}

static void make_room(struct values *values)
{
    sort_pairs(values);
    if (values->count <= values->room / 2 && values->room > 0)
        return;
    if (values->room == PAIRS_MAX) {
        values->err = TALLY_ERR_TOO_BIG;
        return;
    }
    values->room = values->room ? values->room * 2 : FIRST_ROOM;
    values->pairs =
        memory_resize(values->pairs, values->room * sizeof(*values->pairs));
}

static void mark_value(void *user, uint32_t value, uint32_t ordinal)
{
    struct values *values = user;
    uint32_t *page = touch_page(&values->first, ordinal);
    uint32_t *first = &page[ordinal % PAGE_ORDINALS];

    if (*first == value || value == 0 || values->err)
        return;
    if (values->only && !ordinals_has(values->only, ordinal))
        return;
    if (*first == 0) {
        *first = value;
        count_value(&values->total, value);
        return;
    }
    if (values->count == values->room)
        make_room(values);
    if (!values->err)
        values->pairs[values->count++] = (uint64_t)value << 32 | ordinal;
}

enum tally_err total_values(struct reader *reader, uint32_t app, uint32_t set,
                            const struct span *span,
                            struct total_values *values)
{
    return total_values_among(reader, app, set, span, NULL, values);
}

enum tally_err total_values_among(struct reader *reader, uint32_t app,
                                  uint32_t set, const struct span *span,
                                  const struct ordinals *only,
                                  struct total_values *values)
{
    struct values found = {.only = only,
                           .first = pages_of(PAGE_ORDINALS * sizeof(uint32_t))};
    enum tally_err err = read_marks(reader, app, set, span, mark_value, &found);

    if (!err)
        err = found.err;
    sort_pairs(&found);
    for (size_t i = 0; i < found.count; i++)
        count_value(&found.total, (uint32_t)(found.pairs[i] >> 32));
    free(found.pairs);
    free_pages(&found.first);
    if (err) {
        total_values_finish(&found.total);
        return err;
    }

    *values = found.total;
    return TALLY_OK;
}

void total_values_finish(struct total_values *values)
{
    free(values->users);
    *values = (struct total_values){0};
}

uint32_t total_of_value(const struct total_values *values, uint32_t value)
{
    return value < values->room ? values->users[value] : 0;
}

/* method=total_users. */

/* 0 for all users. */
static uint32_t set_of(const struct total *total)
{
    return total->metric ? total->metric->set : 0;
}

static void capture(const struct total *total, struct reader *reader,
                    uint32_t set, const struct span *span)
{
    total_capture_span(reader, total->app, set, span);
    if (total->filter)
        filter_capture(total->filter, reader, span);
}

void total_capture(const struct total *total, struct reader *reader)
{
    uint32_t set = set_of(total);

    if (set)
        series_capture(reader, total->app, set);
    capture(total, reader, set, &total->period->current);
    if (total->with_previous)
        capture(total, reader, set, &total->period->previous);
}

static void write_row(struct json *json, bool with_previous, struct text name,
                      const uint64_t users[2])
{
    if (users[0] == 0 && users[1] == 0)
        return;
    json_open_object(json);
    json_member_text(json, "_id", name);
    json_member_int(json, "u", (int64_t)users[0]);
    if (with_previous)
        json_member_int(json, "pu", (int64_t)users[1]);
    json_close_object(json);
}

static enum tally_err count_users(const struct total *total,
                                  struct reader *reader,
                                  const struct span *span, uint64_t *users)
{
    struct ordinals passed = {0};

    if (!total->filter)
        return total_users(reader, total->app, span, users);
    enum tally_err err = filter_users(total->filter, reader, span, &passed);
    if (!err)
        *users = ordinals_count(&passed);
    ordinals_finish(&passed);
    return err;
}

static enum tally_err write_users(const struct total *total,
                                  struct reader *reader, struct json *json)
{
    uint64_t users[2] = {0};
    enum tally_err err =
        count_users(total, reader, &total->period->current, &users[0]);

    if (!err && total->with_previous)
        err = count_users(total, reader, &total->period->previous, &users[1]);
    if (!err)
        write_row(json, total->with_previous, TEXT("users"), users);
    return err;
}

static enum tally_err count_values(const struct total *total,
                                   struct reader *reader,
                                   const struct span *span,
                                   struct total_values *values)
{
    struct ordinals passed = {0};
    enum tally_err err = TALLY_OK;

    if (total->filter)
        err = filter_users(total->filter, reader, span, &passed);
    if (!err)
        err = total_values_among(reader, total->app, set_of(total), span,
                                 total->filter ? &passed : NULL, values);
    ordinals_finish(&passed);
    return err;
}

struct rows {
    struct json *json;
    bool with_previous;
    struct total_values values[2]; /* current, previous */
};

static void write_value(void *user, uint32_t value, struct text name)
{
    const struct rows *rows = user;
    uint64_t users[2] = {
        total_of_value(&rows->values[0], value),
        total_of_value(&rows->values[1], value),
    };

    write_row(rows->json, rows->with_previous, name, users);
}

static enum tally_err write_values(const struct total *total,
                                   struct reader *reader, struct json *json)
{
    struct rows rows = {.json = json, .with_previous = total->with_previous};
    enum tally_err err =
        count_values(total, reader, &total->period->current, &rows.values[0]);

    if (!err && total->with_previous)
        err = count_values(total, reader, &total->period->previous,
                           &rows.values[1]);
    if (!err)
        err =
            series_names(reader, total->app, set_of(total), write_value, &rows);
    total_values_finish(&rows.values[0]);
    total_values_finish(&rows.values[1]);
    return err;
}

enum tally_err total_write(const struct total *total, struct reader *reader,
                           struct json *json)
{
    json_open_array(json);
    enum tally_err err = set_of(total) ? write_values(total, reader, json)
                                       : write_users(total, reader, json);
    json_close_array(json);
    return err;
}
