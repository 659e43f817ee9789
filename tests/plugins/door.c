/*
 * door.c - a plugin for tests of what plugins answer: /o/door/WHAT does what
 * `acts` says; parameters door_* make the hooks of the core do something.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "metrics/tally_plugin.h"

enum { TEXT_SIZE = 4096, WHAT = 8 /* behind "/o/door/" */ };

static const struct tally_host *host;

static bool is(struct tally_text text, const char *string)
{
    return text.len == strlen(string) &&
           (text.len == 0 || memcmp(text.at, string, text.len) == 0);
}

static bool has(const struct tally_call *call, const char *name)
{
    return host->param(call, name).len > 0;
}

/* A parameter, terminated. */
static const char *param(const struct tally_call *call, const char *name,
                         char text[static TEXT_SIZE])
{
    struct tally_text value = host->param(call, name);

    snprintf(text, TEXT_SIZE, "%.*s", (int)value.len, value.at ? value.at : "");
    return text;
}

/* --- answers at once --- */

static int say(struct tally_call *call)
{
    char message[TEXT_SIZE];

    host->reply(call, 200, param(call, "message", message));
    return TALLY_HANDLED;
}

static int say_json(struct tally_call *call)
{
    int did = host->reply_json(call, 200, host->param(call, "json"));

    if (did != 0)
        host->reply(call, 418, "no JSON");
    return TALLY_HANDLED;
}

static int say_raw(struct tally_call *call)
{
    static const struct tally_text body = {"a\0b", 3};

    host->reply_raw(call, 201, "text/plain; charset=utf-8", body);
    return TALLY_HANDLED;
}

static int say_twice(struct tally_call *call)
{
    char text[64];

    host->reply(call, 202, "first");
    int did = host->reply(call, 203, "second");
    snprintf(text, sizeof(text), "second reply returned %d", did);
    host->log(host->self(call), TALLY_LOG_INFO, text);
    return TALLY_HANDLED;
}

static int say_headers(struct tally_call *call)
{
    char text[128];
    int good = host->reply_header(call, "X-Door", "open\r\nX-Evil: 1");
    int own = host->reply_header(call, "Content-Length", "7");
    int bad = host->reply_header(call, "X Door", "1");

    snprintf(text, sizeof(text), "[%d,%d,%d]", good, own, bad);
    host->reply_json(call, 200, (struct tally_text){text, strlen(text)});
    return TALLY_HANDLED;
}

static int say_property(struct tally_call *call)
{
    char name[TEXT_SIZE];
    struct tally_text json = host->get(call, param(call, "name", name));

    if (json.len == 0)
        host->reply(call, 404, "none such");
    else
        host->reply_json(call, 200, json);
    return TALLY_HANDLED;
}

static int say_big(struct tally_call *call)
{
    size_t size = 100u * 1024 * 1024;
    char *bytes = calloc(1, size);
    int did = bytes ? host->reply_raw(call, 200, "text/plain",
                                      (struct tally_text){bytes, size})
                    : 0;

    free(bytes);
    host->reply(call, 200, did == TALLY_E_TOO_BIG ? "too big" : "fits");
    return TALLY_HANDLED;
}

/* --- rights --- */

static int say_who(struct tally_call *call, void *user)
{
    struct tally_text member = host->string(call, "params.member.username");
    struct tally_text app = host->string(call, "params.app_name");
    char text[256];

    (void)user;
    snprintf(text, sizeof(text), "%.*s of %.*s", (int)member.len,
             member.at ? member.at : "", (int)app.len, app.at ? app.at : "");
    host->reply(call, 200, text);
    return TALLY_HANDLED;
}

static int validate(struct tally_call *call)
{
    static const char *const names[] = {"user",        "read",   "create",
                                        "update",      "delete", "app_admin",
                                        "global_admin"};

    for (int i = 0; i <= TALLY_RIGHT_GLOBAL_ADMIN; i++) {
        if (is(host->param(call, "right"), names[i]))
            return host->validate(call, (enum tally_right)i, NULL, say_who,
                                  NULL);
    }
    return TALLY_PASS;
}

static int fetch(struct tally_call *call, void *user)
{
    char db[TEXT_SIZE];
    int did = host->fetch_time_obj(call, param(call, "db", db));

    (void)user;
    if (did != 0)
        host->reply(call, 404, "no such collection");
    return TALLY_HANDLED;
}

static int fetch_for_reader(struct tally_call *call)
{
    return host->validate(call, TALLY_RIGHT_READ, "core", fetch, NULL);
}

static int fetch_for_anybody(struct tally_call *call)
{
    return fetch(call, NULL);
}

/* --- later --- */

struct later {
    struct later *original; /* of a copy */
    struct tally_plugin *self;
    tally_wait wait;
    int result; /* of `next`; when it is TALLY_HANDLED it replies */
    unsigned ms;
};

