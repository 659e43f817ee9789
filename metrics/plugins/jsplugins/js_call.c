#include "metrics/plugins/jsplugins/js_call.h"

#include <string.h>

#include "metrics/plugins/jsplugins/js_message.h"
#include "metrics/plugins/jsplugins/js_order.h"
#include "metrics/plugins/jsplugins/js_thread.h"

enum { COMPLAINT_MS = 10000, UNAVAILABLE = 503 };

static bool has(const struct js_hook *hook, const struct tally_call *call,
                const char *name)
{
    return hook->js->host->param(call, name).at != NULL;
}

/* Whether there is anything in a request of an SDK to ask Node about. */
static bool has_for_sdk(const struct js_hook *hook,
                        const struct tally_call *call)
{
    if (hook->wants & JS_WANTS_SDK)
        return true;
    if (hook->wants & JS_WANTS_METRICS &&
        (has(hook, call, "metrics") || has(hook, call, "begin_session")))
        return true;
    return hook->wants & JS_WANTS_EVENTS && has(hook, call, "events");
}

static bool has_credential(const struct js_hook *hook,
                           const struct tally_call *call)
{
    return has(hook, call, "api_key") || has(hook, call, "auth_token") ||
           hook->js->host->header(call, "countly-token").at;
}

static bool is_wanted(const struct js_hook *hook, const struct tally_call *call)
{
    switch (hook->kind) {
    case JS_SDK:
        return has_for_sdk(hook, call);
    case JS_PERMISSION:
        return has_credential(hook, call);
    default:
        return true;
    }
}

/* Node cannot be asked: a path of a plugin has nobody else to answer. */
static int go_on_without(const struct js_hook *hook, struct tally_call *call)
{
    if (hook->kind != JS_ASK || strcmp(hook->path, "/o") == 0)
        return TALLY_PASS;
    hook->js->host->reply(call, UNAVAILABLE, "Plugin is not available");
    return TALLY_HANDLED;
}

static int complain(const struct js_hook *hook, struct tally_call *call)
{
    struct jsplugins *js = hook->js;
    int64_t now = js_now();

    if (now - js->complained_full >= COMPLAINT_MS || js->complained_full == 0) {
        js->complained_full = now;
        js_log(js, TALLY_LOG_WARNING,
               "too much waits for Node: calls of %s are left out", hook->path);
    }
    return go_on_without(hook, call);
}

static int tell(const struct js_hook *hook, struct tally_call *call)
{
    struct js_text text = {0};

    js_message_call(&text, hook, call, 0);
    js_queue_add(&hook->js->queue, &text);
    js_text_finish(&text);
    return TALLY_PASS;
}

/* Where nothing can wait, what would have waited goes on. */
static int cannot_wait(const struct js_hook *hook, struct tally_call *call)
{
    return hook->kind == JS_AFTER ? tell(hook, call)
                                  : go_on_without(hook, call);
}

static int ask(const struct js_hook *hook, struct tally_call *call)
{
    struct jsplugins *js = hook->js;
    struct js_text text = {0};

    struct js_job *job = js_jobs_open(&js->jobs, hook);
    if (!job)
        return complain(hook, call);
    uint64_t id = job->id;
    tally_wait wait = js->host->wait(call, js_order_next, job);
    if (wait == 0) {
        js_jobs_close(&js->jobs, id);
        return cannot_wait(hook, call);
    }
    js_message_call(&text, hook, call, id);
    js_jobs_ask(&js->jobs, id, wait, js_now() + js->settings.timeout_ms);
    js_queue_add(&js->queue, &text);
    js_text_finish(&text);
    return TALLY_ASYNC;
}

static int on_member(struct tally_call *call, void *user)
{
    return ask(user, call);
}

static int ask_permission(struct js_hook *hook, struct tally_call *call)
{
    int result =
        hook->js->host->validate(call, TALLY_RIGHT_USER, NULL, on_member, hook);

    return result < 0 ? TALLY_PASS : result;
}

int js_call_on_hook(struct tally_call *call, void *user)
{
    struct js_hook *hook = user;
    struct jsplugins *js = hook->js;

    if (!is_wanted(hook, call))
        return TALLY_PASS;
    js_thread_start(js);
    if (!atomic_load(&js->is_up) ||
        js_members_are_suspended(&js->members, hook->members))
        return go_on_without(hook, call);
    if (!js_queue_has_room(&js->queue))
        return complain(hook, call);
    if (hook->kind == JS_TELL)
        return tell(hook, call);
    return hook->kind == JS_PERMISSION ? ask_permission(hook, call)
                                       : ask(hook, call);
}
