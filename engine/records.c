/*
 * The base is walked in order and merged with a sorted list of what changed
 * since. When more has changed than the list holds, it has the first of it,
 * and the walk goes on behind that with another list.
 */
#include "engine/records.h"

#include <stdlib.h>

#include "engine/key.h"
#include "engine/memory.h"
#include "engine/parts.h"

/* Which change of a name counts: the newest. Those of the batch follow. */
enum { AGE_FROZEN, AGE_ACTIVE, AGE_BATCH };

struct change {
    struct text name;
    struct text value;
    bool erased;
    uint32_t age;
};

struct walk {
    struct parts parts;
    const struct batch *batch;
    struct records_range range; /* what is left of it */
    record_fn fn;
    void *user;
    struct key shelf; /* what all keys begin with */
    struct change *changes;
    size_t count;
    size_t room;
    size_t at;     /* the next change to give */
    bool was_cut;  /* later changes were left out */
    bool is_ended; /* fn wants no more */
};

enum tally_err records_get(struct engine *engine, const struct batch *batch,
                           struct text key, struct text *value)
{
    switch (batch_ask(batch, TABLE_RECORDS, key, value)) {
    case BATCH_PUTS:
        return TALLY_OK;
    case BATCH_ERASES:
        return TALLY_ERR_NOT_FOUND;
    default:
        return engine_get(engine, TABLE_RECORDS, key, value);
    }
}

/* Changes. */

/* By name, the newest of a name first. */
static int compare_changes(const void *a, const void *b)
{
    const struct change *x = a;
    const struct change *y = b;
    int order = text_compare(x->name, y->name);

    return order != 0 ? order : (x->age < y->age) - (x->age > y->age);
}

static void sort_changes(struct walk *walk)
{
    size_t kept = 0;

    if (walk->count > 1)
        qsort(walk->changes, walk->count, sizeof(*walk->changes),
              compare_changes);
    for (size_t i = 0; i < walk->count; i++) {
        const struct change *change = &walk->changes[i];
        if (kept == 0 ||
            !text_equal(walk->changes[kept - 1].name, change->name))
            walk->changes[kept++] = *change;
    }
    walk->count = kept;
    if (walk->count > RECORDS_CHANGES_MAX) {
        walk->count = RECORDS_CHANGES_MAX;
        walk->was_cut = true;
    }
}

static bool is_of_shelf(const struct walk *walk, struct text key)
{
    return text_starts_with(key, key_text(&walk->shelf));
}

static struct text name_of(const struct walk *walk, struct text key)
{
    return (struct text){key.at + walk->shelf.len, key.len - walk->shelf.len};
}

static bool is_in_range(const struct walk *walk, struct text name)
{
    return text_starts_with(name, walk->range.prefix) &&
           text_compare(name, walk->range.after) > 0;
}

static void take_change(struct walk *walk, struct text key,
                        struct change change)
{
    if (!is_of_shelf(walk, key))
        return;
    change.name = name_of(walk, key);
    if (!is_in_range(walk, change.name))
        return;
    if (walk->count == RECORDS_CHANGES_MAX * 2)
        sort_changes(walk);
    walk->changes = memory_one_more(walk->changes, walk->count, &walk->room,
                                    sizeof(*walk->changes));
    walk->changes[walk->count++] = change;
}

static void take_overlaid(struct walk *walk, const struct overlay *overlay,
                          uint32_t age)
{
    const struct overlay_put *put =
        overlay ? overlay_first_put(overlay, TABLE_RECORDS) : NULL;

    for (; put; put = overlay_next_put(overlay, put))
        take_change(walk, overlay_key(put),
                    (struct change){.value = overlay_value(overlay, put),
                                    .erased = put->erased,
                                    .age = age});
}

static void take_batch(struct walk *walk)
{
    struct text bytes = buffer_text(&walk->batch->bytes);
    uint32_t age = AGE_BATCH;
    struct effect effect;
    size_t at = 0;

    while (at < bytes.len && effect_read(bytes, &at, &effect) == TALLY_OK) {
        bool keyed = effect.kind == EFFECT_PUT || effect.kind == EFFECT_ERASE;
        if (keyed && effect.table == TABLE_RECORDS)
            take_change(walk, effect.key,
                        (struct change){.value = effect.value,
                                        .erased = effect.kind == EFFECT_ERASE,
                                        .age = age++});
    }
}

static void gather(struct walk *walk)
{
    walk->count = 0;
    walk->at = 0;
    walk->was_cut = false;
    take_overlaid(walk, walk->parts.frozen, AGE_FROZEN);
    take_overlaid(walk, walk->parts.active, AGE_ACTIVE);
    if (walk->batch)
        take_batch(walk);
    sort_changes(walk);
}

/* Giving. */

/* Gives the changes before a name, all when it is NULL; were there any? */
static bool give_changes(struct walk *walk, const struct text *name)
{
    size_t first = walk->at;

    while (walk->at < walk->count && !walk->is_ended) {
        const struct change *change = &walk->changes[walk->at];
        if (name && text_compare(change->name, *name) >= 0)
            break;
        walk->at++;
        if (!change->erased)
            walk->is_ended = !walk->fn(walk->user, change->name, change->value);
    }
    return walk->at > first;
}

/* Gives a record of the base and what comes before it. False when the list
 * says no more. */
static bool give_stored(struct walk *walk, struct text key, struct text value,
                        enum tally_err *err)
{
    struct text name = name_of(walk, key);

    /* What fn read may have taken the value's place. */
    if (give_changes(walk, &name) && !walk->is_ended)
        *err = store_get(walk->parts.txn, TABLE_RECORDS, key, &value);
    if (*err || walk->is_ended || (walk->at == walk->count && walk->was_cut))
        return false;
    if (walk->at == walk->count ||
        !text_equal(walk->changes[walk->at].name, name))
        walk->is_ended = !walk->fn(walk->user, name, value);
    return !walk->is_ended;
}

static enum tally_err give_list(struct walk *walk)
{
    struct text after = walk->range.after;
    struct text prefix = walk->range.prefix;
    struct key first =
        key_record(walk->range.app, walk->range.shelf,
                   text_compare(after, prefix) > 0 ? after : prefix);
    struct store_cursor *cursor;
    struct text key;
    struct text value;
    enum tally_err err =
        store_walk(walk->parts.txn, TABLE_RECORDS, key_text(&first), &cursor);
    if (err)
        return err;

    do {
        err = store_step(cursor, &key, &value);
        if (err || !is_of_shelf(walk, key) ||
            !text_starts_with(name_of(walk, key), prefix))
            break;
    } while (text_equal(name_of(walk, key), after) ||
             give_stored(walk, key, value, &err));
    store_end_walk(cursor);
    if (err && err != TALLY_ERR_NOT_FOUND)
        return err;
    give_changes(walk, NULL);
    return TALLY_OK;
}

enum tally_err records_each(struct engine *engine, const struct batch *batch,
                            const struct records_range *range, record_fn fn,
                            void *user)
{
    struct walk walk = {
        .parts = engine_parts(engine),
        .batch = batch,
        .range = *range,
        .fn = fn,
        .user = user,
        .shelf = key_record(range->app, range->shelf, (struct text){NULL, 0})};
    enum tally_err err = TALLY_OK;

    do {
        gather(&walk);
        err = give_list(&walk);
        if (walk.count > 0)
            walk.range.after = walk.changes[walk.count - 1].name;
    } while (!err && !walk.is_ended && walk.was_cut);
    free(walk.changes);
    return err;
}
