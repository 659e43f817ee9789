#include "engine/reader.h"

#include <stdlib.h>

#include "engine/captured.h"
#include "engine/memory.h"
#include "engine/parts.h"

enum { RECORDS_BYTES_MAX = 1 << 30 };

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
    free(reader->horizons);
    free(reader->series);
    free(reader->deltas);
    free(reader->by_day);
    free(reader->by_year);
    free(reader->days);
    free(reader->marks);
    free(reader->aliases);
    free(reader->records);
    buffer_finish(&reader->bytes);
    free(reader);
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
    reader->in_order = false;
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

static struct text key_at(const struct reader *reader, size_t i)
{
    return bytes_at(reader, reader->records[i].key, reader->records[i].key_len);
}

static void put_in_order(struct reader *reader)
{
    if (!reader->in_order && reader->record_count > 0)
        qsort_r(reader->records, reader->record_count, sizeof(*reader->records),
                compare_records, reader);
    reader->in_order = true;
}

/* Where the first of the sorted records stands that is not before `key`. */
static size_t first_from(const struct reader *reader, enum table table,
                         struct text key)
{
    size_t low = 0;
    size_t high = reader->record_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        enum table found = reader->records[middle].table;
        bool before = found != table
                          ? found < table
                          : text_compare(key_at(reader, middle), key) < 0;
        if (before)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_captured(const struct reader *reader, enum table table,
                        struct text key)
{
    size_t i = first_from(reader, table, key);

    return i < reader->record_count && reader->records[i].table == table &&
           text_equal(key_at(reader, i), key);
}

enum tally_err reader_get(struct reader *reader, enum table table,
                          struct text key, struct text *value)
{
    put_in_order(reader);
    if (!is_captured(reader, table, key))
        return store_get(reader->txn, table, key, value);

    const struct captured_record *record =
        &reader->records[first_from(reader, table, key)];

    if (record->erased)
        return TALLY_ERR_NOT_FOUND;
    *value = bytes_at(reader, record->value, record->value_len);
    return TALLY_OK;
}

/* Of the sorted records; one that was captured twice is given once. */
static bool give_captured(struct reader *reader, enum table table,
                          struct text prefix, reader_record_fn fn, void *user)
{
    for (size_t i = first_from(reader, table, prefix); i < reader->record_count;
         i++) {
        const struct captured_record *record = &reader->records[i];
        struct text key = key_at(reader, i);
        bool is_repeat =
            i > 0 && compare_records(record - 1, record, reader) == 0;
        if (record->table != table || !text_starts_with(key, prefix))
            break;
        if (!record->erased && !is_repeat &&
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

    put_in_order(reader);
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

enum tally_err reader_stored(struct reader *reader, enum table table,
                             struct text first, reader_record_fn fn, void *user)
{
    return store_each(reader->txn, table, first, fn, user);
}
