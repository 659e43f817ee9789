/*
 * call.h - management calls for tests: decided, and followed by the registry;
 * the engine is asked, but what is decided is not applied to it.
 */
#ifndef TESTS_CALL_H
#define TESTS_CALL_H

#include <cjson/cJSON.h>

#include "engine/dictionary.h"
#include "engine/engine.h"
#include "metrics/manage.h"
#include "scratch.h"
#include "stage.h"

#define RESULT(text) "{\"result\":\"" text "\"}"

enum { CALL_NOW = 1684317600 };

struct call {
    struct stage stage;
    struct engine *engine;
    struct batch batch;
    struct buffer out;
    struct manage manage;
    struct logins *logins;
    cJSON *body;      /* of the last answer */
    bool is_operator; /* who asks */
    const char *path; /* of the request; NULL: empty */
};

/* Applies the batch to the engine alone. */
static inline void call_apply(struct call *call)
{
    ck_assert_int_eq(engine_apply(call->engine, &call->batch, NULL), TALLY_OK);
    batch_clear(&call->batch);
}

/* The numbers of the stage's two apps are taken. */
static inline void call_open_engine(struct call *call)
{
    struct engine_options options = {.dir = scratch_create(),
                                     .slot_bytes = 1 << 20};
    char reason[256];
    uint32_t app;

    ck_assert_int_eq(engine_open(&options, &call->engine, reason), TALLY_OK);
    for (uint32_t number = 1; number <= 2; number++) {
        ck_assert_int_eq(dictionary_next_app(call->engine, &call->batch, &app),
                         TALLY_OK);
        ck_assert_uint_eq(app, number);
        call_apply(call);
    }
}

static inline void call_open(struct call *call)
{
    *call = (struct call){.engine = NULL};
    stage_open(&call->stage);
    call->logins = logins_create();
    batch_init(&call->batch);
    call_open_engine(call);
    buffer_init(&call->out, 1024 * 1024);
}

static inline void call_close(struct call *call)
{
    engine_close(call->engine);
    scratch_remove();
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
        .engine = call->engine,
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
