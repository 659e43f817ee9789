#include "metrics/tally.h"

#include <sodium.h>
#include <stdlib.h>

#include "engine/documents.h"
#include "engine/memory.h"
#include "metrics/dues.h"
#include "metrics/kind.h"

enum {
    ITEM_ARENA = 4 << 20,
    RECORD_MAX = 160 * 1024,
    ONLINE_STORED_MAX = 1000, /* apps at once: a batch holds them */
};

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

static bool load_metric(void *user, struct text name, struct text value)
{
    struct load *load = user;

    (void)name;
    load->err = catalog_load(load->tally->catalog, value);
    return load->err == TALLY_OK;
}

static enum tally_err load_metrics(struct tally *tally)
{
    struct load load = {.tally = tally};
    enum tally_err err =
        documents_each(tally->engine, KIND_METRIC, load_metric, &load);

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

static bool load_shelf(void *user, struct text name, struct text value)
{
    struct load *load = user;

    load->err = shelves_load(load->tally->shelves, name, value);
    return load->err == TALLY_OK;
}

static enum tally_err know_shelves(struct tally *tally)
{
    struct load load = {.tally = tally};
    enum tally_err err =
        documents_each(tally->engine, KIND_SHELF, load_shelf, &load);

    return err ? err : load.err;
}

static bool load_online(void *user, struct text name, struct text value)
{
    struct load *load = user;
    struct tally *tally = load->tally;
    const struct app *app = registry_app(tally->registry, name);

    if (app)
        load->err = online_read(tally->online, app->number, value);
    return load->err == TALLY_OK;
}

static enum tally_err know_online(struct tally *tally)
{
    struct load load = {.tally = tally};
    enum tally_err err =
        documents_each(tally->engine, KIND_ONLINE, load_online, &load);

    return err ? err : load.err;
}

enum tally_err tally_open(struct engine *engine, struct tally **tally)
{
    struct tally *opened = memory_alloc(sizeof(*opened));

    opened->engine = engine;
    opened->zones = zones_create();
    opened->registry = registry_create(opened->zones);
    opened->settings = settings_default;
    opened->logins = logins_create();
    opened->arena = arena_create(ITEM_ARENA);
    opened->catalog = catalog_create();
    opened->namings = namings_create(opened->catalog);
    opened->event_marks = event_marks_create();
    opened->event_plans = event_plans_create();
    opened->shelves = shelves_create();
    opened->dues = dues_create();
    opened->docket = docket_create();
    opened->online = online_create();
    buffer_init(&opened->record, RECORD_MAX);
    batch_init(&opened->batch);
    enum tally_err err = load_kind(opened, KIND_APP);
    if (!err)
        err = load_kind(opened, KIND_MEMBER);
    if (!err)
        err = load_kind(opened, KIND_TOKEN);
    if (!err)
        err = load_metrics(opened);
    if (!err)
        err = know_shelves(opened);
    if (!err)
        err = dues_load(opened);
    if (!err)
        err = know_online(opened);
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

    logins_destroy(tally->logins);
    registry_destroy(tally->registry);
    zones_destroy(tally->zones);
    batch_finish(&tally->batch);
    arena_destroy(tally->arena);
    namings_destroy(tally->namings);
    catalog_destroy(tally->catalog);
    event_marks_destroy(tally->event_marks);
    event_plans_destroy(tally->event_plans);
    shelves_destroy(tally->shelves);
    dues_destroy(tally->dues);
    docket_destroy(tally->docket);
    online_destroy(tally->online);
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
        if (!err)
            err = catalog_accept(tally->catalog, &tally->batch);
        if (!err)
            err = shelves_accept(tally->shelves, &tally->batch);
    }
    batch_clear(&tally->batch);
    return err;
}

enum tally_err tally_add_metric(struct tally *tally,
                                const struct metric_definition *definition,
                                char reason[static DEFINITION_REASON_SIZE])
{
    enum tally_err err = catalog_check(tally->catalog, definition, reason);

    if (!err &&
        catalog_number(tally->catalog, definition->db, definition->set) == 0) {
        batch_clear(&tally->batch);
        definition_put(&tally->batch, definition,
                       catalog_next_number(tally->catalog), false);
        err = tally_apply(tally);
    }
    return err ? err : catalog_add(tally->catalog, definition, reason);
}

void tally_advance_online(struct tally *tally, int64_t now)
{
    online_advance(tally->online, (uint32_t)now,
                   tally->settings.online_window_s);
}

static void put_online(struct tally *tally, const struct app *app)
{
    uint8_t bytes[ONLINE_RECORD_SIZE];

    effect_put_document(&tally->batch, KIND_ONLINE, text_of(app->id),
                        online_write(tally->online, app->number, bytes));
}

enum tally_err tally_store_online(struct tally *tally)
{
    const struct app *risen[ONLINE_STORED_MAX];
    const struct app *app;
    unsigned count = 0;

    batch_clear(&tally->batch);
    for (unsigned i = 0; count < ONLINE_STORED_MAX &&
                         (app = registry_app_at(tally->registry, i));
         i++) {
        if (!online_rose(tally->online, app->number))
            continue;
        put_online(tally, app);
        risen[count++] = app;
    }
    enum tally_err err = count > 0 ? tally_apply(tally) : TALLY_OK;
    for (unsigned i = 0; !err && i < count; i++)
        online_keep(tally->online, risen[i]->number);
    return err;
}
