#include "metrics/bulk.h"

#include "engine/key.h"
#include "engine/pack.h"
#include "metrics/answer.h"
#include "metrics/checksum.h"
#include "metrics/scan.h"
#include "metrics/visit.h"

enum {
    SECONDS_PER_HOUR = 3600,
    KEPT_HOURS = 24,
    ANSWER_MAX = 1024,
};

/* A bulk call on its way. */
struct load {
    struct tally *tally;
    const struct ingest *request;
    struct text items;   /* the JSON array */
    struct text app_key; /* of the call */
    const struct app *app;
    enum checksum_verdict verdict; /* on the items of that app: right, wrong
                                      (they are dropped), or none */
    struct key key;                /* in BULKS */
    uint32_t done;                 /* items stored by an earlier call */
};

static struct answer find_items(const struct params *params, struct text *items)
{
    const struct param *param = params_find(params, "requests");
    struct scan_value value = {.kind = SCAN_NULL};

    if (param && param->kind != PARAM_NULL && !scan_one(param->value, &value))
        value.kind = SCAN_NULL;
    if (value.kind == SCAN_NULL)
        return (struct answer){400, "Missing parameter \"requests\""};
    if (value.kind != SCAN_ARRAY)
        return (struct answer){400, "Invalid parameter \"requests\""};
    *items = value.text;
    return (struct answer){ANSWER_OK, "Success"};
}

static bool has_too_many(struct text items)
{
    struct scan scan;
    struct scan_value item;
    unsigned count = 0;

    scan_init(&scan, items);
    if (!scan_enter(&scan, '['))
        return false;
    while (count <= BULK_ITEMS_MAX && scan_item(&scan, &item) == SCAN_MORE)
        count++;
    return count > BULK_ITEMS_MAX;
}

/* A checksum on the call covers the items of the call's app (0.4.13). */
static void judge_checksum(struct load *load)
{
    const struct params *params = load->request->params;
    struct checksum_claim claim = {
        .query = load->request->query,
        .body = load->request->body,
        .checksum = params_text(params, "checksum"),
        .checksum256 = params_text(params, "checksum256"),
    };

    load->verdict = CHECKSUM_MISSING;
    load->app = registry_app_by_key(load->tally->registry, load->app_key);
    if (load->app && app_salt(load->app).len > 0)
        load->verdict = checksum_verify(&claim, app_salt(load->app));
}

static bool is_old(struct text record, int64_t now_s)
{
    struct unpack unpack = unpack_from(record);

    unpack_u32(&unpack);
    int64_t hour = unpack_u32(&unpack);
    return !unpack.bad && hour + KEPT_HOURS < now_s / SECONDS_PER_HOUR;
}

/* Items that were dropped for a wrong checksum are not done when the body
 * comes with a right one: it is another body. */
static enum tally_err find_progress(struct load *load)
{
    uint8_t hash[IDENTITY_HASH_SIZE];
    struct text record;

    identity_device_hash(load->tally->secret, load->items, hash);
    hash[0] ^= (uint8_t)load->verdict;
    load->key = key_hash(load->app ? load->app->number : 0, hash);
    enum tally_err err = engine_get(load->tally->engine, TABLE_BULKS,
                                    key_text(&load->key), &record);
    if (err)
        return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
    if (is_old(record, load->request->now / 1000))
        return TALLY_OK;
    struct unpack unpack = unpack_from(record);
    load->done = unpack_u32(&unpack);
    return unpack.bad ? TALLY_ERR_CORRUPT : TALLY_OK;
}

static void put_progress(struct load *load, uint32_t done)
{
    uint8_t bytes[8];
    struct pack pack = pack_into(bytes, sizeof(bytes));

    pack_u32(&pack, done);
    pack_u32(&pack, (uint32_t)(load->request->now / 1000 / SECONDS_PER_HOUR));
    effect_put(&load->tally->batch, TABLE_BULKS, key_text(&load->key),
               (struct text){(char *)bytes, sizeof(bytes)});
}

/* The item's parameters; false for an item that is skipped. */
static bool read_item(struct load *load, struct text item,
                      struct params *params)
{
    if (params_add_json(params, load->tally->arena, item) != TALLY_OK ||
        !params_has(params, "device_id"))
        return false;
    if (params_has(params, "app_key"))
        return true;
    struct param key = {.name = TEXT("app_key"), .value = load->app_key};
    return load->app_key.len > 0 &&
           params_set(params, load->tally->arena, key) == TALLY_OK;
}

static bool is_of_app(const struct load *load, const struct params *params)
{
    return text_equal(params_text(params, "app_key"), load->app_key);
}

/* Does the item wait for plugins? */
static bool is_held(const struct load *load, uint32_t number)
{
    const struct visit *visit = load->request->visit;

    return visit && visit->has_item && visit->item == number;
}

/* What an item answers is nobody's concern but that of a full store. */
static int take_item(struct load *load, struct text item, uint32_t number,
                     struct params *params)
{
    struct visit *visit = load->request->visit;
    struct buffer answer;
    bool own = is_of_app(load, params);

