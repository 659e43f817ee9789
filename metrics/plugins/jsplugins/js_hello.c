#include "metrics/plugins/jsplugins/js_hello.h"

#include <string.h>

#include "metrics/plugins/jsplugins/js_call.h"

static const cJSON *item_of(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *string_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(item_of(object, name));
}

/* --- metrics --- */

static void learn_metric(struct jsplugins *js, const char *db,
                         const cJSON *item)
{
    struct tally_metric metric = {.size = sizeof(metric),
                                  .db = db,
                                  .name = string_of(item, "name"),
                                  .set = string_of(item, "set"),
                                  .short_code = string_of(item, "short_code")};

    if (cJSON_IsTrue(item_of(item, "is_user_prop")))
        metric.flags |= TALLY_METRIC_USER_PROPERTY;
    if (cJSON_IsTrue(item_of(item, "no_tracking")))
        metric.flags |= TALLY_METRIC_NO_TRACKING;
    int failure = metric.db && metric.name ? js->host->metric(js->self, &metric)
                                           : TALLY_E_INVALID;
    if (failure)
        js_log(js, TALLY_LOG_ERROR, "the metric %.64s of %.64s cannot be: %d",
               metric.name ? metric.name : "?", db ? db : "?", failure);
}

static void learn_metrics(struct jsplugins *js)
{
    const cJSON *collection;
    const cJSON *metric;

    cJSON_ArrayForEach(collection, item_of(js->hello, "metrics"))
    {
        const char *db = string_of(collection, "db");

        cJSON_ArrayForEach(metric, item_of(collection, "metrics"))
            learn_metric(js, db, metric);
    }
}

/* --- hooks --- */

static uint64_t learn_members(struct jsplugins *js, const cJSON *names)
{
    uint64_t set = 0;
    const cJSON *name;

    cJSON_ArrayForEach(name, names)
    {
        unsigned number = cJSON_IsString(name)
                              ? js_members_add(&js->members, name->valuestring)
                              : JS_MEMBERS_MAX;

        if (number < JS_MEMBERS_MAX)
            set |= UINT64_C(1) << number;
    }
    return set;
}

/* Metrics that handlers push whatever the request is need no asking. */
static bool is_settled(const struct jsplugins *js, const char *path)
{
    return strcmp(path, "/session/metrics") == 0 &&
           !cJSON_IsTrue(item_of(js->hello, "looks"));
}

static void learn_listeners(struct jsplugins *js)
{
    const cJSON *names;

    cJSON_ArrayForEach(names, item_of(js->hello, "listeners"))
    {
        uint64_t set = learn_members(js, names);

        if (is_settled(js, names->string))
            continue;
        if (set == 0 || !js_hooks_add(&js->hooks, names->string, set))
            js_log(js, TALLY_LOG_ERROR, "%.100s cannot be listened to",
                   names->string);
    }
}

static void register_hook(struct jsplugins *js, struct js_hook *hook)
{
    hook->js = js;
    int failure =
        hook->kind == JS_NOT_HERE
            ? TALLY_E_NOT_HERE
            : js->host->on(js->self, hook->path, js_call_on_hook, hook, 0);
    if (failure)
        js_log(js, TALLY_LOG_ERROR,
               "%s cannot be listened to in JavaScript: %d", hook->path,
               failure);
}

void js_hello_learn(struct jsplugins *js)
{
    learn_metrics(js);
    learn_listeners(js);
    js_hooks_add(&js->hooks, "/worker", 0); /* documents are there then */
    for (unsigned i = 0; i < js->hooks.count; i++)
        register_hook(js, &js->hooks.list[i]);
}
