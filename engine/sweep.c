#include "engine/sweep.h"

#include <stdlib.h>
#include <unistd.h>

#include "engine/activity.h"
#include "engine/key.h"
#include "engine/memory.h"
#include "engine/merge.h"
#include "engine/pack.h"
#include "engine/radix.h"

enum { RECORDS = 200 };

struct sweep {
    struct sweep_options options;
    struct store_txn *txn; /* NULL between transactions */
    struct store_meta meta;
    struct sweep_pace pace;
    unsigned records;
};

bool sweep_has_passed(const struct store_meta *meta, uint64_t to,
                      enum table table, struct text key)
{
    if (meta->from >= to || meta->to < to)
        return meta->from >= to;
    if (table != meta->table)
        return table < meta->table;
    return text_compare(key, key_text(&meta->key)) <= 0;
}

/* Transactions. */

static enum tally_err begin(struct sweep *sweep)
{
    const struct sweep_options *options = &sweep->options;
    enum tally_err err = TALLY_OK;

    if (sweep->txn)
        return TALLY_OK;
    if (options->may_write)
        err = options->may_write(options->user);
    if (options->choose_pace)
        sweep->pace = options->choose_pace(options->user);
    if (!err)
        err = store_begin_write(options->store, &sweep->txn);
    return err;
}

static enum tally_err commit(struct sweep *sweep)
{
    const struct sweep_options *options = &sweep->options;
    enum tally_err err = store_put_meta(sweep->txn, &sweep->meta);
    if (err)
        return err;

    err = store_commit(sweep->txn);
    sweep->txn = NULL;
    sweep->records = 0;
    if (err)
        return err;
    if (options->committed)
        options->committed(options->user);
    if (sweep->pace.pause_us > 0)
        usleep(sweep->pace.pause_us);
    return TALLY_OK;
}

/* The record of (table, key) is written: remember, and commit now and then. */
static enum tally_err reach(struct sweep *sweep, enum table table,
                            struct text key)
{
    sweep->meta.table = table;
    sweep->meta.key.len = key.len;
    memcpy(sweep->meta.key.bytes, key.at, key.len);
    sweep->records++;
    return sweep->records < sweep->pace.records ? TALLY_OK : commit(sweep);
}

/* Stores a record, or removes it when it is empty. */
static enum tally_err write_record(struct sweep *sweep, enum table table,
                                   struct text key, struct text value)
{
    enum tally_err err = value.len > 0
                             ? store_put(sweep->txn, table, key, value)
                             : store_erase(sweep->txn, table, key);

    return err ? err : reach(sweep, table, key);
}

static bool is_done(const struct sweep *sweep, enum table table,
                    const struct key *key)
{
    return sweep_has_passed(&sweep->meta, sweep->options.to, table,
                            key_text(key));
}

/* Counters. */

struct counter_work {
    union matrix matrix;
    uint8_t bytes[MERGE_BYTES];
};

static enum tally_err merge_record(struct sweep *sweep, enum table table,
                                   const struct delta **deltas, size_t count,
                                   struct counter_work *work)
{
    struct key key = merge_key(table, deltas[0]);
    struct text record;

    if (is_done(sweep, table, &key))
        return TALLY_OK;
    enum tally_err err = begin(sweep);
    if (err)
        return err;
    merge_clear(table, &work->matrix);
    err = store_get(sweep->txn, table, key_text(&key), &record);
    if (!err)
        err = merge_add_record(table, &work->matrix, record);
    if (err && err != TALLY_ERR_NOT_FOUND)
        return err;
    for (size_t i = 0; i < count; i++)
        merge_add_delta(table, &work->matrix, deltas[i]);
    size_t len = merge_write(table, &work->matrix, work->bytes);
    return write_record(sweep, table, key_text(&key),
                        (struct text){(char *)work->bytes, len});
}

static size_t keep_those(const struct sweep *sweep, enum table table,
                         const struct delta **deltas, size_t count)
{
    const struct overlay *overlay = sweep->options.overlay;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (merge_counts(table, deltas[i]) &&
            !overlay_has_dropped(overlay, deltas[i]->app))
            deltas[kept++] = deltas[i];
    }
    return kept;
}

static enum tally_err sweep_counters(struct sweep *sweep, enum table table)
{
    size_t count;
    const struct delta **deltas =
        deltas_all(overlay_deltas(sweep->options.overlay), &count);
    struct counter_work *work = memory_alloc(sizeof(*work));
    enum tally_err err = TALLY_OK;