static int go_on(struct tally_call *call, void *user)
{
    struct later *later = user;
    int result = later->result;

    free(later);
    if (result == TALLY_HANDLED)
        host->reply(call, 200, "at last");
    if (has(call, "door_then_cancel"))
        host->cancel(call, "second thoughts");
    return result;
}

static struct later *promise(struct tally_call *call, int result)
{
    struct later *later = calloc(1, sizeof(*later));
    char ms[TEXT_SIZE];

    if (!later)
        abort();
    later->self = host->self(call);
    later->result = result;
    later->ms = (unsigned)atoi(param(call, "ms", ms));
    later->wait = host->wait(call, go_on, later);
    if (later->wait != 0)
        return later;
    free(later);
    return NULL;
}

/* Threads that are under way: close waits for them. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    unsigned count;
} threads = {.lock = PTHREAD_MUTEX_INITIALIZER,
             .ended = PTHREAD_COND_INITIALIZER};

static void *resume_slowly(void *user)
{
    struct later later = *(struct later *)user;
    struct timespec pause = {later.ms / 1000,
                             (long)(later.ms % 1000) * 1000000};
    char text[64];

    free(user);
    nanosleep(&pause, NULL);
    int did = host->resume(later.self, later.wait);
    if (did != 0)
        free(later.original);
    int again = host->resume(later.self, later.wait);
    snprintf(text, sizeof(text), "resumed %d, again %d", did, again);
    host->log(later.self, TALLY_LOG_INFO, text);
    pthread_mutex_lock(&threads.lock);
    threads.count--;
    pthread_cond_signal(&threads.ended);
    pthread_mutex_unlock(&threads.lock);
    return NULL;
}

/* On a thread of its own, so on one that the host does not know. `original` is
 * freed by go_on(), which may come before the thread has ended, or by the
 * thread when that is not called. */
static void resume_elsewhere(struct later *original)
{
    struct later *copy = malloc(sizeof(*copy));
    pthread_t thread;

    if (!copy)
        abort();
    *copy = *original;
    copy->original = original;
    pthread_mutex_lock(&threads.lock);
    threads.count++;
    pthread_mutex_unlock(&threads.lock);
    if (pthread_create(&thread, NULL, resume_slowly, copy) != 0)
        abort();
    pthread_detach(thread);
}

static int wait_for(struct tally_call *call, int result)
{
    struct later *later = promise(call, result);

    if (!later)
        return TALLY_PASS;
    resume_elsewhere(later);
    return TALLY_ASYNC;
}

static int wait_and_reply(struct tally_call *call)
{
    return wait_for(call, TALLY_HANDLED);
}

static int wait_and_pass(struct tally_call *call)
{
    return wait_for(call, TALLY_PASS);
}

/* Countly's way: it is mine, and I answer when I can. */
static int handle_and_reply(struct tally_call *call)
{
    return wait_for(call, TALLY_HANDLED) == TALLY_ASYNC ? TALLY_HANDLED
                                                        : TALLY_PASS;
}

/* Leaks what the promise is about: it is never kept. */
static struct later *lost[8];
static unsigned lost_count;

static int wait_for_ever(struct tally_call *call)
{
    struct later *later = promise(call, TALLY_HANDLED);

    if (later && lost_count < 8)
        lost[lost_count++] = later;
    return TALLY_ASYNC;
}

static int forget(struct tally_call *call)
{
    (void)call;
    return TALLY_HANDLED;
}

static int fail(struct tally_call *call)
{
    (void)call;
    return -42;
}

static int resume_now(struct tally_call *call, void *user)
{
    struct later *later = user;

    (void)call;
    host->resume(later->self, later->wait);
    return 0;
}

static int wait_for_timer(struct tally_call *call)
{
    struct later *later = promise(call, TALLY_HANDLED);

    uint64_t stopped = host->timer(later->self, 1, resume_now, NULL);
    host->timer_stop(later->self, stopped);
    host->timer(later->self, later->ms, resume_now, later);
    return TALLY_ASYNC;
}

static void post_from_thread(void *user)
{
    struct later *later = user;

    host->post(later->self, resume_now, later);
}

static int wait_for_post(struct tally_call *call)
{
    struct later *later = promise(call, TALLY_HANDLED);

    host->run(later->self, post_from_thread, later);
    return TALLY_ASYNC;
}

static const struct act {
    const char *name;
    int (*act)(struct tally_call *call);
} acts[] = {
    {"say", say},
    {"json", say_json},
    {"raw", say_raw},
    {"twice", say_twice},
    {"headers", say_headers},
    {"property", say_property},
    {"big", say_big},
    {"validate", validate},
    {"fetch", fetch_for_reader},
    {"fetch_open", fetch_for_anybody},
    {"wait", wait_and_reply},
    {"wait_pass", wait_and_pass},
    {"handle", handle_and_reply},
    {"lost", wait_for_ever},
    {"forget", forget},
    {"fail", fail},
    {"timer", wait_for_timer},
    {"post", wait_for_post},
};

