#include "metrics/event_choice.h"

#include "engine/dictionary.h"
#include "metrics/document.h"
#include "metrics/event.h"
#include "metrics/scan.h"
#include "metrics/set.h"

static bool has(const struct event_choice *choice, uint32_t id)
{
    for (unsigned i = 0; i < choice->count; i++) {
        if (choice->list[i].id == id)
            return true;
    }
    return false;
}

static enum tally_err make_room(struct arena *arena,
                                struct event_choice *choice, size_t room)
{
    if (room > EVENT_CHOICE_MAX)
        return TALLY_ERR_TOO_BIG;
    choice->count = 0;
    choice->list = arena_alloc(arena, (room + 1) * sizeof(*choice->list));
    return choice->list ? TALLY_OK : TALLY_ERR_TOO_BIG;
}

static enum tally_err add(struct engine *engine, uint32_t app, struct text key,
                          struct event_choice *choice)
{
    uint32_t id;

    if (key.len == 0 || key.len > EVENT_KEY_MAX)
        return TALLY_OK;
    enum tally_err err = dictionary_find(engine, app, SET_EVENTS, key, &id);

    if (err)
        return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
    if (!has(choice, id))
        choice->list[choice->count++] = (struct event_chosen){id, key};
    return TALLY_OK;
}

enum tally_err event_choice_one(struct engine *engine, uint32_t app,
                                struct arena *arena, struct text key,
                                struct event_choice *choice)
{
    enum tally_err err = make_room(arena, choice, 1);

    return err ? err : add(engine, app, key, choice);
}

static bool decode(const struct scan_value *item, struct arena *arena,
                   struct text *key)
{
    char *bytes = arena_alloc(arena, item->text.len + 1);

    if (item->kind != SCAN_STRING || !bytes)
        return false;
    *key = (struct text){bytes, scan_decode(bytes, item->text)};
    return true;
}

/* How many items an array has; false when it is none. */
static bool count_items(struct text json, size_t *count)
{
    struct scan_value value;
    struct scan scan;

    if (!scan_one(json, &value) || value.kind != SCAN_ARRAY)
        return false;
    scan_init(&scan, value.text);
    *count = 0;
    if (!scan_enter(&scan, '['))
        return false;
    while (scan_item(&scan, &value) == SCAN_MORE)
        ++*count;
    return true;
}

enum tally_err event_choice_listed(struct engine *engine, uint32_t app,
                                   struct arena *arena, struct text json,
                                   struct event_choice *choice, bool *is_list)
{
    struct scan_value item;
    struct scan scan;
    struct text key;
    size_t room = 0;

    *choice = (struct event_choice){0};
    *is_list = count_items(json, &room);
    if (!*is_list)
        return TALLY_OK;
    enum tally_err err = make_room(arena, choice, room);
    scan_init(&scan, json);
    scan_enter(&scan, '[');
    while (!err && scan_item(&scan, &item) == SCAN_MORE) {
        if (decode(&item, arena, &key))
            err = add(engine, app, key, choice);
    }
    return err;
}

/* A text of the engine's lives until its next call only. */
static enum tally_err add_id(struct engine *engine, uint32_t app,
                             struct arena *arena, uint32_t id, bool own,
                             struct event_choice *choice)
{
    struct text key;
    enum tally_err err = dictionary_string(engine, app, SET_EVENTS, id, &key);

    if (err)
        return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
    if (own && event_is_internal(key))
        return TALLY_OK;
    char *copy = arena_strndup(arena, key.at, key.len);
    if (!copy || choice->count == EVENT_CHOICE_MAX)
        return TALLY_ERR_TOO_BIG;
    choice->list[choice->count++] = (struct event_chosen){id, {copy, key.len}};
    return TALLY_OK;
}

enum tally_err event_choice_all(struct engine *engine, uint32_t app,
                                struct arena *arena, bool own,
                                struct event_choice *choice)
{
    uint32_t last = 0;
    enum tally_err err = dictionary_last_value(engine, app, SET_EVENTS, &last);

    if (!err)
        err = make_room(arena, choice,
                        last < EVENT_CHOICE_MAX ? last : EVENT_CHOICE_MAX);
    for (uint32_t id = 1; !err && id <= last; id++)
        err = add_id(engine, app, arena, id, own, choice);
    return err;
}

static const struct event_chosen *find(const struct event_choice *choice,
                                       const char *key)
{
    for (unsigned i = 0; i < choice->count; i++) {
        if (text_is(choice->list[i].key, key))
            return &choice->list[i];
    }
    return NULL;
}

static const struct event_chosen *first_of(const struct event_choice *all,
                                           const struct event_plan *plan)
{
    const cJSON *order = document_find(event_plan_document(plan), "order");
    const struct event_chosen *first = NULL;
    const cJSON *item;

    cJSON_ArrayForEach(item, order)
    {
        const char *key = cJSON_GetStringValue(item);
        first = key ? find(all, key) : NULL;
        if (first)
            return first;
    }
    for (unsigned i = 0; i < all->count; i++) {
        if (!first || text_compare(all->list[i].key, first->key) < 0)
            first = &all->list[i];
    }
    return first;
}

enum tally_err event_choice_first(struct engine *engine, uint32_t app,
                                  struct arena *arena,
                                  const struct event_plan *plan,
                                  struct event_choice *choice)
{
    struct event_choice all;
    enum tally_err err = event_choice_all(engine, app, arena, true, &all);

    if (!err)
        err = make_room(arena, choice, 1);
    if (err)
        return err;
    const struct event_chosen *first = first_of(&all, plan);
    if (first)
        choice->list[choice->count++] = *first;
    return TALLY_OK;
}
