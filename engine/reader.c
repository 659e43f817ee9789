#include "engine/reader.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/activity.h"
#include "engine/key.h"
#include "engine/memory.h"
#include "engine/merge.h"
#include "engine/pack.h"
#include "engine/parts.h"
#include "engine/sweep.h"

enum { RECORDS_BYTES_MAX = 1 << 30 };

/* A copy of a delta, and whether it comes from the frozen generation: then
 * the base may hold it already. */
struct captured_delta {
    struct overlay_delta delta; /* first: pointers to it are sorted */
    bool frozen;
};

struct captured_series {
    uint32_t app;
    uint32_t set;
};

struct captured_mark {
    uint32_t app;
    uint32_t set;
    int32_t day;
    struct overlay_mark mark;
};

struct captured_record {
    enum table table;
    bool erased;
    size_t key;
    size_t key_len;
    size_t value;
    size_t value_len;
};

struct reader {
    struct engine *engine;
    struct store_txn *txn;
    struct store_meta meta;
    uint64_t frozen_to; /* the last batch of the frozen generation */
    struct captured_series *series;
    size_t series_count;
    size_t series_room;
    struct captured_delta *deltas;
    size_t delta_count;
    size_t delta_room;
    /* The deltas in the order of their records: of days (and hours), of
     * years. Made when first read. */
    const struct overlay_delta **by_day;
    const struct overlay_delta **by_year;
    struct captured_mark *marks;
    size_t mark_count;
    size_t mark_room;
    struct captured_record *records;
    size_t record_count;
    size_t record_room;
    struct buffer bytes; /* keys and values of the records */
};

enum tally_err reader_open(struct engine *engine, struct reader **reader)
{
    struct reader *opened = memory_alloc(sizeof(*opened));
    struct parts parts = engine_parts(engine);
    enum tally_err err = store_begin_read(parts.store, &opened->txn);

    if (!err)
        err = store_get_meta(opened->txn, &opened->meta);
    if (err) {
        store_abort(opened->txn);
        free(opened);
        return err;
    }
    opened->engine = engine;
    opened->frozen_to = parts.frozen_to;
    buffer_init(&opened->bytes, RECORDS_BYTES_MAX);
    *reader = opened;
    return TALLY_OK;
}

void reader_close(struct reader *reader)
{
    if (!reader)
        return;

    store_abort(reader->txn);
    free(reader->series);
    free(reader->deltas);
    free(reader->by_day);
    free(reader->by_year);
    free(reader->marks);
    free(reader->records);
    buffer_finish(&reader->bytes);
    free(reader);
}

/* Capturing. */

static void capture_delta(struct reader *reader,
                          const struct overlay_delta *delta, bool frozen)
{
    reader->deltas =
        memory_one_more(reader->deltas, reader->delta_count,
                        &reader->delta_room, sizeof(*reader->deltas));
    reader->deltas[reader->delta_count++] =
        (struct captured_delta){*delta, frozen};
}

static void capture_deltas(struct reader *reader, const struct overlay *overlay,
                           bool frozen, uint32_t app, uint32_t set)
{
    const struct overlay_day *day =
        overlay ? overlay_first_day(overlay, app, set) : NULL;

    assert(!reader->by_day && !reader->by_year);
    for (; day; day = overlay_next_day(overlay, day)) {
        const struct overlay_delta *delta = overlay_first_delta(overlay, day);
        for (; delta; delta = overlay_next_delta(overlay, delta))
            capture_delta(reader, delta, frozen);
    }
}

/* False when it has been noted before: its deltas would count twice. */
static bool note_series(struct reader *reader, uint32_t app, uint32_t set)
{
    for (size_t i = 0; i < reader->series_count; i++) {
        if (reader->series[i].app == app && reader->series[i].set == set)
            return false;
    }
    reader->series =
        memory_one_more(reader->series, reader->series_count,
                        &reader->series_room, sizeof(*reader->series));
    reader->series[reader->series_count++] = (struct captured_series){app, set};
    return true;
}

