#include "http/plugin_start.h"

#include "metrics/call.h"

enum { ARENA_MAX = 4 << 20 };

static enum tally_err fire(struct tally *tally, enum hook hook, int64_t now)
{
    struct arena *arena = arena_create(ARENA_MAX);
    struct tally_call call = {
        .tally = tally, .arena = arena, .now = now, .batch = &tally->batch};

    batch_clear(&tally->batch);
    (void)plugins_fire(tally->plugins, hook, &call);
    arena_destroy(arena);
    if (batch_is_empty(&tally->batch))
        return TALLY_OK;
    enum tally_err err = tally_apply(tally);
    return err ? err : engine_flush(tally->engine);
}

enum tally_err plugin_start(struct tally *tally, int64_t now)
{
    static const enum hook hooks[] = {HOOK_MASTER, HOOK_WORKER};
    enum tally_err err = TALLY_OK;

    for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]) && !err; i++) {
        if (plugins_listen(tally->plugins, hooks[i]))
            err = fire(tally, hooks[i], now);
    }
    return err;
}
