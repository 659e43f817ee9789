/*
 * recorder.c - a plugin for tests: writes down what it is called for, and does
 * what the request asks it to.
 *
 * Settings: `file`, where each call appends a line
 * {"hook": ..., "values": {...}, "params": {...}}; `hooks`, the ones that it
 * listens to, with commas (those of `signatures` below when it is not set; a
 * path of its own can be one); `values`, more names of the payload to write;
 * `orders`, for calls whose request has none.
 *
 * The parameter `recorder` of a request is an order or an array of orders:
 * {"hook": "/sdk", "do": "cancel", ...}. An order is carried out when its hook
 * fires; `verbs` below has what can be done. What a verb returned stands in
 * the line as "did": [number, ...], what it read as "got".
 */
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "metrics/tally_plugin.h"

enum { HOOKS_MAX = 64, NAMES_MAX = 512 };

static const struct tally_host *host;

/* The hooks, and the names of their payload besides params. */
static const struct signature {
    const char *hook;
    const char *names; /* with blanks */
} signatures[] = {
    {"/master", ""},
    {"/worker", ""},
    {"/", ""},
    {"/sdk", "app"},
    {"/sdk/end", ""},
    {"/i", "app"},
    {"/o", "app"},
    {"/o/validate", "app"},
    {"/validation/user", ""},
    {"/i/events", "currEvent"},
    {"/session/begin", "dbAppUser isNewUser updates"},
    {"/session/extend", "dbAppUser updates"},
    {"/session/end", "dbAppUser updates"},
    {"/session/post", "dbAppUser session_duration end_session updates"},
    {"/session/duration", "session_duration"},
    {"/session/user", "dbAppUser"},
    {"/session/metrics", "predefinedMetrics userProps user isNewUser"},
    {"/session/retention", "user isNewUser"},
    {"/o/method/total_users", "shortcodesForMetrics match"},
    {"/i/apps/create", "appId data"},
    {"/i/apps/update", "appId data"},
    {"/i/apps/reset", "appId data"},
    {"/i/apps/clear", "appId data moment ids"},
    {"/i/apps/clear_all", "appId data"},
    {"/i/apps/delete", "appId data"},
    {"/i/users/create", "data member"},
    {"/i/users/update", "data member"},
    {"/i/users/delete", "data member"},
    {"/i/app_users/create", "app_id user"},
    {"/i/app_users/update", "app_id query update"},
    {"/i/app_users/delete", "app_id query uids"},
    {"/i/app_users/export", "app_id query uids"},
    {"/i/device_id", "app_id oldUser newUser"},
    {"/systemlogs", "action data"},
    {"/plugins/drill", "dbAppUser events"},
    {"/view/duration", "duration viewName"},
    {"/consent/change", "changes"},
};

enum { SIGNATURES = sizeof(signatures) / sizeof(signatures[0]) };

/* Of params; what is not known is left out. */
static const char params[] =
    "href apiPath fullPath paths bulk ip_address cancelRequest app_id app_cc "
    "app_name appTimezone app_user_id app_user member time qstring user "
    "session_duration request_id";

struct recorder {
    FILE *file;
    const char *values; /* more names, with blanks */
    const char *orders; /* JSON; NULL: none */
    char hooks[HOOKS_MAX][128];
    unsigned hook_count;
};

/* A call that is being written down. */
struct record {
    struct tally_call *call;
    cJSON *line;
    int result; /* what the handler returns */
};

/* --- verbs --- */

static struct tally_text text_of(const cJSON *order, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(order, key));

    return (struct tally_text){text ? text : "", text ? strlen(text) : 0};
}

static const char *string_of(const cJSON *order, const char *key)
{
    return text_of(order, key).at;
}

static int number_of(const cJSON *order, const char *key, int standard)
{
    const cJSON *item = cJSON_GetObjectItem(order, key);

    return cJSON_IsNumber(item) ? item->valueint : standard;
}