    count = keep_those(sweep, table, deltas, count);
    merge_sort(table, deltas, count);
    for (size_t i = 0; !err && i < count;) {
        size_t end = i + 1;
        while (end < count && merge_same_record(table, deltas[i], deltas[end]))
            end++;
        err = merge_record(sweep, table, deltas + i, end - i, work);
        i = end;
    }
    free(work);
    free(deltas);
    return err;
}

/* Puts. */

static int compare_puts(const void *a, const void *b)
{
    const struct radix_item *x = a;
    const struct radix_item *y = b;

    return text_compare(overlay_key(x->value), overlay_key(y->value));
}

/* The first bytes of a key as a number that sorts as they do. */
static uint64_t prefix_of(struct text key)
{
    uint64_t prefix = 0;

    for (size_t i = 0; i < sizeof(prefix); i++)
        prefix = prefix << 8 | (i < key.len ? (unsigned char)key.at[i] : 0);
    return prefix;
}

/* Sorts by key: most keys differ in their first bytes already. */
static void sort_puts(struct radix_item *puts, size_t count)
{
    radix_sort(puts, count);
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && puts[end].key == puts[i].key)
            end++;
        if (end - i > 1)
            qsort(puts + i, end - i, sizeof(*puts), compare_puts);
        i = end;
    }
}

static bool is_garbage(const struct sweep *sweep, const struct overlay_put *put)
{
    struct unpack unpack = unpack_from(overlay_key(put));

    return table_is_by_app((enum table)put->table) &&
           overlay_has_dropped(sweep->options.overlay, unpack_u32(&unpack));
}

static struct radix_item *sorted_puts(const struct sweep *sweep,
                                      enum table table, size_t *count)
{
    const struct overlay *overlay = sweep->options.overlay;
    struct radix_item *puts = NULL;
    size_t room = 0;
    size_t found = 0;

    for (const struct overlay_put *put = overlay_first_put(overlay, table); put;
         put = overlay_next_put(overlay, put)) {
        if (is_garbage(sweep, put))
            continue;
        puts = memory_one_more(puts, found, &room, sizeof(*puts));
        puts[found++] = (struct radix_item){prefix_of(overlay_key(put)), put};
    }
    sort_puts(puts, found);
    *count = found;
    return puts;
}

static enum tally_err sweep_put(struct sweep *sweep,
                                const struct overlay_put *put)
{
    struct text key = overlay_key(put);
    struct text value = overlay_value(sweep->options.overlay, put);
    enum tally_err err = begin(sweep);
    if (err)
        return err;

    err = put->erased
              ? store_erase(sweep->txn, (enum table)put->table, key)
              : store_put(sweep->txn, (enum table)put->table, key, value);
    return err ? err : reach(sweep, (enum table)put->table, key);
}

static enum tally_err sweep_puts(struct sweep *sweep, enum table table)
{
    size_t count;
    struct radix_item *puts = sorted_puts(sweep, table, &count);
    enum tally_err err = TALLY_OK;

    for (size_t i = 0; !err && i < count; i++) {
        if (!sweep_has_passed(&sweep->meta, sweep->options.to, table,
                              overlay_key(puts[i].value)))
            err = sweep_put(sweep, puts[i].value);
    }
    free(puts);
    return err;
}

/* Activity. */