void reader_capture_series(struct reader *reader, uint32_t app, uint32_t set)
{
    struct parts parts = engine_parts(reader->engine);
    struct key key = key_string(app, set, 0);

    if (!note_series(reader, app, set))
        return;
    key.len -= 4;
    capture_deltas(reader, parts.active, false, app, set);
    capture_deltas(reader, parts.frozen, true, app, set);
    reader_capture_table(reader, TABLE_STRINGS, key_text(&key));
}

static void capture_day(struct reader *reader, const struct overlay *overlay,
                        uint32_t app, uint32_t set, int32_t day)
{
    const struct overlay_marks *marks =
        overlay ? overlay_find_marks(overlay, app, set, day) : NULL;
    if (!marks)
        return;

    struct overlay_mark *copy = memory_alloc(marks->count * sizeof(*copy));
    overlay_copy_marks(overlay, marks, copy);
    for (uint32_t i = 0; i < marks->count; i++) {
        reader->marks =
            memory_one_more(reader->marks, reader->mark_count,
                            &reader->mark_room, sizeof(*reader->marks));
        reader->marks[reader->mark_count++] =
            (struct captured_mark){app, set, day, copy[i]};
    }
    free(copy);
}

void reader_capture_marks(struct reader *reader, uint32_t app, uint32_t set,
                          int32_t first, int32_t last)
{
    struct parts parts = engine_parts(reader->engine);
    struct key key = key_app(app);

    for (int32_t day = first; day <= last; day++) {
        capture_day(reader, parts.active, app, set, day);
        capture_day(reader, parts.frozen, app, set, day);
    }
    reader_capture_table(reader, TABLE_ALIASES, key_text(&key));
}

static void capture_record(struct reader *reader, const struct overlay *overlay,
                           const struct overlay_put *put)
{
    struct text key = overlay_key(put);
    struct text value = overlay_value(overlay, put);
    struct captured_record record = {.table = (enum table)put->table,
                                     .erased = put->erased,
                                     .key = reader->bytes.len,
                                     .key_len = key.len,
                                     .value = reader->bytes.len + key.len,
                                     .value_len = value.len};

    buffer_add_text(&reader->bytes, key);
    buffer_add_text(&reader->bytes, value);
    reader->records =
        memory_one_more(reader->records, reader->record_count,
                        &reader->record_room, sizeof(*reader->records));
    reader->records[reader->record_count++] = record;
}

void reader_capture_table(struct reader *reader, enum table table,
                          struct text prefix)
{
    struct parts parts = engine_parts(reader->engine);
    const struct overlay *both[] = {parts.active, parts.frozen};

    for (int i = 0; i < 2 && both[i]; i++) {
        const struct overlay_put *put = overlay_first_put(both[i], table);
        for (; put; put = overlay_next_put(both[i], put)) {
            struct text key = overlay_key(put);
            bool newer =
                i == 1 && overlay_find(parts.active, table, key) != NULL;
            if (!newer && text_starts_with(key, prefix))
                capture_record(reader, both[i], put);
        }
    }
}

/* Counters. */

/* A walk over one counter table and its captured deltas. */
struct walk {
    struct reader *reader;
    enum table table;
    struct text prefix; /* app and set */
    uint32_t first;     /* day or year */
    uint32_t last;
    const struct overlay_delta **deltas;
    size_t count;
    size_t next;
    struct store_cursor *cursor;
    struct text key; /* of the base's present record; empty at the end */
    struct text record;
    union matrix matrix;
};

/* Day or year of a key; the block behind it, 0 for HOURS. */
static uint32_t key_time(struct text key, uint32_t *block)
{
    struct unpack unpack = unpack_from(key);

    unpack_u64(&unpack);
    uint32_t time = unpack_u16(&unpack);
    *block = unpack_left(&unpack) >= 4 ? unpack_u32(&unpack) : 0;
    return time;
}

