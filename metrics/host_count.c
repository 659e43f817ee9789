/*
 * What plugins add to a request: values, counts, properties of the user.
 */
#include "engine/dictionary.h"
#include "metrics/call.h"
#include "metrics/document.h"
#include "metrics/host.h"
#include "metrics/intake_hook.h"
#include "metrics/value.h"

enum { METRICS_MAX = DOCUMENT_SIZE_MAX };

/* --- values --- */

static struct text write_metrics(struct tally_call *call, const cJSON *metrics)
{
    struct buffer out;
    struct json json;
    struct text text = {NULL, 0};

    buffer_init(&out, METRICS_MAX);
    json_init(&json, &out, JSON_PLAIN);
    document_write(&json, metrics);
    if (buffer_is_whole(&out))
        text =
            (struct text){arena_strndup(call->arena, out.at, out.len), out.len};
    buffer_finish(&out);
    return text;
}

/* The request's `metrics` get the value: all that follows reads them. */
static int host_set_metric(struct tally_call *call, const char *name,
                           struct tally_text value)
{
    if ((call->hook != HOOK_SDK && call->hook != HOOK_SESSION_METRICS) ||
        !call->intake || !call->params)
        return TALLY_E_NOT_HERE;
    const struct param *given = params_find(call->params, "metrics");
    const char *text = arena_strndup(call->arena, value.at, value.len);
    cJSON *metrics = given ? document_parse(given->value) : NULL;

    if (!metrics)
        metrics = cJSON_CreateObject();
    cJSON_DeleteItemFromObjectCaseSensitive(metrics, name);
    if (text && value.len > 0)
        cJSON_AddStringToObject(metrics, name, text);
    struct param param = {.name = TEXT("metrics"),
                          .value = write_metrics(call, metrics),
                          .kind = PARAM_JSON};
    cJSON_Delete(metrics);
    if (!text || !param.value.at ||
        params_set(call->params, call->arena, param) != TALLY_OK)
        return TALLY_E_TOO_BIG;
    return 0;
}

/* --- counts --- */

/* Only what the plugin has registered itself. */
static const struct metric *own_metric(const struct tally_call *call,
                                       const char *db, const char *set)
{
    const struct plugins *plugins = call->plugins;

    for (size_t i = 0; i < plugins->metric_count; i++) {
        const struct tally_metric *metric = &plugins->metrics[i].metric;
        const char *name = metric->set ? metric->set : metric->db;
        if (plugins->metrics[i].plugin == call->plugin &&
            strcmp(metric->db, db) == 0 && strcmp(name, set) == 0)
            return catalog_find(call->tally->catalog, db, set);
    }
    return NULL;
}

static bool is_addend(int64_t number)
{
    return number >= -COUNT_ADD_MAX && number <= COUNT_ADD_MAX;
}

/* The levels whose start is after `last`. */
static void add_uniques(const struct moment *moment, int64_t u, int64_t last,
                        struct count *count)
{
    static const enum count_field fields[MOMENT_LEVELS] = {
        [MOMENT_HOUR] = COUNT_U_HOUR, [MOMENT_DAY] = COUNT_U_DAY,
        [MOMENT_WEEK] = COUNT_U_WEEK, [MOMENT_MONTH] = COUNT_U_MONTH,
        [MOMENT_YEAR] = COUNT_U_YEAR,
    };

    for (int i = 0; i < MOMENT_LEVELS; i++) {
        bool has_level =
            i != MOMENT_HOUR || (count->value == 0 && !count->no_hour);
        if (has_level &&
            moment_is_first(moment, (enum moment_level)i, (uint32_t)last))
            count->add[fields[i]] = u;
    }
}

/* The id under which the value counts; without a total one that is known. */
static enum tally_err name_value(struct tally_call *call,
                                 const struct moment *moment,
                                 const struct tally_count *given,
                                 struct count *count)
{
    struct tally *tally = call->tally;
    struct value value;

    if (!value_plain(host_text(given->value), &value))
        return TALLY_ERR_INVALID;
    if (given->t <= 0)
        return dictionary_find(tally->engine, count->app, count->set,
                               value_text(&value), &count->value);
    enum tally_err err = dictionary_count(
        tally->engine, call->batch, count->app, count->set, value_text(&value),
        moment->date.year, tally->settings.metric_limit, &count->value);
    loss_add(&tally->losses, LOSS_METRIC_LIMIT, err == TALLY_ERR_TOO_BIG);
    return err;
}

static int failure_of(enum tally_err err)
{
    switch (err) {
    case TALLY_OK:
        return 0;
    case TALLY_ERR_INVALID:
        return TALLY_E_INVALID;
    case TALLY_ERR_NOT_FOUND:
        return TALLY_E_NOT_FOUND;
    case TALLY_ERR_TOO_BIG:
        return TALLY_E_TOO_BIG;
    default:
        return TALLY_E_IO;
    }
}

static bool is_count(const struct tally_count *given)
{
    return given->size >= sizeof(*given) && given->db && is_addend(given->t) &&
           is_addend(given->n) && is_addend(given->u) && given->last >= 0 &&
           given->last <= UINT32_MAX;
}

static int host_count(struct tally_call *call, const struct tally_count *given)
{
    struct moment moment;

    if (!call->intake || !call->batch || !call_moment(call, &moment))
        return TALLY_E_NOT_HERE;
    if (!is_count(given))
        return TALLY_E_INVALID;
    const struct metric *metric =
        own_metric(call, given->db, given->set ? given->set : given->db);
    if (!metric)
        return TALLY_E_NOT_FOUND;
    struct count count = {.app = call->app->number,
                          .set = metric->set,
                          .hour = moment.hour,
                          .no_hour = given->no_hour != 0,
                          .add = {[COUNT_T] = given->t, [COUNT_N] = given->n}};
    enum tally_err err = TALLY_OK;
    if (given->value.len > 0)
        err = name_value(call, &moment, given, &count);
    if (err)
        return failure_of(err);
    add_uniques(&moment, given->u, given->last, &count);
    effect_count(call->batch, &count);
    return 0;
}

/* --- properties of the user --- */

/* What is stored of the user is complete once /i has been called. */
static int host_set_user(struct tally_call *call, const char *name,
                         struct tally_text json)
{
    if (!call->intake || !call->intake->has_person || !call->batch ||
        call->hook == HOOK_SDK_END)
        return TALLY_E_NOT_HERE;
    return intake_set_extra(call->intake, text_of(name), host_text(json));
}

void host_add_count(struct tally_host *host)
{
    host->set_metric = host_set_metric;
    host->count = host_count;
    host->set_user = host_set_user;
}
