/*
 * Management calls. Some have to hash a password first: that takes tens of
 * milliseconds and happens on another thread, a few at a time.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "http/address.h"
#include "http/field.h"
#include "http/hook_call.h"
#include "http/route.h"
#include "metrics/manage.h"

enum { PASSWORDS_AT_ONCE = 2 };

struct call {
    uv_work_t work;
    struct service *service;
    struct exchange *exchange;
    struct text path;         /* of the call */
    const char *content_type; /* NULL: JSON */
    char network[ADDRESS_SIZE];
    struct manage manage;
    struct tally_call hooks;
    struct batch batch;
};

static const struct answer no_such_path = {400, "Invalid path"};

static void decide(struct call *call);

static void call_on_hash(uv_work_t *work)
{
    struct call *call = work->data;

    password_run(&call->manage.job);
}

static void call_on_hashed(uv_work_t *work, int status)
{
    struct call *call = work->data;

    (void)status;
    call->service->passwords--;
    decide(call);
}

static void end(struct call *call)
{
    batch_finish(&call->batch);
    free(call);
}

static void add_fields(const struct call *call, int status)
{
    char seconds[16];

    if (status == 429) {
        snprintf(seconds, sizeof(seconds), "%u", (unsigned)call->manage.wait);
        exchange_add_header(call->exchange, "Retry-After", seconds);
    } else if (status == 401 && call->content_type) {
        exchange_add_header(call->exchange, "WWW-Authenticate",
                            "Basic realm=\"tallyd\"");
    }
}

static void answer(struct call *call, int status)
{
    struct service *service = call->service;
    struct exchange *exchange = call->exchange;
    const char *content_type = status == 429 ? NULL : call->content_type;
    enum tally_err err = TALLY_OK;

    if (!batch_is_empty(&call->batch)) {
        batch_clear(&service->tally->batch);
        batch_append(&service->tally->batch, &call->batch);
        err = tally_apply(service->tally);
    }
    add_fields(call, status);
    end(call);
    uint64_t lsn = engine_lsn(service->engine);
    if (err) {
        hook_call_drop(exchange);
        buffer_clear(exchange->out);
        route_answer_no_room(exchange, lsn);
        return;
    }
    if (text_has_prefix(exchange->path, "/i/apps/reset"))
        keeper_hurry(&service->keeper);
    hook_call_answer(service, exchange, status, content_type);
}

static void hash(struct call *call)
{
    struct service *service = call->service;

    if (service->passwords == PASSWORDS_AT_ONCE) {
        struct exchange *exchange = call->exchange;
        manage_give_up(&call->manage);
        end(call);
        route_answer_no_room(exchange, engine_lsn(service->engine));
        return;
    }
    service->passwords++;
    call->work.data = call;
    uv_queue_work(service->loop, &call->work, call_on_hash, call_on_hashed);
}

static void decide(struct call *call)
{
    int status = manage_call(&call->manage, call->path);

    if (status == MANAGE_WAITS)
        hash(call);
    else if (status == MANAGE_IS_NONE)
        answer(call, answer_write(call->exchange->out, no_such_path));
    else
        answer(call, status);
}

static struct call *begin(struct service *service, struct exchange *exchange)
{
    struct call *call = memory_alloc(sizeof(*call));

    call->service = service;
    call->exchange = exchange;
    call->path = exchange->path;
    batch_init(&call->batch);
    address_network(call->network, exchange->address);
    call->manage = (struct manage){
        .claim = route_claim(service, exchange, &call->batch),
        .engine = service->engine,
        .plugins = service->tally->plugins,
        .logins = service->tally->logins,
        .settings = &service->tally->settings,
        .catalog = service->tally->catalog,
        .address = text_of(call->network),
        .now = exchange->now / 1000,
        .batch = &call->batch,
        .out = exchange->out,
    };
    if (hook_call_fill(service, exchange, &call->hooks))
        call->manage.hooks = &call->hooks;
    return call;
}

void route_manage(struct service *service, struct exchange *exchange)
{
    decide(begin(service, exchange));
}

void route_notes(struct service *service, struct exchange *exchange)
{
    struct call *call = begin(service, exchange);

    call->path = TEXT("/o/notes");
    decide(call);
}

/* Leaves both empty when there is no header of that form. */
static void read_basic(struct exchange *exchange, struct text *username,
                       struct text *password)
{
    static const struct text scheme = TEXT_INIT("basic ");
    struct text value = field_trim(exchange_header(exchange, "authorization"));
    size_t len;

    if (!field_has_prefix(value, scheme.at))
        return;
    char *plain = arena_alloc(exchange->arena, value.len);
    if (!plain ||
        sodium_base642bin((unsigned char *)plain, value.len,
                          value.at + scheme.len, value.len - scheme.len, " ",
                          &len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return;
    const char *colon = memchr(plain, ':', len);
    if (!colon)
        return;
    *username = (struct text){plain, (size_t)(colon - plain)};
    *password = (struct text){colon + 1, len - username->len - 1};
}

void route_api_key(struct service *service, struct exchange *exchange)
{
    struct call *call = begin(service, exchange);

    call->content_type = "text/plain; charset=utf-8";
    read_basic(exchange, &call->manage.username, &call->manage.password);
    decide(call);
}
