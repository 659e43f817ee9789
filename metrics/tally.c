#include "metrics/tally.h"

#include <sodium.h>
#include <stdlib.h>

#include "engine/documents.h"
#include "engine/memory.h"
#include "metrics/kind.h"

enum { ITEM_ARENA = 4 << 20, RECORD_MAX = 160 * 1024 };

struct load {
    struct tally *tally;
    uint8_t kind;
    enum tally_err err;
};

static bool load_one(void *user, struct text name, struct text value)
{
    struct load *load = user;

    load->err = registry_load(load->tally->registry, load->kind, name, value);
    return load->err == TALLY_OK;
}

static enum tally_err load_kind(struct tally *tally, uint8_t kind)
{
    struct load load = {tally, kind, TALLY_OK};
    enum tally_err err = documents_each(tally->engine, kind, load_one, &load);

    return err ? err : load.err;
}

static bool load_secret(void *user, struct text name, struct text value)
{
    struct tally *tally = user;

    if (!text_is(name, "secret") || value.len != sizeof(tally->secret))
        return true;
    memcpy(tally->secret, value.at, value.len);
    return false;
}

static enum tally_err know_secret(struct tally *tally)
{
    static const uint8_t none[IDENTITY_KEY_SIZE];
    enum tally_err err =
        documents_each(tally->engine, KIND_SETTING, load_secret, tally);

    if (err || sodium_memcmp(tally->secret, none, sizeof(none)) != 0)
        return err;
    randombytes_buf(tally->secret, sizeof(tally->secret));
    effect_put_document(
        &tally->batch, KIND_SETTING, TEXT("secret"),
        (struct text){(char *)tally->secret, sizeof(tally->secret)});
    err = tally_apply(tally);
    return err ? err : engine_flush(tally->engine);
}

enum tally_err tally_open(struct engine *engine, struct tally **tally)
{
    struct tally *opened = memory_alloc(sizeof(*opened));

    opened->engine = engine;
    opened->zones = zones_create();
    opened->registry = registry_create(opened->zones);
    opened->settings = settings_default;
    opened->arena = arena_create(ITEM_ARENA);
    opened->namings = namings_create();
    opened->event_marks = event_marks_create();
    opened->event_plans = event_plans_create();
    opened->docket = docket_create();
    buffer_init(&opened->record, RECORD_MAX);
    batch_init(&opened->batch);
    enum tally_err err = load_kind(opened, KIND_APP);
    if (!err)
        err = load_kind(opened, KIND_MEMBER);
    if (!err)
        err = load_kind(opened, KIND_TOKEN);
    if (!err)
        err = know_secret(opened);
    hash_key_derive(&opened->request_key, opened->secret);
    if (err) {
        tally_close(opened);
        return err;
    }
    *tally = opened;
    return TALLY_OK;
}

void tally_close(struct tally *tally)
{
    if (!tally)
        return;

    registry_destroy(tally->registry);
    zones_destroy(tally->zones);
    batch_finish(&tally->batch);
    arena_destroy(tally->arena);
    namings_destroy(tally->namings);
    event_marks_destroy(tally->event_marks);
    event_plans_destroy(tally->event_plans);
    docket_destroy(tally->docket);
    buffer_finish(&tally->record);
    sodium_memzero(tally->secret, sizeof(tally->secret));
    sodium_memzero(&tally->request_key, sizeof(tally->request_key));
    free(tally);
}

enum tally_err tally_apply(struct tally *tally)
{
    enum tally_err err = engine_apply(tally->engine, &tally->batch, NULL);

    if (!err && tally->batch.has_documents) {
        err = registry_accept(tally->registry, &tally->batch);
        event_plans_accept(tally->event_plans, &tally->batch);
    }
    batch_clear(&tally->batch);
    return err;
}
