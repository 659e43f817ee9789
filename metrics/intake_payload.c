#include "metrics/intake_payload.h"

#include <stdio.h>

#include "metrics/intake.h"
#include "metrics/intake_hook.h"
#include "metrics/metric.h"
#include "metrics/portrait.h"

struct text payload_bool(bool value)
{
    return value ? TEXT("true") : TEXT("false");
}

struct text payload_number(char text[static PAYLOAD_NUMBER_SIZE],
                           uint64_t number)
{
    int len =
        snprintf(text, PAYLOAD_NUMBER_SIZE, "%llu", (unsigned long long)number);

    return (struct text){text, (size_t)len};
}

enum tally_err payload_app(const struct tally_call *call, const void *source,
                           struct json *json)
{
    (void)source;
    return call_write_param(call, TEXT("app"), json) ? TALLY_OK
                                                     : TALLY_ERR_NOT_FOUND;
}

enum tally_err payload_app_id(const struct tally_call *call, const void *source,
                              struct json *json)
{
    (void)source;
    json_string(json, call->app->id);
    return TALLY_OK;
}

enum tally_err payload_person(const struct tally_call *call, const void *source,
                              struct json *json)
{
    (void)source;
    return intake_write_person(call->intake, json);
}

enum tally_err intake_write_person(struct intake *intake, struct json *json)
{
    struct person *person = &intake->person;
    struct tally *tally = intake->tally;
    enum tally_err err =
        person_load_profile(tally, intake->request->arena, person);
    struct portrait portrait = {.engine = tally->engine,
                                .catalog = tally->catalog,
                                .batch = &tally->batch,
                                .app = person->app,
                                .app_key = text_of(intake->app->key),
                                .arena = intake->request->arena,
                                .ordinal = person->ordinal,
                                .user = person->user,
                                .profile = person->profile,
                                .has_profile = true};

    return err ? err : portrait_write(&portrait, json);
}

/* The user that was absorbed, as the engine still has it. */
enum tally_err payload_absorbed(const struct tally_call *call,
                                const void *source, struct json *json)
{
    const uint32_t *ordinal = source;
    struct portrait portrait = {.engine = call->tally->engine,
                                .catalog = call->tally->catalog,
                                .app = call->app->number,
                                .app_key = text_of(call->app->key),
                                .arena = arena_create(PORTRAIT_ARENA)};
    enum tally_err err = portrait_turn(&portrait, *ordinal);

    if (!err)
        err = portrait_write(&portrait, json);
    arena_destroy(portrait.arena);
    return err;
}

static void write_metric(struct json *json, const struct metric *metric)
{
    json_open_object(json);
    if (metric->key)
        json_member_string(json, "name", metric->key);
    json_member_string(json, "set", metric->name);
    json_member_string(json, "short_code", metric->short_code);
    json_close_object(json);
}

/* Metrics of one collection stand together. */
static void write_collection(struct json *json, const struct metric_list *list,
                             unsigned from)
{
    const char *collection = list->at[from]->collection;

    json_open_object(json);
    json_member_string(json, "db", collection);
    json_key_string(json, "metrics");
    json_open_array(json);
    for (unsigned i = from; i < list->count; i++) {
        if (strcmp(list->at[i]->collection, collection) == 0)
            write_metric(json, list->at[i]);
    }
    json_close_array(json);
    json_close_object(json);
}

enum tally_err payload_metrics(const struct tally_call *call,
                               const void *source, struct json *json)
{
    struct metric_list list = catalog_list(call->tally->catalog, NULL);

    (void)source;
    json_open_array(json);
    for (unsigned i = 0; i < list.count; i++) {
        unsigned first = 0;
        while (strcmp(list.at[first]->collection, list.at[i]->collection) != 0)
            first++;
        if (first == i)
            write_collection(json, &list, i);
    }
    json_close_array(json);
    return TALLY_OK;
}