/* The JSON of a member; cJSON_free() it. */
static char *json_of(const cJSON *order, const char *key)
{
    const cJSON *item = cJSON_GetObjectItem(order, key);

    return item ? cJSON_PrintUnformatted(item) : NULL;
}

static struct tally_text text_at(const char *text)
{
    return (struct tally_text){text, text ? strlen(text) : 0};
}

static void got(struct record *record, struct tally_text json)
{
    cJSON *value = json.len > 0 ? cJSON_ParseWithLength(json.at, json.len)
                                : cJSON_CreateNull();

    cJSON_AddItemToObject(record->line, "got",
                          value ? value : cJSON_CreateString("not JSON"));
}

static int do_cancel(struct record *record, const cJSON *order)
{
    return host->cancel(record->call, string_of(order, "reason"));
}

static int do_return(struct record *record, const cJSON *order)
{
    record->result = number_of(order, "number", TALLY_PASS);
    return 0;
}

static int do_deny(struct record *record, const cJSON *order)
{
    (void)order;
    record->result = TALLY_DENY;
    return 0;
}

static int do_set_param(struct record *record, const cJSON *order)
{
    return host->set_param(record->call, string_of(order, "name"),
                           text_of(order, "value"));
}

static int do_set_param_json(struct record *record, const cJSON *order)
{
    char *json = json_of(order, "value");
    int did = host->set_param_json(record->call, string_of(order, "name"),
                                   text_at(json));

    cJSON_free(json);
    return did;
}

static int do_set(struct record *record, const cJSON *order)
{
    char *json = json_of(order, "value");
    int did = host->set(record->call, string_of(order, "name"), text_at(json));

    cJSON_free(json);
    return did;
}

static int do_get(struct record *record, const cJSON *order)
{
    got(record, host->get(record->call, string_of(order, "name")));
    return 0;
}

static int do_reply(struct record *record, const cJSON *order)
{
    record->result = TALLY_HANDLED;
    return host->reply(record->call, number_of(order, "status", 200),
                       string_of(order, "message"));
}

static int do_reply_json(struct record *record, const cJSON *order)
{
    char *json = json_of(order, "json");
    int did = host->reply_json(record->call, number_of(order, "status", 200),
                               text_at(json));

    record->result = TALLY_HANDLED;
    cJSON_free(json);
    return did;
}

static int do_set_metric(struct record *record, const cJSON *order)
{
    return host->set_metric(record->call, string_of(order, "name"),
                            text_of(order, "value"));
}

static int do_set_user(struct record *record, const cJSON *order)
{
    char *json = json_of(order, "value");
    int did =
        host->set_user(record->call, string_of(order, "name"), text_at(json));

    cJSON_free(json);
    return did;
}

static int do_count(struct record *record, const cJSON *order)
{
    struct tally_count count = {.size = sizeof(count),
                                .db = string_of(order, "db"),
                                .value = text_of(order, "value"),
                                .t = number_of(order, "t", 1),
                                .n = number_of(order, "n", 0),
                                .u = number_of(order, "u", 0)};

    return host->count(record->call, &count);
}

static int do_put(struct record *record, const cJSON *order)
{
    char *json = json_of(order, "json");
    int did = host->document_put(record->call, text_of(order, "app_id"),
                                 string_of(order, "collection"),
                                 text_of(order, "id"), text_at(json));

    cJSON_free(json);
    return did;
}

static int do_fetch(struct record *record, const cJSON *order)
{
    struct tally_text json = {NULL, 0};
    int did = host->document_get(record->call, text_of(order, "app_id"),
                                 string_of(order, "collection"),
                                 text_of(order, "id"), &json);

    got(record, json);
    return did;
}

static int do_erase(struct record *record, const cJSON *order)
{
    return host->document_erase(record->call, text_of(order, "app_id"),
                                string_of(order, "collection"),
                                text_of(order, "id"));
}

static int do_dispatch(struct record *record, const cJSON *order)
{
    char *json = json_of(order, "payload");
    int did =
        host->dispatch(record->call, string_of(order, "path"), text_at(json));

    cJSON_free(json);
    return did;
}

