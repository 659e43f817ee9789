/*
 * call.h - management calls for tests: decided, and followed by the registry
 * without an engine in between.
 */
#ifndef TESTS_CALL_H
#define TESTS_CALL_H

#include <cjson/cJSON.h>

#include "engine/dictionary.h"
#include "metrics/manage.h"
#include "stage.h"

#define RESULT(text) "{\"result\":\"" text "\"}"

enum { CALL_NOW = 1684317600 };

struct engine {
    uint32_t last_app;
    enum tally_err failure;
};

enum tally_err dictionary_next_app(struct engine *engine, struct batch *batch,
                                   uint32_t *app)
{
    (void)batch;
    if (engine->failure)
        return engine->failure;
    *app = ++engine->last_app;
    return TALLY_OK;
}

/* No app of these tests has events. */
enum tally_err dictionary_forget(struct engine *engine, struct batch *batch,
                                 uint32_t app, uint32_t set, struct text string,
                                 int year)
{
    (void)engine;
    (void)batch;
    (void)app;
    (void)set;
    (void)string;
    (void)year;
    return TALLY_ERR_NOT_FOUND;
}

struct call {
    struct stage stage;
    struct engine engine;
    struct batch batch;
    struct buffer out;
    struct manage manage;
    struct logins *logins;
    cJSON *body;      /* of the last answer */
    bool is_operator; /* who asks */
    const char *path; /* of the request; NULL: empty */
};

static inline void call_open(struct call *call)
{
    *call = (struct call){.engine = {.last_app = 2}};
    stage_open(&call->stage);
    call->logins = logins_create();
    batch_init(&call->batch);
    buffer_init(&call->out, 1024 * 1024);
}

static inline void call_close(struct call *call)
{
    cJSON_Delete(call->body);
    logins_destroy(call->logins);
    buffer_finish(&call->out);
    batch_finish(&call->batch);
    stage_close(&call->stage);
}

typedef int (*call_fn)(struct manage *call, struct text action);

/* Decides the request without applying it. */
static inline int call_decide(struct call *call, call_fn fn, const char *action)
{
    batch_clear(&call->batch);
    buffer_clear(&call->out);
    call->manage = (struct manage){
        .claim = {.registry = call->stage.registry,
                  .params = &call->stage.params,
                  .path = text_of(call->path),
                  .now = CALL_NOW,
                  .batch = &call->batch,
                  .is_operator = call->is_operator},
        .engine = &call->engine,
        .logins = call->logins,
        .settings = &settings_default,
        .address = TEXT("192.0.2.1"),
        .now = CALL_NOW,
        .batch = &call->batch,
        .out = &call->out,
    };

    int status = fn(&call->manage, text_of(action));

    if (status == MANAGE_WAITS) {
        ck_assert(batch_is_empty(&call->batch));
        ck_assert_uint_eq(call->out.len, 0);
        password_run(&call->manage.job);
        status = fn(&call->manage, text_of(action));
    }
    cJSON_Delete(call->body);
    call->body = cJSON_ParseWithLength(call->out.at, call->out.len);
    ck_assert_ptr_nonnull(call->body);
    return status;
}

/* Decides it and, when it succeeds, has the registry follow. */
static inline int call_run(struct call *call, call_fn fn, const char *action)
{
    int status = call_decide(call, fn, action);

    if (!batch_is_empty(&call->batch))
        ck_assert_int_eq(registry_accept(call->stage.registry, &call->batch),
                         TALLY_OK);
    return status;
}

/* Every key of `want` is in `have` and equal. */
static inline bool call_covers(const cJSON *have, const cJSON *want)
{
    const cJSON *item;

    if (!cJSON_IsObject(want))
        return cJSON_Compare(have, want, 1);
    cJSON_ArrayForEach(item, want)
    {
        if (!call_covers(cJSON_GetObjectItemCaseSensitive(have, item->string),
                         item))
            return false;
    }
    return cJSON_IsObject(have);
}

/* The last answer has what `json` has, and may have more. */
static inline void call_has(const struct call *call, const char *json)
{
    cJSON *want = cJSON_Parse(json);

    ck_assert_ptr_nonnull(want);
    ck_assert_msg(call_covers(call->body, want), "%.*s lacks %s",
                  (int)call->out.len, call->out.at, json);
    cJSON_Delete(want);
}

/* The last answer is exactly `json`. */
static inline void call_is(const struct call *call, const char *json)
{
    cJSON *want = cJSON_Parse(json);

    ck_assert_ptr_nonnull(want);
    ck_assert_msg(cJSON_Compare(call->body, want, 1), "%.*s is not %s",
                  (int)call->out.len, call->out.at, json);
    cJSON_Delete(want);
}

static inline const char *call_text(const struct call *call, const char *key)
{
    const char *text =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(call->body, key));

    ck_assert_ptr_nonnull(text);
    return text;
}

#endif