static int on_own(struct tally_call *call, void *user)
{
    struct tally_text path = host->string(call, "params.fullPath");

    (void)user;
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        struct tally_text rest = {path.at + WHAT,
                                  path.len > WHAT ? path.len - WHAT : 0};
        if (is(rest, acts[i].name))
            return acts[i].act(call);
    }
    return TALLY_PASS;
}

/* --- hooks of the core --- */

static int on_any(struct tally_call *call, void *user)
{
    char text[TEXT_SIZE];

    (void)user;
    if (has(call, "door_cancel"))
        host->cancel(call, param(call, "door_cancel", text));
    if (has(call, "door_method"))
        host->set_param(call, "method", host->param(call, "door_method"));
    if (has(call, "door_header"))
        host->reply_header(call, "X-Door", "any");
    if (has(call, "door_answer")) {
        host->reply(call, 203, param(call, "door_answer", text));
        return TALLY_HANDLED;
    }
    if (has(call, "door_handle"))
        return TALLY_HANDLED;
    return has(call, "door_wait") ? wait_and_pass(call) : TALLY_PASS;
}

/* Behind on_any(). */
static int on_any_later(struct tally_call *call, void *user)
{
    (void)user;
    if (has(call, "door_wait"))
        host->reply_header(call, "X-Behind", "yes");
    return TALLY_PASS;
}

static int on_read(struct tally_call *call, void *user)
{
    (void)user;
    if (is(host->param(call, "method"), "door_wait"))
        return wait_and_reply(call);
    return is(host->param(call, "method"), "door") ? fetch_for_reader(call)
                                                   : TALLY_PASS;
}

static int on_validation(struct tally_call *call, void *user)
{
    (void)user;
    return has(call, "door_deny") ? TALLY_DENY : TALLY_HANDLED;
}

static int on_validated(struct tally_call *call, void *user)
{
    (void)user;
    if (has(call, "door_tell"))
        host->log(host->self(call), TALLY_LOG_INFO,
                  host->string(call, "params.app_name").len > 0
                      ? "validated with app"
                      : "validated");
    return TALLY_PASS;
}

static int on_total(struct tally_call *call, void *user)
{
    static const char codes[] = "{\"mine\":\"p\"}";
    struct tally_text match = host->param(call, "door_match");

    (void)user;
    if (has(call, "door_codes"))
        host->set(call, "shortcodesForMetrics",
                  (struct tally_text){codes, sizeof(codes) - 1});
    if (match.len > 0)
        host->set(call, "match", match);
    return TALLY_PASS;
}

static int on_sdk(struct tally_call *call, void *user)
{
    (void)user;
    if (has(call, "door_sdk_lost"))
        return wait_for_ever(call);
    return has(call, "door_sdk_wait") ? wait_and_pass(call) : TALLY_PASS;
}

static int on_data(struct tally_call *call, void *user)
{
    (void)user;
    if (has(call, "door_i_lost"))
        return wait_for_ever(call);
    return has(call, "door_i_wait") ? wait_and_pass(call) : TALLY_PASS;
}

static const struct {
    const char *path;
    tally_handler handler;
} hooks[] = {
    {"/", on_any},
    {"/", on_any_later},
    {"/o/door", on_own},
    {"/i/apps", on_own}, /* the core's: never called */
    {"/o", on_read},
    {"/validation/user", on_validation},
    {"/o/validate", on_validated},
    {"/o/method/total_users", on_total},
    {"/sdk", on_sdk},
    {"/i", on_data},
};

static int init(const struct tally_host *given, struct tally_plugin *self)
{
    int failure = 0;

    host = given;
    for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]) && !failure; i++)
        failure = host->on(self, hooks[i].path, hooks[i].handler, NULL, 0);
    return failure;
}

static void close_door(struct tally_plugin *self)
{
    char text[64];

    pthread_mutex_lock(&threads.lock);
    while (threads.count > 0)
        pthread_cond_wait(&threads.ended, &threads.lock);
    pthread_mutex_unlock(&threads.lock);
    for (unsigned i = 0; i < lost_count; i++) {
        int did = host->resume(self, lost[i]->wait);
        snprintf(text, sizeof(text), "too late %d", did);
        host->log(self, TALLY_LOG_INFO, text);
        free(lost[i]);
    }
}

TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin = {
    .abi = TALLY_PLUGIN_ABI,
    .size = sizeof(tally_plugin),
    .name = "door",
    .version = "1.0",
    .about = "answers requests",
    .needs = TALLY_CAN_HOOK | TALLY_CAN_WAIT | TALLY_CAN_SCHEDULE,
    .init = init,
    .close = close_door,
};