static int compare_numbers(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare_marks(const void *a, const void *b)
{
    const struct marks_day *x = *(const struct marks_day *const *)a;
    const struct marks_day *y = *(const struct marks_day *const *)b;
    int order = compare_numbers(x->app, y->app);

    if (order == 0)
        order = compare_numbers(x->set, y->set);
    return order != 0 ? order : compare_numbers(x->day, y->day);
}

static enum tally_err merge_chunk(struct sweep *sweep,
                                  const struct marks_day *marks,
                                  const struct marks_pair *list, size_t count)
{
    uint32_t number = list[0].ordinal / CHUNK_ORDINALS;
    struct key key = key_active(marks->app, marks->day, number);
    struct chunk chunk = {{0}};
    uint8_t bytes[CHUNK_BYTES];
    struct text record;

    if (is_done(sweep, TABLE_ACTIVE, &key))
        return TALLY_OK;
    enum tally_err err = begin(sweep);
    if (err)
        return err;
    err = store_get(sweep->txn, TABLE_ACTIVE, key_text(&key), &record);
    if (!err)
        err = chunk_add(&chunk, record);
    if (err && err != TALLY_ERR_NOT_FOUND)
        return err;
    for (size_t i = 0; i < count; i++)
        chunk_set(&chunk, list[i].ordinal % CHUNK_ORDINALS);
    return write_record(sweep, TABLE_ACTIVE, key_text(&key),
                        chunk_write(&chunk, bytes));
}

static enum tally_err sweep_chunks(struct sweep *sweep,
                                   const struct marks_day *marks,
                                   const struct marks_pair *list, size_t count)
{
    enum tally_err err = TALLY_OK;

    for (size_t i = 0; !err && i < count;) {
        size_t end = i + 1;
        uint32_t number = list[i].ordinal / CHUNK_ORDINALS;
        while (end < count && list[end].ordinal / CHUNK_ORDINALS == number)
            end++;
        err = merge_chunk(sweep, marks, list + i, end - i);
        i = end;
    }
    return err;
}

static enum tally_err sweep_columns(struct sweep *sweep,
                                    const struct marks_day *marks,
                                    const struct marks_pair *list, size_t count)
{
    uint8_t bytes[COLUMN_BYTES];
    enum tally_err err = TALLY_OK;

    for (uint16_t part = 0; !err && count > 0; part++) {
        struct key key = key_column(marks->app, marks->set, marks->day,
                                    sweep->options.to, part);
        size_t len;
        size_t written = column_write(list, count, bytes, &len);
        if (!is_done(sweep, TABLE_COLUMNS, &key)) {
            err = begin(sweep);
            if (!err)
                err = write_record(sweep, TABLE_COLUMNS, key_text(&key),
                                   (struct text){(char *)bytes, len});
        }
        list += written;
        count -= written;
    }
    return err;
}

static enum tally_err sweep_day(struct sweep *sweep,
                                const struct marks_day *marks)
{
    struct marks_pair *list = memory_alloc(marks->count * sizeof(*list));

    marks_copy(overlay_marks(sweep->options.overlay), marks, list);
    size_t count = column_sort(list, marks->count);
    enum tally_err err = marks->set == 0
                             ? sweep_chunks(sweep, marks, list, count)
                             : sweep_columns(sweep, marks, list, count);
    free(list);
    return err;
}

static enum tally_err sweep_marks(struct sweep *sweep, enum table table)
{
    const struct overlay *overlay = sweep->options.overlay;
    size_t count;
    const struct marks_day **marks = marks_all(overlay_marks(overlay), &count);
    enum tally_err err = TALLY_OK;

    qsort(marks, count, sizeof(*marks), compare_marks);
    for (size_t i = 0; !err && i < count; i++) {
        bool whole = marks[i]->set == 0;
        if (whole == (table == TABLE_ACTIVE) &&
            !overlay_has_dropped(overlay, marks[i]->app))
            err = sweep_day(sweep, marks[i]);
    }
    free(marks);
    return err;
}

static enum tally_err sweep_table(struct sweep *sweep, enum table table)
{
    if (table <= TABLE_YEARS)
        return sweep_counters(sweep, table);
    if (table == TABLE_ACTIVE || table == TABLE_COLUMNS)
        return sweep_marks(sweep, table);
    return sweep_puts(sweep, table);
}

static enum tally_err finish(struct sweep *sweep)
{
    enum tally_err err = begin(sweep);
    if (err)
        return err;

    sweep->meta.from = sweep->options.to;
    sweep->meta.to = sweep->options.to;
    sweep->meta.chain = sweep->options.chain;
    sweep->meta.table = 0;
    sweep->meta.key.len = 0;
    return commit(sweep);
}

static enum tally_err read_meta(struct sweep *sweep)
{
    struct store_txn *txn;
    enum tally_err err = store_begin_read(sweep->options.store, &txn);
    if (err)
        return err;

    err = store_get_meta(txn, &sweep->meta);
    store_abort(txn);
    if (!err && sweep->meta.from == sweep->meta.to) {
        sweep->meta.to = sweep->options.to;
        sweep->meta.table = 0;
        sweep->meta.key.len = 0;
    }
    return err;
}

enum tally_err sweep(const struct sweep_options *options)
{
    struct sweep run = {.options = *options, .pace = options->pace};

    if (run.pace.records == 0)
        run.pace.records = RECORDS;
    enum tally_err err = read_meta(&run);
    for (enum table table = 0; !err && table < TABLE_COUNT; table++)
        err = sweep_table(&run, table);
    if (!err)
        err = finish(&run);
    store_abort(run.txn);
    return err;
}