/* Keeps the owner's thread busy for so many milliseconds. */
static int do_spin(struct record *record, const cJSON *order)
{
    struct timespec start;
    struct timespec now;
    long ms = number_of(order, "ms", 0);

    (void)record;
    timespec_get(&start, TIME_UTC);
    do
        timespec_get(&now, TIME_UTC);
    while ((now.tv_sec - start.tv_sec) * 1000 +
               (now.tv_nsec - start.tv_nsec) / 1000000 <
           ms);
    return 0;
}

/* Once resumed: what `then` says, an order or several. */
static int go_on(struct tally_call *call, void *user);

/* Waits: `ms` later it goes on; without it, or with "forget", never. */
static int do_wait(struct record *record, const cJSON *order);

static const struct verb {
    const char *name;
    int (*act)(struct record *record, const cJSON *order);
} verbs[] = {
    {"cancel", do_cancel},
    {"return", do_return},
    {"deny", do_deny},
    {"set_param", do_set_param},
    {"set_param_json", do_set_param_json},
    {"set", do_set},
    {"get", do_get},
    {"reply", do_reply},
    {"reply_json", do_reply_json},
    {"set_metric", do_set_metric},
    {"set_user", do_set_user},
    {"count", do_count},
    {"put", do_put},
    {"fetch", do_fetch},
    {"erase", do_erase},
    {"dispatch", do_dispatch},
    {"spin", do_spin},
    {"wait", do_wait},
    {"forget", do_wait},
};

static void act(struct record *record, const cJSON *order)
{
    const char *verb = string_of(order, "do");
    int did = TALLY_E_NOT_FOUND;

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verb, verbs[i].name) == 0)
            did = verbs[i].act(record, order);
    }
    cJSON *all = cJSON_GetObjectItem(record->line, "did");
    if (!all)
        all = cJSON_AddArrayToObject(record->line, "did");
    cJSON_AddItemToArray(all, cJSON_CreateNumber(did));
}

static void act_all(struct record *record, const cJSON *orders,
                    const char *hook)
{
    const cJSON *order;

    if (cJSON_IsObject(orders)) {
        if (!hook || strcmp(string_of(orders, "hook"), hook) == 0)
            act(record, orders);
        return;
    }
    cJSON_ArrayForEach(order, orders) act_all(record, order, hook);
}

/* --- waiting --- */

struct waiting {
    struct tally_plugin *self;
    tally_wait wait;
    cJSON *then; /* NULL: nothing */
};

static void write_line(struct record *record)
{
    struct recorder *recorder = host->state(host->self(record->call));
    char *text = cJSON_PrintUnformatted(record->line);

    if (recorder->file) {
        fprintf(recorder->file, "%s\n", text);
        fflush(recorder->file);
    }
    cJSON_free(text);
    cJSON_Delete(record->line);
}

static int go_on(struct tally_call *call, void *user)
{
    struct waiting *waiting = user;
    struct record record = {call, cJSON_CreateObject(), TALLY_PASS};

    cJSON_AddStringToObject(record.line, "hook", "resumed");
    act_all(&record, waiting->then, NULL);
    cJSON_Delete(waiting->then);
    free(waiting);
    int result = record.result;
    write_line(&record);
    return result;
}

static int resume(struct tally_call *call, void *user)
{
    struct waiting *waiting = user;

    (void)call;
    host->resume(waiting->self, waiting->wait);
    return 0;
}

static int do_wait(struct record *record, const cJSON *order)
{
    struct waiting *waiting = calloc(1, sizeof(*waiting));
    int ms = number_of(order, "ms", 1);

    if (!waiting)
        abort();
    waiting->self = host->self(record->call);
    waiting->then = cJSON_Duplicate(cJSON_GetObjectItem(order, "then"), true);
    waiting->wait = host->wait(record->call, go_on, waiting);
    if (waiting->wait == 0)
        return TALLY_E_NOT_HERE;
    record->result = TALLY_ASYNC;
    if (strcmp(string_of(order, "do"), "forget") != 0)
        host->timer(waiting->self, (unsigned)ms, resume, waiting);
    return 0;
}

