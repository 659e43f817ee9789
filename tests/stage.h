/*
 * stage.h - what tests of rights and management stand on: a registry with two
 * apps and a global admin, and the parameters of a request.
 */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/arena.h"
#include "metrics/params.h"
#include "metrics/registry.h"

#define STAGE_API_KEY "0123456789abcdef0123456789abcdef"
#define STAGE_ADMIN "5a0000000000000000000001"
#define STAGE_APP "5b0000000000000000000001"
#define STAGE_OTHER "5b0000000000000000000002"
#define STAGE_UNKNOWN "5b00000000000000000000ff"

struct stage {
    struct registry *registry;
    struct arena *arena;
    struct params params;
};

/* Reading the zones takes longer than most tests: once for all of them. */
static struct zones *stage_zones;

static inline void stage_open_zones(void)
{
    stage_zones = zones_create();
}

static inline void stage_close_zones(void)
{
    zones_destroy(stage_zones);
}

static inline void stage_load(struct stage *stage, uint8_t kind,
                              const char *name, const char *json)
{
    ck_assert_int_eq(
        registry_load(stage->registry, kind, text_of(name), text_of(json)),
        TALLY_OK);
}

/* Adds a member `name` with that api key; `more` are more JSON members, each
 * with a comma before it. */
static inline void stage_member(struct stage *stage, const char *id,
                                const char *name, const char *api_key,
                                const char *more)
{
    char json[1024];
    int len = snprintf(json, sizeof(json),
                       "{\"_id\":\"%s\",\"full_name\":\"%s\","
                       "\"username\":\"%s\",\"email\":\"%s@x.y\","
                       "\"password\":\"\",\"api_key\":\"%s\"%s}",
                       id, name, name, name, api_key, more);

    ck_assert_int_lt(len, (int)sizeof(json));
    stage_load(stage, KIND_MEMBER, id, json);
}

static inline void stage_open(struct stage *stage)
{
    *stage = (struct stage){0};
    stage->registry = registry_create(stage_zones);
    stage->arena = arena_create(1024 * 1024);
    stage_load(stage, KIND_APP, STAGE_APP,
               "{\"_number\":1,\"_id\":\"" STAGE_APP
               "\",\"name\":\"Vector App\",\"key\":\"k1\",\"country\":\"TR\","
               "\"timezone\":\"Etc/GMT\",\"category\":\"6\","
               "\"type\":\"mobile\"}");
    stage_load(stage, KIND_APP, STAGE_OTHER,
               "{\"_number\":2,\"_id\":\"" STAGE_OTHER
               "\",\"name\":\"Second\",\"key\":\"k2\",\"country\":\"TR\","
               "\"timezone\":\"Etc/GMT\",\"category\":\"6\","
               "\"type\":\"mobile\"}");
    stage_member(stage, STAGE_ADMIN, "admin", STAGE_API_KEY,
                 ",\"global_admin\":true");
}

static inline void stage_close(struct stage *stage)
{
    arena_destroy(stage->arena);
    registry_destroy(stage->registry);
}

static inline void stage_param(struct stage *stage, const char *name,
                               const char *value)
{
    struct param param = {.name = text_of(name), .value = text_of(value)};

    ck_assert_int_eq(params_set(&stage->params, stage->arena, param), TALLY_OK);
}

/* Begins another request: api_key and args, which may be NULL. */
static inline void stage_ask(struct stage *stage, const char *api_key,
                             const char *args)
{
    stage->params = (struct params){0};
    if (api_key)
        stage_param(stage, "api_key", api_key);
    if (args)
        stage_param(stage, "args", args);
}

#define STAGE_MAIN(suite)                            \
    int main(void)                                   \
    {                                                \
        SRunner *runner = srunner_create(suite());   \
                                                     \
        srunner_run_all(runner, CK_ENV);             \
        int failed = srunner_ntests_failed(runner);  \
        srunner_free(runner);                        \
        return failed ? EXIT_FAILURE : EXIT_SUCCESS; \
    }

#endif
