#include "engine/crowd.h"

#include <stdlib.h>

#include "engine/activity.h"
#include "engine/captured.h"
#include "engine/key.h"
#include "engine/memory.h"
#include "engine/pack.h"
#include "engine/parts.h"

/* Capturing. */

static struct marks_pair *more_marks(struct reader *reader, size_t count)
{
    size_t first = reader->mark_count;

    if (first + count > reader->mark_room) {
        reader->mark_room = 2 * reader->mark_room + count;
        reader->marks = memory_resize(
            reader->marks, reader->mark_room * sizeof(*reader->marks));
    }
    reader->mark_count += count;
    return reader->marks + first;
}

static void capture_day(struct reader *reader, const struct overlay *overlay,
                        uint32_t app, uint32_t set, int32_t day)
{
    const struct marks *marks = overlay ? overlay_marks(overlay) : NULL;
    const struct marks_day *found =
        marks ? marks_find(marks, app, set, day) : NULL;
    if (!found)
        return;

    reader->days = memory_one_more(reader->days, reader->day_count,
                                   &reader->day_room, sizeof(*reader->days));
    reader->days[reader->day_count++] =
        (struct captured_day){app, set, day, reader->mark_count, found->count};
    marks_copy(marks, found, more_marks(reader, found->count));
}

void crowd_capture(struct reader *reader, uint32_t app, uint32_t set,
                   int32_t first, int32_t last)
{
    struct parts parts = engine_parts(reader->engine);
    struct key key = key_app(app);

    horizon_capture(reader, app);
    for (int32_t day = first; day <= last; day++) {
        capture_day(reader, parts.active, app, set, day);
        capture_day(reader, parts.frozen, app, set, day);
    }
    reader_capture_table(reader, TABLE_ALIASES, key_text(&key));
}

/* Reading. Merged users form a forest: each alias points to who it became. */

static bool add_alias(void *user, struct text key, struct text value)
{
    struct reader *reader = user;
    struct unpack from = unpack_from(key);
    struct unpack to = unpack_from(value);

    unpack_u32(&from);
    reader->aliases =
        memory_one_more(reader->aliases, reader->alias_count,
                        &reader->alias_room, sizeof(*reader->aliases));
    reader->aliases[reader->alias_count++] =
        (struct alias){unpack_u32(&from), unpack_u32(&to)};
    return true;
}

static int compare_aliases(const void *a, const void *b)
{
    const struct alias *x = a;
    const struct alias *y = b;

    return (x->from > y->from) - (x->from < y->from);
}

static struct alias *find_alias(const struct reader *reader, uint32_t ordinal)
{
    struct alias wanted = {ordinal, 0};

    return reader->alias_count == 0
               ? NULL
               : bsearch(&wanted, reader->aliases, reader->alias_count,
                         sizeof(wanted), compare_aliases);
}

static void follow_chains(struct reader *reader)
{
    if (reader->alias_count > 1)
        qsort(reader->aliases, reader->alias_count, sizeof(*reader->aliases),
              compare_aliases);
    for (size_t i = 0; i < reader->alias_count; i++) {
        uint32_t root = reader->aliases[i].to;
        const struct alias *next = find_alias(reader, root);
        for (size_t steps = 0; next && steps < reader->alias_count; steps++) {
            root = next->to;
            next = find_alias(reader, root);
        }
        reader->aliases[i].to = root;
    }
}

static enum tally_err know_aliases(struct reader *reader, uint32_t app)
{
    struct key key = key_app(app);

    if (reader->aliases_of == app)
        return TALLY_OK;
    reader->aliases_of = 0;
    reader->alias_count = 0;
    enum tally_err err = reader_records(reader, TABLE_ALIASES, key_text(&key),
                                        add_alias, reader);
    if (err)
        return err;
    follow_chains(reader);
    reader->aliases_of = app;
    return TALLY_OK;
}

struct marks_target {
    crowd_mark_fn fn;
    void *user;
    const struct reader *reader;
    uint32_t base; /* first ordinal of the chunk being read */
};

static void give_mark(void *user, uint32_t value, uint32_t ordinal)
{
    const struct marks_target *target = user;
    const struct alias *alias = find_alias(target->reader, ordinal);

    target->fn(target->user, value, alias ? alias->to : ordinal);
}

static void give_chunk(struct marks_target *target, const struct chunk *chunk)
{
    for (uint32_t byte = 0; byte < CHUNK_BYTES; byte++) {
        for (unsigned bits = chunk->bits[byte]; bits; bits &= bits - 1) {
            uint32_t bit = byte * 8 + (uint32_t)__builtin_ctz(bits);
            give_mark(target, 0, target->base + bit);
        }
    }
}

static uint32_t chunk_number(struct text key)
{
    struct unpack unpack = unpack_from(key);

    unpack_u32(&unpack);
    unpack_u16(&unpack);
    return unpack_u16(&unpack);
}

typedef enum tally_err (*stored_fn)(void *user, struct text key,
                                    struct text record);

static enum tally_err give_column(void *user, struct text key,
                                  struct text record)
{
    (void)key;
    return column_read(record, give_mark, user);
}

static enum tally_err give_stored_chunk(void *user, struct text key,
                                        struct text record)
{
    struct marks_target *target = user;
    struct chunk chunk = {{0}};
    enum tally_err err = chunk_add(&chunk, record);

    target->base = chunk_number(key) * (uint32_t)CHUNK_ORDINALS;
    if (!err)
        give_chunk(target, &chunk);
    return err;
}

