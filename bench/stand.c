#include "bench/stand.h"

#include <stdio.h>
#include <stdlib.h>

#include "http/form.h"
#include "metrics/kind.h"

enum { ARENA_MAX = 4 << 20, ANSWER_MAX = 64 * 1024 };

static const char app_id[] = "5b0000000000000000000001";
static const char app_json[] =
    "{\"_number\":1,\"_id\":\"5b0000000000000000000001\",\"name\":\"Bench\","
    "\"key\":\"" STAND_APP_KEY "\",\"country\":\"DE\",\"timezone\":\"UTC\","
    "\"category\":\"6\",\"type\":\"mobile\"}";

void stand_must(enum tally_err err, const char *what)
{
    if (!err)
        return;
    fprintf(stderr, "%s: %s\n", what, tally_err_text(err));
    exit(EXIT_FAILURE);
}

static void add_app(struct tally *tally)
{
    if (registry_app_by_key(tally->registry, TEXT(STAND_APP_KEY)))
        return;
    effect_put_document(&tally->batch, KIND_APP, text_of(app_id),
                        text_of(app_json));
    stand_must(tally_apply(tally), "adding the app");
}

void stand_open(struct stand *stand, const struct engine_options *options)
{
    char reason[256];

    stand_must(engine_open(options, &stand->engine, reason), reason);
    stand_must(tally_open(stand->engine, &stand->tally), "loading");
    stand->arena = arena_create(ARENA_MAX);
    buffer_init(&stand->out, ANSWER_MAX);
    add_app(stand->tally);
}

void stand_close(struct stand *stand)
{
    arena_destroy(stand->arena);
    buffer_finish(&stand->out);
    tally_close(stand->tally);
    engine_close(stand->engine);
}

int stand_take(struct stand *stand, struct text query, int64_t now)
{
    struct params params = {0};
    struct ingest request = {
        .arena = stand->arena, .params = &params, .query = query, .now = now};

    arena_reset(stand->arena);
    buffer_clear(&stand->out);
    stand_must(form_add_encoded(&params, stand->arena, query), "decoding");
    return ingest(stand->tally, &request, &stand->out);
}
