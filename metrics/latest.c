#include "metrics/latest.h"

#include <stdlib.h>

#include "engine/arena.h"
#include "engine/key.h"
#include "metrics/portrait.h"
#include "metrics/user.h"

struct ranked {
    uint32_t ordinal;
    uint32_t ls;
};

static enum tally_err get_user(struct engine *engine, uint32_t app,
                               uint32_t ordinal, struct user *user)
{
    struct key key = key_user(app, ordinal);
    struct text record;
    enum tally_err err =
        engine_get(engine, TABLE_USERS, key_text(&key), &record);

    return err ? err : user_read(record, user);
}

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;

    if (x->ls != y->ls)
        return x->ls < y->ls ? 1 : -1;
    return (x->ordinal < y->ordinal) - (x->ordinal > y->ordinal);
}

/* The engine's order is that of begins; a merge may have moved `ls`. */
static enum tally_err rank(struct engine *engine, uint32_t app,
                           struct ranked ranked[static RECENT_MAX],
                           unsigned *count)
{
    struct recent_user recent[RECENT_MAX];
    unsigned found = engine_recent(engine, app, recent);

    *count = 0;
    for (unsigned i = 0; i < found; i++) {
        struct user user;
        enum tally_err err = get_user(engine, app, recent[i].ordinal, &user);
        if (err && err != TALLY_ERR_NOT_FOUND)
            return err;
        if (!err)
            ranked[(*count)++] = (struct ranked){recent[i].ordinal, user.ls};
    }
    qsort(ranked, *count, sizeof(*ranked), compare_ranked);
    return TALLY_OK;
}

enum tally_err latest_write(const struct catalog *catalog,
                            struct engine *engine, const struct app *app,
                            struct json *json)
{
    struct ranked ranked[RECENT_MAX];
    struct portrait portrait = {.engine = engine,
                                .catalog = catalog,
                                .app = app->number,
                                .app_key = text_of(app->key)};
    unsigned count;
    enum tally_err err = rank(engine, app->number, ranked, &count);
    if (err)
        return err;

    portrait.arena = arena_create(PORTRAIT_ARENA);
    json_open_array(json);
    for (unsigned i = 0; !err && i < count && i < LATEST_MAX; i++) {
        err = portrait_turn(&portrait, ranked[i].ordinal);
        if (!err)
            err = portrait_write_brief(&portrait, json);
    }
    json_close_array(json);
    arena_destroy(portrait.arena);
    return err;
}