static enum tally_err walk_stored(struct reader *reader, enum table table,
                                  const struct key *start,
                                  const struct key *end, stored_fn fn,
                                  void *user)
{
    struct store_cursor *cursor;
    enum tally_err err =
        store_walk(reader->txn, table, key_text(start), &cursor);
    if (err)
        return err;

    while (!err) {
        struct text key;
        struct text record;
        err = store_step(cursor, &key, &record);
        if (!err && text_compare(key, key_text(end)) > 0)
            break;
        if (!err)
            err = fn(user, key, record);
    }
    store_end_walk(cursor);
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

static enum tally_err walk_chunks(struct reader *reader, uint32_t app,
                                  int32_t first, int32_t last, stored_fn fn,
                                  void *user)
{
    struct key start = key_active(app, first, 0);
    struct key end = key_active(app, last, UINT16_MAX);

    return walk_stored(reader, TABLE_ACTIVE, &start, &end, fn, user);
}

static enum tally_err walk_columns(struct reader *reader, uint32_t app,
                                   uint32_t set, int32_t first, int32_t last,
                                   stored_fn fn, void *user)
{
    struct key start = key_column(app, set, first, 0, 0);
    struct key end = key_column(app, set, last, UINT64_MAX, UINT16_MAX);

    return walk_stored(reader, TABLE_COLUMNS, &start, &end, fn, user);
}

static void give_captured_marks(const struct reader *reader, uint32_t app,
                                uint32_t set, int32_t first, int32_t last,
                                crowd_mark_fn fn, void *user)
{
    for (size_t i = 0; i < reader->day_count; i++) {
        const struct captured_day *day = &reader->days[i];
        bool is_wanted = day->app == app && day->set == set &&
                         day->day >= first && day->day <= last;
        for (size_t k = 0; is_wanted && k < day->count; k++) {
            const struct marks_pair *mark = &reader->marks[day->first + k];
            fn(user, mark->value, mark->ordinal);
        }
    }
}

static int32_t after_horizon(const struct reader *reader, uint32_t app,
                             int32_t first)
{
    struct horizon horizon = horizon_captured(reader, app);

    return first < horizon.days ? horizon.days : first;
}

enum tally_err crowd_marks(struct reader *reader, uint32_t app, uint32_t set,
                           int32_t first, int32_t last, crowd_mark_fn fn,
                           void *user)
{
    struct marks_target target = {.fn = fn, .user = user, .reader = reader};
    enum tally_err err = know_aliases(reader, app);

    first = after_horizon(reader, app, first);
    if (!err && set == 0)
        err = walk_chunks(reader, app, first, last, give_stored_chunk, &target);
    else if (!err)
        err = walk_columns(reader, app, set, first, last, give_column, &target);
    if (!err)
        give_captured_marks(reader, app, set, first, last, give_mark, &target);
    return err;
}

/* Who is wanted, as they were when they were marked: merged users are put
 * right at the end, all at once. */
struct gathering {
    struct ordinals *ordinals;
    const struct crowd_values *wanted;
    uint32_t value; /* the one seen last */
    bool is_wanted;
};

static bool is_among(const struct crowd_values *wanted, uint32_t value)
{
    size_t low = 0;
    size_t high = wanted->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (wanted->values[middle] == value)
            return true;
        if (wanted->values[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static void gather_mark(void *user, uint32_t value, uint32_t ordinal)
{
    struct gathering *gathering = user;

    if (value != gathering->value) {
        gathering->value = value;
        gathering->is_wanted = is_among(gathering->wanted, value);
    }
    if (gathering->is_wanted)
        ordinals_add(gathering->ordinals, ordinal);
}

static enum tally_err gather_column(void *user, struct text key,
                                    struct text record)
{
    (void)key;
    return column_read(record, gather_mark, user);
}

static enum tally_err gather_chunk(void *user, struct text key,
                                   struct text record)
{
    struct gathering *gathering = user;

    return ordinals_add_chunk(gathering->ordinals, chunk_number(key), record);
}

/* Each alias leads to somebody who is none. */
static void replace_aliases(const struct reader *reader,
                            struct ordinals *ordinals)
{
    for (size_t i = 0; i < reader->alias_count; i++)
        ordinals_replace(ordinals, reader->aliases[i].from,
                         reader->aliases[i].to);
}

enum tally_err crowd_with(struct reader *reader, uint32_t app,
                          const struct crowd_values *wanted, int32_t first,
                          int32_t last, struct ordinals *ordinals)
{
    struct gathering gathering = {ordinals, wanted, 0, wanted->set == 0};
    enum tally_err err = know_aliases(reader, app);

    first = after_horizon(reader, app, first);
    if (!err && wanted->set == 0)
        err = walk_chunks(reader, app, first, last, gather_chunk, &gathering);
    else if (!err)
        err = walk_columns(reader, app, wanted->set, first, last, gather_column,
                           &gathering);
    if (err)
        return err;
    give_captured_marks(reader, app, wanted->set, first, last, gather_mark,
                        &gathering);
    replace_aliases(reader, ordinals);
    return TALLY_OK;
}

enum tally_err crowd_active(struct reader *reader, uint32_t app, int32_t first,
                            int32_t last, struct ordinals *ordinals)
{
    return crowd_with(reader, app, &(struct crowd_values){.set = 0}, first,
                      last, ordinals);
}