    if (own && load->verdict == CHECKSUM_WRONG)
        return tally_apply(load->tally) ? 503 : ANSWER_OK;

    struct ingest request = {.arena = load->tally->arena,
                             .params = params,
                             .body = item,
                             .address = load->request->address,
                             .user_agent = load->request->user_agent,
                             .now = load->request->now,
                             .is_item = true,
                             .visit = visit,
                             .is_trusted =
                                 own && load->verdict == CHECKSUM_GOOD};
    buffer_init(&answer, ANSWER_MAX);
    int status = ingest_with_batch(load->tally, &request, &answer);
    buffer_finish(&answer);
    if (status == INGEST_WAITS)
        return visit_hold(visit, number, item, params) ? 503 : INGEST_WAITS;
    return status == 503 ? 503 : ANSWER_OK;
}

static int ingest_item(struct load *load, struct text item, uint32_t number)
{
    struct params params = {0};

    arena_reset(load->tally->arena);
    batch_clear(&load->tally->batch);
    put_progress(load, number + 1);
    if (is_held(load, number))
        params = load->request->visit->params;
    else if (!read_item(load, item, &params))
        return tally_apply(load->tally) ? 503 : ANSWER_OK;
    return take_item(load, item, number, &params);
}

/* An item that waited when it was stored ends before the next is taken. One
 * that did not get that far goes on, unless another call has stored it. */
static int end_held(struct load *load)
{
    struct visit *visit = load->request->visit;

    if (!visit || !visit->has_item)
        return ANSWER_OK;
    if (visit->stage == VISIT_STORED) {
        struct params params = visit->params;
        return take_item(load, visit->body, visit->item, &params);
    }
    if (visit->item < load->done)
        visit_settle(visit);
    return ANSWER_OK;
}

/* A large body can fill the log's open batch: that becomes free as soon as
 * the one before is written, so the item is tried once more. */
static int ingest_patiently(struct load *load, struct text item,
                            uint32_t number)
{
    int status = ingest_item(load, item, number);

    if (status != 503 || number == load->done)
        return status;
    if (engine_flush(load->tally->engine) != TALLY_OK)
        return status;
    return ingest_item(load, item, number);
}

static int ingest_items(struct load *load)
{
    struct scan scan;
    struct scan_value item;
    int status = end_held(load);

    scan_init(&scan, load->items);
    if (!scan_enter(&scan, '['))
        return ANSWER_OK;
    for (uint32_t number = 0; status == ANSWER_OK; number++) {
        if (scan_item(&scan, &item) != SCAN_MORE)
            break;
        if (number >= load->done)
            status = ingest_patiently(load, item.text, number);
    }
    return status;
}

int bulk(struct tally *tally, const struct ingest *request, struct buffer *out)
{
    struct load load = {.tally = tally,
                        .request = request,
                        .app_key = params_text(request->params, "app_key")};
    struct answer answer = find_items(request->params, &load.items);

    if (answer.status == ANSWER_OK && has_too_many(load.items))
        answer = (struct answer){413, "Request entity too large"};
    if (answer.status != ANSWER_OK)
        return answer_write(out, answer);
    judge_checksum(&load);
    int status = find_progress(&load) == TALLY_OK ? ingest_items(&load) : 503;
    if (status == INGEST_WAITS)
        return INGEST_WAITS;
    if (status != ANSWER_OK)
        answer = (struct answer){503, "No room at present, try again"};
    return answer_write(out, answer);
}

struct expiry {
    struct tally *tally;
    int64_t now_s;
    unsigned seen;
};

/* The base may say of a record what is no longer so. */
static bool is_to_be_erased(const struct expiry *expiry, struct text key,
                            struct text stored)
{
    struct text record;

    return is_old(stored, expiry->now_s) &&
           engine_get(expiry->tally->engine, TABLE_BULKS, key, &record) ==
               TALLY_OK &&
           is_old(record, expiry->now_s);
}

static bool expire_one(void *user, struct text key, struct text stored)
{
    struct expiry *expiry = user;
    struct tally *tally = expiry->tally;

    memcpy(tally->expired.bytes, key.at, key.len);
    tally->expired.len = key.len;
    if (is_to_be_erased(expiry, key, stored))
        effect_erase(&tally->batch, TABLE_BULKS, key_text(&tally->expired));
    return ++expiry->seen < BULK_EXPIRED_AT_ONCE;
}

enum tally_err bulk_expire(struct tally *tally, int64_t now_s)
{
    struct expiry expiry = {.tally = tally, .now_s = now_s};
    struct key from = tally->expired;

    batch_clear(&tally->batch);
    enum tally_err err = engine_stored(tally->engine, TABLE_BULKS,
                                       key_text(&from), expire_one, &expiry);
    if (expiry.seen < BULK_EXPIRED_AT_ONCE)
        tally->expired.len = 0;
    if (!err && !batch_is_empty(&tally->batch))
        err = tally_apply(tally);
    batch_clear(&tally->batch);
    return err;
}
