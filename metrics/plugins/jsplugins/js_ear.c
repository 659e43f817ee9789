#include "metrics/plugins/jsplugins/js_ear.h"

#include <stdio.h>
#include <string.h>

#include "metrics/plugins/jsplugins/js_document.h"
#include "metrics/plugins/jsplugins/js_message.h"

void js_ear_wake(struct jsplugins *js, const struct js_job *job)
{
    if (js->host->resume(js->self, job->wait) == 0)
        return;
    js_jobs_close(&js->jobs, job->id);
    if (job->fate == JS_FATE_ANSWER)
        js_message_gone(js, job->id);
}

static const char *string_at(const cJSON *message, const char *name)
{
    const char *value =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(message, name));

    return value ? value : "";
}

static double number_at(const cJSON *message, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(message, name);

    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

void js_ear_blame(struct jsplugins *js, const char *plugin)
{
    struct js_member *member = js_members_find(&js->members, plugin);

    if (!member || !js_member_miss(member, js->settings.late_max,
                                   js_now() + js->settings.pause_ms))
        return;
    js_log(js, TALLY_LOG_ERROR,
           "%s was late %u times in a row: it is left alone for %u ms", plugin,
           js->settings.late_max, js->settings.pause_ms);
    js_message_suspend(js, plugin, true);
}

static bool hear_hello(struct jsplugins *js, cJSON *message)
{
    bool is_first = !js->hello;

    if (is_first)
        js->hello = message;
    else
        js_log(js, TALLY_LOG_INFO, "Node runs again");
    for (unsigned i = 0; i < js->members.count; i++) {
        if (atomic_load(&js->members.list[i].is_suspended))
            js_message_suspend(js, js->members.list[i].name, true);
    }
    if (js->is_running)
        js_message_go(js);
    atomic_store(&js->is_up, true);
    return is_first;
}

static bool hear_log(struct jsplugins *js, cJSON *message)
{
    int level = (int)number_at(message, "level");
    const char *plugin = string_at(message, "plugin");

    if (level < TALLY_LOG_ERROR || level > TALLY_LOG_DEBUG)
        level = TALLY_LOG_INFO;
    js_log(js, (enum tally_level)level, "%s%s%s", plugin, plugin[0] ? ": " : "",
           string_at(message, "text"));
    return false;
}

static bool hear_turn(struct jsplugins *js, cJSON *message)
{
    snprintf(js->turn_plugin, sizeof(js->turn_plugin), "%s",
             string_at(message, "plugin"));
    snprintf(js->turn_hook, sizeof(js->turn_hook), "%s",
             string_at(message, "hook"));
    return false;
}

static bool hear_pong(struct jsplugins *js, cJSON *message)
{
    (void)message;
    js->pinged = 0;
    return false;
}

static bool hear_documents(struct jsplugins *js, cJSON *message)
{
    js_documents_order(js, message);
    return true;
}

/* What there is to say of a call, before the owner goes on with it. */
static void judge(struct jsplugins *js, const cJSON *message,
                  const struct js_job *job)
{
    const char *what = string_at(message, "do");
    const char *plugin = string_at(message, "plugin");

    if (strcmp(what, "late") == 0) {
        js_log(js, TALLY_LOG_ERROR, "%s did not answer at %s in %u ms", plugin,
               job->hook->path, js->settings.timeout_ms);
        js_ear_blame(js, plugin);
    } else if (strcmp(what, "validate") != 0) {
        js_members_praise(&js->members, job->hook->members);
    }
}

static bool hear_answer(struct jsplugins *js, cJSON *message)
{
    struct js_job job;

    uint64_t id = (uint64_t)number_at(message, "id");
    if (!js_jobs_answer(&js->jobs, id, message, &job))
        return false;
    judge(js, message, &job);
    js_ear_wake(js, &job);
    return true;
}

/* Each says whether it keeps the message. */
static const struct {
    const char *name;
    bool (*hear)(struct jsplugins *js, cJSON *message);
} ears[] = {
    {"hello", hear_hello},
    {"log", hear_log},
    {"at", hear_turn},
    {"pong", hear_pong},
    {"documents", hear_documents},
};

void js_ear_hear(struct jsplugins *js, cJSON *message)
{
    const char *name = string_at(message, "do");
    bool (*fn)(struct jsplugins * js, cJSON * message) = hear_answer;

    for (size_t i = 0; i < sizeof(ears) / sizeof(ears[0]); i++) {
        if (strcmp(name, ears[i].name) == 0)
            fn = ears[i].hear;
    }
    if (!fn(js, message))
        cJSON_Delete(message);
}