/* --- writing down --- */

/* Adds what the call has under `prefix` + name, for each of the names. */
static void add_values(struct record *record, cJSON *object, const char *prefix,
                       const char *names)
{
    char name[NAMES_MAX];

    while (*names) {
        size_t len = strcspn(names, " ");
        snprintf(name, sizeof(name), "%s%.*s", prefix, (int)len, names);
        struct tally_text json = host->get(record->call, name);
        if (len > 0 && json.len > 0) {
            cJSON *value = cJSON_ParseWithLength(json.at, json.len);
            cJSON_AddItemToObject(object, name + strlen(prefix),
                                  value ? value : cJSON_CreateString("broken"));
        }
        names += len + (names[len] == ' ');
    }
}

static const char *names_of(const char *hook)
{
    for (int i = 0; i < SIGNATURES; i++) {
        if (strcmp(signatures[i].hook, hook) == 0)
            return signatures[i].names;
    }
    return "";
}

static int on_call(struct tally_call *call, void *user)
{
    const char *hook = user;
    struct recorder *recorder = host->state(host->self(call));
    struct record record = {call, cJSON_CreateObject(), TALLY_PASS};
    struct tally_text orders = host->param(call, "recorder");

    cJSON_AddStringToObject(record.line, "hook", hook);
    cJSON *values = cJSON_AddObjectToObject(record.line, "values");
    add_values(&record, values, "", names_of(hook));
    add_values(&record, values, "", recorder->values);
    add_values(&record, cJSON_AddObjectToObject(record.line, "params"),
               "params.", params);
    if (!orders.at)
        orders = text_at(recorder->orders);
    if (orders.len > 0) {
        cJSON *json = cJSON_ParseWithLength(orders.at, orders.len);
        act_all(&record, json, hook);
        cJSON_Delete(json);
    }
    int result = record.result;
    write_line(&record);
    return result;
}

/* --- from init to close --- */

static int listen_to(struct tally_plugin *self, const char *hook, size_t len)
{
    struct recorder *recorder = host->state(self);

    if (recorder->hook_count == HOOKS_MAX || len >= sizeof(recorder->hooks[0]))
        return TALLY_E_TOO_BIG;
    char *kept = recorder->hooks[recorder->hook_count++];
    memcpy(kept, hook, len);
    kept[len] = '\0';
    return host->on(self, kept, on_call, kept, 0);
}

static int listen_to_all(struct tally_plugin *self, const char *list)
{
    int failure = 0;

    if (!list) {
        for (int i = 0; i < SIGNATURES && !failure; i++)
            failure =
                listen_to(self, signatures[i].hook, strlen(signatures[i].hook));
        return failure;
    }
    while (*list && !failure) {
        size_t len = strcspn(list, ",");
        failure = listen_to(self, list, len);
        list += len + (list[len] == ',');
    }
    return failure;
}

static int init(const struct tally_host *given, struct tally_plugin *self)
{
    struct recorder *recorder = calloc(1, sizeof(*recorder));

    host = given;
    if (!recorder)
        return TALLY_E_FULL;
    host->set_state(self, recorder);
    const char *file = host->setting(self, "file", NULL);
    recorder->values = host->setting(self, "values", "");
    recorder->orders = host->setting(self, "orders", NULL);
    int failure = listen_to_all(self, host->setting(self, "hooks", NULL));
    if (!failure && file) {
        recorder->file = fopen(file, "ae");
        failure = recorder->file ? 0 : TALLY_E_IO;
    }
    if (failure)
        free(recorder);
    return failure;
}

static void close_recorder(struct tally_plugin *self)
{
    struct recorder *recorder = host->state(self);

    if (recorder->file)
        fclose(recorder->file);
    free(recorder);
}

TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin = {
    .abi = TALLY_PLUGIN_ABI,
    .size = sizeof(tally_plugin),
    .name = "recorder",
    .version = "1.0",
    .about = "writes down what it is called for",
    .init = init,
    .close = close_recorder,
};
