#include "engine/crowd.h"

#include <stdlib.h>

#include "engine/activity.h"
#include "engine/captured.h"
#include "engine/key.h"
#include "engine/memory.h"
#include "engine/pack.h"
#include "engine/parts.h"

/* Capturing. */

static void capture_day(struct reader *reader, const struct overlay *overlay,
                        uint32_t app, uint32_t set, int32_t day)
{
    const struct marks *marks = overlay ? overlay_marks(overlay) : NULL;
    const struct marks_day *found =
        marks ? marks_find(marks, app, set, day) : NULL;
    if (!found)
        return;

    struct marks_pair *copy = memory_alloc(found->count * sizeof(*copy));
    marks_copy(marks, found, copy);
    for (uint32_t i = 0; i < found->count; i++) {
        reader->marks =
            memory_one_more(reader->marks, reader->mark_count,
                            &reader->mark_room, sizeof(*reader->marks));
        reader->marks[reader->mark_count++] =
            (struct captured_mark){app, set, day, copy[i]};
    }
    free(copy);
}

void crowd_capture(struct reader *reader, uint32_t app, uint32_t set,
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

/* Reading. Merged users form a forest: each alias points to who it became.
 * Both arrays are sorted by `from`, chains followed. */

struct alias {
    uint32_t from;
    uint32_t to;
};

struct marks_target {
    crowd_mark_fn fn;
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

enum tally_err crowd_marks(struct reader *reader, uint32_t app, uint32_t set,
                           int32_t first, int32_t last, crowd_mark_fn fn,
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

enum tally_err crowd_active(struct reader *reader, uint32_t app, int32_t first,
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
