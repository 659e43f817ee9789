#include "engine/generation.h"

#include "engine/core.h"
#include "engine/effect.h"
#include "engine/key.h"
#include "engine/pack.h"

static void note_name(struct engine *engine, uint32_t app, struct unpack key,
                      uint32_t value)
{
    uint32_t set = unpack_u32(&key);
    struct text string = unpack_text(&key, unpack_left(&key));

    if (!names_find(engine->names, app, set, string))
        names_add(engine->names, app, set, string, value);
}

/* Keys start with the app's number; what follows depends on the table. */
static void note_put(struct engine *engine, const struct effect *effect)
{
    struct unpack key = unpack_from(effect->key);
    struct unpack value = unpack_from(effect->value);
    uint32_t app = unpack_u32(&key);

    switch (effect->table) {
    case TABLE_ALIASES:
        recent_redirect(engine->recent, app, unpack_u32(&key),
                        unpack_u32(&value));
        break;
    case TABLE_NAMES:
        note_name(engine, app, key, unpack_u32(&value));
        break;
    case TABLE_IDS:
        if (unpack_left(&key) == KEY_HASH_SIZE)
            devices_put(engine->devices, app, key.at, unpack_u32(&value));
        break;
    default:
        break;
    }
}

static void forget_name(struct engine *engine, uint32_t app, struct unpack key)
{
    uint32_t set = unpack_u32(&key);

    names_forget(engine->names, app, set, unpack_text(&key, unpack_left(&key)));
}

static void note_erase(struct engine *engine, const struct effect *effect)
{
    struct unpack key = unpack_from(effect->key);
    uint32_t app = unpack_u32(&key);

    if (effect->table == TABLE_USERS)
        recent_forget(engine->recent, app, unpack_u32(&key));
    else if (effect->table == TABLE_IDS && unpack_left(&key) == KEY_HASH_SIZE)
        devices_forget(engine->devices, app, key.at);
    else if (effect->table == TABLE_NAMES)
        forget_name(engine, app, key);
}

/* What is kept in memory beside the overlay. */
static void note(struct engine *engine, const struct effect *effect)
{
    if (effect->kind == EFFECT_PUT)
        note_put(engine, effect);
    else if (effect->kind == EFFECT_ERASE)
        note_erase(engine, effect);
    else if (effect->kind == EFFECT_HIT)
        recent_touch(engine->recent, effect->hit.app, effect->hit.ordinal,
                     effect->hit.seconds);
    else if (effect->kind == EFFECT_DROP)
        recent_drop(engine->recent, effect->app);
}

/* The one way in which state changes, live and at replay. */
enum tally_err generation_apply(struct engine *engine, struct overlay *overlay,
                                struct text effects)
{
    size_t at = 0;

    while (at < effects.len) {
        struct effect effect;
        enum tally_err err = effect_read(effects, &at, &effect);
        if (err)
            return err;
        overlay_apply(overlay, &effect);
        note(engine, &effect);
    }
    return TALLY_OK;
}

size_t generation_limit(const struct engine *engine)
{
    return engine->options.overlay_bytes / 2;
}

static void put_recent(void *user, uint32_t app, struct text record)
{
    struct overlay *overlay = user;
    struct key key = key_app(app);
    struct effect effect = {.kind = EFFECT_PUT,
                            .table = TABLE_RECENT,
                            .key = key_text(&key),
                            .value = record};

    overlay_apply(overlay, &effect);
}

void generation_put_recent(struct engine *engine, struct overlay *overlay)
{
    recent_each_changed(engine->recent, put_recent, overlay);
}

void generation_freeze(struct engine *engine, uint64_t to)
{
    generation_put_recent(engine, engine->active);
    struct overlay *frozen = engine->active;
    engine->active = engine->frozen;
    engine->frozen = frozen;
    engine->has_frozen = true;
    engine->sweeping = false;
    engine->frozen_to = to;
    engine->active_log = 0;
    engine->wants_checkpoint = false;
}