/* `delta` is the first member of a captured one. */
static bool is_in_base(const struct reader *reader, enum table table,
                       const struct overlay_delta *delta, const struct key *key)
{
    const struct captured_delta *captured = (const void *)delta;

    return captured->frozen &&
           sweep_has_passed(&reader->meta, reader->frozen_to, table,
                            key_text(key));
}

static const struct overlay_delta **in_order(struct reader *reader,
                                             enum table table)
{
    const struct overlay_delta ***order =
        table == TABLE_YEARS ? &reader->by_year : &reader->by_day;

    if (*order)
        return *order;
    *order = memory_alloc((reader->delta_count + 1) * sizeof(**order));
    for (size_t i = 0; i < reader->delta_count; i++)
        (*order)[i] = &reader->deltas[i].delta;
    merge_sort(table, *order, reader->delta_count);
    return *order;
}

/* Where the first delta stands whose key is not before `start`. */
static size_t first_from(const struct walk *walk,
                         const struct overlay_delta **order, struct text start)
{
    size_t low = 0;
    size_t high = walk->reader->delta_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        struct key key = merge_key(walk->table, order[middle]);
        if (text_compare(key_text(&key), start) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The deltas of the walk that the base does not have. */
static void pick_deltas(struct walk *walk, struct text start)
{
    struct reader *reader = walk->reader;
    const struct overlay_delta **order = in_order(reader, walk->table);
    size_t room = 0;

    for (size_t i = first_from(walk, order, start); i < reader->delta_count;
         i++) {
        struct key key = merge_key(walk->table, order[i]);
        uint32_t block;
        if (!text_starts_with(key_text(&key), walk->prefix) ||
            key_time(key_text(&key), &block) > walk->last)
            break;
        if (!merge_counts(walk->table, order[i]) ||
            is_in_base(reader, walk->table, order[i], &key))
            continue;
        walk->deltas = memory_one_more(walk->deltas, walk->count, &room,
                                       sizeof(*walk->deltas));
        walk->deltas[walk->count++] = order[i];
    }
}

static enum tally_err step_base(struct walk *walk)
{
    uint32_t block;
    enum tally_err err = store_step(walk->cursor, &walk->key, &walk->record);

    if (err && err != TALLY_ERR_NOT_FOUND)
        return err;
    if (err || !text_starts_with(walk->key, walk->prefix) ||
        key_time(walk->key, &block) > walk->last)
        walk->key.len = 0;
    return TALLY_OK;
}

/* Puts the next record, base and deltas together, into the matrix; its key
 * goes to *key, empty at the end. */
static enum tally_err next_record(struct walk *walk, struct key *key)
{
    enum tally_err err = TALLY_OK;
    bool from_base = walk->key.len > 0;
    bool from_deltas = walk->next < walk->count;

    key->len = 0;
    if (from_deltas)
        *key = merge_key(walk->table, walk->deltas[walk->next]);
    if (from_base && from_deltas) {
        int order = text_compare(walk->key, key_text(key));
        from_base = order <= 0;
        from_deltas = order >= 0;
    }
    merge_clear(walk->table, &walk->matrix);
    if (from_base) {
        key->len = walk->key.len;
        memcpy(key->bytes, walk->key.at, walk->key.len);
        err = merge_add_record(walk->table, &walk->matrix, walk->record);
        if (!err)
            err = step_base(walk);
    }
    if (from_deltas) {
        const struct overlay_delta *first = walk->deltas[walk->next];
        while (walk->next < walk->count &&
               merge_same_record(walk->table, first, walk->deltas[walk->next]))
            merge_add_delta(walk->table, &walk->matrix,
                            walk->deltas[walk->next++]);
    }
    return err;
}

typedef void (*record_fn)(void *user, uint32_t time, uint32_t block,
                          const union matrix *matrix);

static enum tally_err walk_counters(struct walk *walk, record_fn fn, void *user)
{
    struct key start = {.len = walk->prefix.len};

    memcpy(start.bytes, walk->prefix.at, walk->prefix.len);
    start.bytes[start.len++] = (uint8_t)(walk->first >> 8);
    start.bytes[start.len++] = (uint8_t)walk->first;
    pick_deltas(walk, key_text(&start));
    enum tally_err err = store_walk(walk->reader->txn, walk->table,
                                    key_text(&start), &walk->cursor);
    if (!err)
        err = step_base(walk);
    while (!err) {
        struct key key;
        uint32_t block;
        err = next_record(walk, &key);
        if (err || key.len == 0)
            break;
        uint32_t time = key_time(key_text(&key), &block);
        fn(user, time, block, &walk->matrix);
    }
    store_end_walk(walk->cursor);
    free(walk->deltas);
    return err;
}

struct cell_target {
    reader_cell_fn fn;
    void *user;
    bool hours;
};

static void give_cells(void *user, uint32_t time, uint32_t block,
                       const union matrix *matrix)
{
    const struct cell_target *target = user;

    for (unsigned row = 0; row < DAY_BLOCK; row++) {
        if (cells_row_is_zero(&matrix->cells, row))
            continue;
        struct reader_cell cell = {.day = (int32_t)time,
                                   .at = matrix->cells.at[row]};
        if (target->hours)
            cell.hour = row;
        else
            cell.value = block * DAY_BLOCK + row;
        target->fn(target->user, &cell);
    }
}

static enum tally_err read_cells(struct reader *reader, enum table table,
                                 uint32_t app, uint32_t set, int32_t first,
                                 int32_t last, struct cell_target *target)
{
    struct key key = key_string(app, set, 0);

    key.len -= 4;
    if (first < 0)
        first = 0;
    if (last > UINT16_MAX)
        last = UINT16_MAX;
    if (first > last)
        return TALLY_OK;
    struct walk *walk = memory_alloc(sizeof(*walk));
    walk->reader = reader;
    walk->table = table;
    walk->prefix = key_text(&key);
    walk->first = (uint32_t)first;
    walk->last = (uint32_t)last;
    enum tally_err err = walk_counters(walk, give_cells, target);
    free(walk);
    return err;
}

enum tally_err reader_days(struct reader *reader, uint32_t app, uint32_t set,
                           int32_t first, int32_t last, reader_cell_fn fn,
                           void *user)
{
    struct cell_target target = {fn, user, false};

    return read_cells(reader, TABLE_DAYS, app, set, first, last, &target);
}

enum tally_err reader_hours(struct reader *reader, uint32_t app, uint32_t set,
                            int32_t first, int32_t last, reader_cell_fn fn,
                            void *user)
{
    struct cell_target target = {fn, user, true};

    return read_cells(reader, TABLE_HOURS, app, set, first, last, &target);
}

struct year_target {
    reader_year_fn fn;
    void *user;
};

static void give_years(void *user, uint32_t time, uint32_t block,
                       const union matrix *matrix)
{
    const struct year_target *target = user;

    for (unsigned row = 0; row < YEAR_BLOCK; row++) {
        if (years_row_is_zero(&matrix->years, row))
            continue;
        struct reader_year year = {.year = (int)time,
                                   .value = block * YEAR_BLOCK + row,
                                   .at = matrix->years.at[row]};
        target->fn(target->user, &year);
    }
}

enum tally_err reader_years(struct reader *reader, uint32_t app, uint32_t set,
                            int first, int last, reader_year_fn fn, void *user)
{
    struct key key = key_string(app, set, 0);
    struct year_target target = {fn, user};
    struct walk *walk = memory_alloc(sizeof(*walk));

    key.len -= 4;
    walk->reader = reader;
    walk->table = TABLE_YEARS;
    walk->prefix = key_text(&key);
    walk->first = (uint32_t)first;
    walk->last = (uint32_t)last;
    enum tally_err err = walk_counters(walk, give_years, &target);
    free(walk);
    return err;
}

/* Records. */

static struct text bytes_at(const struct reader *reader, size_t at, size_t len)
{
    return (struct text){reader->bytes.at + at, len};
}

static int compare_records(const void *a, const void *b, void *user)
{
    const struct captured_record *x = a;
    const struct captured_record *y = b;
    const struct reader *reader = user;

    if (x->table != y->table)
        return x->table < y->table ? -1 : 1;
    return text_compare(bytes_at(reader, x->key, x->key_len),
                        bytes_at(reader, y->key, y->key_len));
}

static bool is_captured(struct reader *reader, enum table table,
                        struct text key)
{
    size_t low = 0;
    size_t high = reader->record_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct captured_record *record = &reader->records[middle];
        int order =
            record->table != table
                ? (record->table < table ? -1 : 1)
                : text_compare(bytes_at(reader, record->key, record->key_len),
                               key);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Of the sorted records; one that was captured twice is given once. */
static bool give_captured(struct reader *reader, enum table table,
                          struct text prefix, reader_record_fn fn, void *user)
{
    for (size_t i = 0; i < reader->record_count; i++) {
        const struct captured_record *record = &reader->records[i];
        struct text key = bytes_at(reader, record->key, record->key_len);
        bool is_repeat =
            i > 0 && compare_records(record - 1, record, reader) == 0;
        if (record->table == table && !record->erased && !is_repeat &&
            text_starts_with(key, prefix) &&
            !fn(user, key, bytes_at(reader, record->value, record->value_len)))
            return false;
    }
    return true;
}

enum tally_err reader_records(struct reader *reader, enum table table,
                              struct text prefix, reader_record_fn fn,
                              void *user)
{
    struct store_cursor *cursor;
    struct text key;
    struct text value;

    if (reader->record_count > 0)
        qsort_r(reader->records, reader->record_count, sizeof(*reader->records),
                compare_records, reader);
    if (!give_captured(reader, table, prefix, fn, user))
        return TALLY_OK;
    enum tally_err err = store_walk(reader->txn, table, prefix, &cursor);
    if (err)
        return err;
    do {
        err = store_step(cursor, &key, &value);
    } while (!err && text_starts_with(key, prefix) &&
             (is_captured(reader, table, key) || fn(user, key, value)));
    store_end_walk(cursor);
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

struct name_target {
    reader_name_fn fn;
    void *user;
};

static bool give_name(void *user, struct text key, struct text value)
{
    const struct name_target *target = user;
    struct unpack unpack = unpack_from(key);

    unpack_u64(&unpack);
    target->fn(target->user, unpack_u32(&unpack), value);
    return true;
}

enum tally_err reader_names(struct reader *reader, uint32_t app, uint32_t set,
                            reader_name_fn fn, void *user)
{
    struct key key = key_string(app, set, 0);
    struct name_target target = {fn, user};

    key.len -= 4;
    return reader_records(reader, TABLE_STRINGS, key_text(&key), give_name,
                          &target);
}

/* Activity. Merged users form a forest: each alias points to who it became.
 * Both arrays are sorted by `from`, chains followed. */

struct alias {
    uint32_t from;
    uint32_t to;
};

struct marks_target {
    reader_mark_fn fn;
    void *user;
    struct alias *aliases;
    size_t count;
    size_t room;
    uint32_t base; /* first ordinal of the chunk being read */
};

static bool add_alias(void *user, struct text key, struct text value)
{
    struct marks_target *target = user;
    struct unpack from = unpack_from(key);
    struct unpack to = unpack_from(value);

    unpack_u32(&from);
    target->aliases = memory_one_more(target->aliases, target->count,
                                      &target->room, sizeof(*target->aliases));
    target->aliases[target->count++] =
        (struct alias){unpack_u32(&from), unpack_u32(&to)};
    return true;
}

static int compare_aliases(const void *a, const void *b)
{
    const struct alias *x = a;
    const struct alias *y = b;

    return (x->from > y->from) - (x->from < y->from);
}

static struct alias *find_alias(const struct marks_target *target,
                                uint32_t ordinal)
{
    struct alias wanted = {ordinal, 0};

    return target->count == 0 ? NULL
                              : bsearch(&wanted, target->aliases, target->count,
                                        sizeof(wanted), compare_aliases);
}

static void follow_chains(struct marks_target *target)
{
    if (target->count > 1)
        qsort(target->aliases, target->count, sizeof(*target->aliases),
              compare_aliases);
    for (size_t i = 0; i < target->count; i++) {
        uint32_t root = target->aliases[i].to;
        const struct alias *next = find_alias(target, root);
        for (size_t steps = 0; next && steps < target->count; steps++) {
            root = next->to;
            next = find_alias(target, root);
        }
        target->aliases[i].to = root;
    }
}

static void give_mark(void *user, uint32_t value, uint32_t ordinal)
{
    const struct marks_target *target = user;
    const struct alias *alias = find_alias(target, ordinal);

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
                                   struct marks_target *target)
{
    struct key start = key_column(app, set, first, 0, 0);
    struct key end = key_column(app, set, last, UINT64_MAX, UINT16_MAX);

    return walk_stored(reader, TABLE_COLUMNS, &start, &end, give_column,
                       target);
}

static enum tally_err read_aliases(struct reader *reader, uint32_t app,
                                   struct marks_target *target)
{
    struct key key = key_app(app);
    enum tally_err err = reader_records(reader, TABLE_ALIASES, key_text(&key),
                                        add_alias, target);

    if (!err)
        follow_chains(target);
    return err;
}

static bool is_among(const struct captured_mark *captured, uint32_t app,
                     uint32_t set, int32_t first, int32_t last)
{
    return captured->app == app && captured->set == set &&
           captured->day >= first && captured->day <= last;
}

enum tally_err reader_marks(struct reader *reader, uint32_t app, uint32_t set,
                            int32_t first, int32_t last, reader_mark_fn fn,
                            void *user)
{
    struct marks_target target = {.fn = fn, .user = user};
    enum tally_err err = read_aliases(reader, app, &target);

    if (!err && set == 0)
        err = walk_chunks(reader, app, first, last, give_stored_chunk, &target);
    else if (!err)
        err = walk_columns(reader, app, set, first, last, &target);
    for (size_t i = 0; !err && i < reader->mark_count; i++) {
        const struct captured_mark *captured = &reader->marks[i];
        if (is_among(captured, app, set, first, last))
            give_mark(&target, captured->mark.value, captured->mark.ordinal);
    }
    free(target.aliases);
    return err;
}

static enum tally_err add_stored_chunk(void *user, struct text key,
                                       struct text record)
{
    return ordinals_add_chunk(user, chunk_number(key), record);
}

enum tally_err reader_active(struct reader *reader, uint32_t app, int32_t first,
                             int32_t last, struct ordinals *ordinals)
{
    struct marks_target target = {.fn = NULL};
    enum tally_err err = read_aliases(reader, app, &target);

    if (!err)
        err = walk_chunks(reader, app, first, last, add_stored_chunk, ordinals);
    for (size_t i = 0; !err && i < reader->mark_count; i++) {
        const struct captured_mark *captured = &reader->marks[i];
        if (is_among(captured, app, 0, first, last))
            ordinals_add(ordinals, captured->mark.ordinal);
    }
    /* Each alias leads to somebody who is none. */
    for (size_t i = 0; !err && i < target.count; i++)
        ordinals_replace(ordinals, target.aliases[i].from,
                         target.aliases[i].to);
    free(target.aliases);
    return err;
}
