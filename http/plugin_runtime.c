#include "http/plugin_runtime.h"

#include <stdlib.h>

#include "engine/clock.h"
#include "engine/memory.h"
#include "http/journal.h"
#include "http/plugin_door.h"
#include "http/service.h"
#include "metrics/call.h"

enum {
    NANOSECONDS_PER_MS = 1000000,
    ARENA_SIZE = 8 * 1024 * 1024,
    AGAIN_MS = 1000, /* what had no room is tried again */
};

static int64_t nanoseconds(void)
{
    return (int64_t)uv_hrtime();
}

static void write_line(const char *plugin, enum tally_level level,
                       const char *message)
{
    static const enum journal_level levels[] = {
        [TALLY_LOG_ERROR] = JOURNAL_ERROR,
        [TALLY_LOG_WARNING] = JOURNAL_WARNING,
        [TALLY_LOG_INFO] = JOURNAL_INFO,
        [TALLY_LOG_DEBUG] = JOURNAL_DEBUG,
    };
    const struct journal_field fields[] = {journal_string("plugin", plugin),
                                           journal_string("text", message),
                                           JOURNAL_END};
    bool is_known = (unsigned)level <= TALLY_LOG_DEBUG;

    journal_write(is_known ? levels[level] : JOURNAL_INFO, "plugin", fields);
}

static void complain(const char *plugin, const char *path, const char *what,
                     int64_t number)
{
    const struct journal_field fields[] = {
        journal_string("plugin", plugin), journal_string("hook", path),
        journal_string("what", what), journal_int("number", number),
        JOURNAL_END};

    journal_write(JOURNAL_WARNING, "plugin misbehaves", fields);
}

static const char *setting(void *user, const char *plugin, const char *key)
{
    struct plugin_runtime *runtime = user;

    return config_setting_ask(&runtime->config->settings, plugin, key);
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

/* --- functions called for no request --- */

struct errand {
    struct link link;
    struct plugin_runtime *runtime;
    struct tally_plugin *plugin;
    tally_handler fn;
    void *user;
    const char *what;
    uv_timer_t timer;
    uint64_t number; /* of a timer */
};

/* False: there was no room for what it changed; nothing has changed. */
static bool carry_out(const struct errand *errand)
{
    struct plugin_runtime *runtime = errand->runtime;
    struct tally *tally = runtime->service->tally;
    struct tally_call call = {.plugins = tally->plugins,
                              .tally = tally,
                              .hook = HOOK_COUNT,
                              .hook_path = text_of(errand->what),
                              .arena = runtime->arena,
                              .now = clock_now_ms(),
                              .batch = &tally->batch};
    enum tally_err err = TALLY_OK;

    batch_clear(&tally->batch);
    plugins_call(tally->plugins, errand->plugin, &call, errand->fn,
                 errand->user);
    if (!batch_is_empty(&tally->batch) || !batch_is_whole(&tally->batch))
        err = tally_apply(tally);
    arena_reset(runtime->arena);
    if (err && err != TALLY_ERR_FULL)
        complain(errand->plugin->description->name, errand->what,
                 "what it changed cannot be stored", err);
    return err != TALLY_ERR_FULL;
}

static void errand_on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

/* Ends an errand that has its timer. */
static void end_timer(struct errand *errand)
{
    link_remove(&errand->link);
    errand->runtime->timer_count--;
    uv_close((uv_handle_t *)&errand->timer, errand_on_closed);
}

static void runtime_on_timer(uv_timer_t *timer)
{
    struct errand *errand = timer->data;

    if (carry_out(errand)) {
        if (!uv_is_closing((uv_handle_t *)timer))
            end_timer(errand);
    } else if (!uv_is_closing((uv_handle_t *)timer)) {
        uv_timer_start(timer, runtime_on_timer, AGAIN_MS, 0);
    }
}

static void start_timer(struct errand *errand, unsigned ms)
{
    struct plugin_runtime *runtime = errand->runtime;

    errand->number = ++runtime->timer_number;
    errand->timer.data = errand;
    runtime->timer_count++;
    link_join(&errand->link, &runtime->timers);
    uv_timer_init(runtime->service->loop, &errand->timer);
    uv_timer_start(&errand->timer, runtime_on_timer, ms, 0);
}

static struct errand *create_errand(struct plugin_runtime *runtime,
                                    struct tally_plugin *plugin,
                                    tally_handler fn, void *user,
                                    const char *what)
{
    struct errand *errand = memory_alloc(sizeof(*errand));

    *errand = (struct errand){.runtime = runtime,
                              .plugin = plugin,
                              .fn = fn,
                              .user = user,
                              .what = what};
    link_init(&errand->link);
    return errand;
}

static uint64_t timer(void *user, struct tally_plugin *plugin, unsigned ms,
                      tally_handler fn, void *fn_user)
{
    struct plugin_runtime *runtime = user;

    if (!runtime->is_open || !fn || runtime->timer_count >= PLUGIN_TIMERS_MAX)
        return 0;
    struct errand *errand =
        create_errand(runtime, plugin, fn, fn_user, "timer");
    start_timer(errand, ms);
    return errand->number;
}

static void timer_stop(void *user, uint64_t number)
{
    struct plugin_runtime *runtime = user;

    for (struct link *at = runtime->timers.next; at != &runtime->timers;
         at = at->next) {
        struct errand *errand = LINK_OWNER(at, struct errand, link);

        if (errand->number == number) {
            end_timer(errand);
            return;
        }
    }
}

static int post(void *user, struct tally_plugin *plugin, tally_handler fn,
                void *fn_user)
{
    struct plugin_runtime *runtime = user;
    int result = 0;

    if (!fn)
        return TALLY_E_INVALID;
    struct errand *errand = create_errand(runtime, plugin, fn, fn_user, "post");
    uv_mutex_lock(&runtime->lock);
    if (!runtime->is_open)
        result = TALLY_E_NOT_HERE;
    else if (runtime->post_count == PLUGIN_POSTS_MAX)
        result = TALLY_E_FULL;
    if (result == 0) {
        runtime->post_count++;
        link_join(&errand->link, &runtime->posts);
        uv_async_send(&runtime->wake);
    }
    uv_mutex_unlock(&runtime->lock);
    if (result != 0)
        free(errand);
    return result;
}

/* Only those that are there now: what they post comes in the next turn. */
static void call_posts(struct plugin_runtime *runtime)
{
    struct link posts;

    link_init(&posts);
    uv_mutex_lock(&runtime->lock);
    link_move_all(&runtime->posts, &posts);
    runtime->post_count = 0;
    uv_mutex_unlock(&runtime->lock);
    while (!link_is_alone(&posts)) {
        struct errand *errand = LINK_OWNER(posts.next, struct errand, link);

        link_remove(&errand->link);
        if (carry_out(errand) || !runtime->is_open)
            free(errand);
        else
            start_timer(errand, AGAIN_MS);
    }
}

/* --- functions on other threads --- */

struct run {
    struct link link;
    uv_work_t work;
    struct plugin_runtime *runtime;
    void (*fn)(void *user);
    void *user;
};

static void run_on_work(uv_work_t *work)
{
    struct run *run = work->data;
    struct plugin_runtime *runtime = run->runtime;

    run->fn(run->user);
    uv_mutex_lock(&runtime->lock);
    if (--runtime->busy == 0)
        uv_cond_broadcast(&runtime->is_idle);
    uv_mutex_unlock(&runtime->lock);
}

static void start_runs(struct plugin_runtime *runtime);

static void run_on_done(uv_work_t *work, int status)
{
    struct run *run = work->data;
    struct plugin_runtime *runtime = run->runtime;

    (void)status;
    runtime->running--;
    runtime->run_count--;
    free(run);
    start_runs(runtime);
}

static void start_runs(struct plugin_runtime *runtime)
{
    while (runtime->running < PLUGIN_RUNS_AT_ONCE &&
           !link_is_alone(&runtime->runs)) {
        struct run *run = LINK_OWNER(runtime->runs.next, struct run, link);

        link_remove(&run->link);
        runtime->running++;
        uv_mutex_lock(&runtime->lock);
        runtime->busy++;
        uv_mutex_unlock(&runtime->lock);
        uv_queue_work(runtime->service->loop, &run->work, run_on_work,
                      run_on_done);
    }
}

static int run(void *user, struct tally_plugin *plugin, void (*fn)(void *),
               void *fn_user)
{
    struct plugin_runtime *runtime = user;

    (void)plugin;
    if (!fn)
        return TALLY_E_INVALID;
    if (!runtime->is_open)
        return TALLY_E_NOT_HERE;
    if (runtime->run_count == PLUGIN_RUNS_MAX)
        return TALLY_E_FULL;
    struct run *queued = memory_alloc(sizeof(*queued));
    *queued = (struct run){.runtime = runtime, .fn = fn, .user = fn_user};
    queued->work.data = queued;
    link_init(&queued->link);
    link_join(&queued->link, &runtime->runs);
    runtime->run_count++;
    start_runs(runtime);
    return 0;
}

/* --- promises --- */

/* The lock keeps the handle from being closed meanwhile. */
static int resume(void *user, tally_wait wait)
{
    struct plugin_runtime *runtime = user;

    int result = promises_resume(runtime->promises, wait);
    if (result != 0)
        return result;
    uv_mutex_lock(&runtime->lock);
    if (runtime->is_open)
        uv_async_send(&runtime->wake);
    uv_mutex_unlock(&runtime->lock);
    return 0;
}

static void watch(struct plugin_runtime *runtime);

static void runtime_on_due(uv_timer_t *timer)
{
    struct plugin_runtime *runtime = timer->data;
    uint64_t now = uv_now(runtime->service->loop);
    struct promise promise;
    tally_wait token;

    while (promises_take_due(runtime->promises, now, &token, &promise)) {
        if (promise.limit > now)
            door_resume(token, &promise);
        else
            door_give_up(token, &promise, DOOR_LATE);
    }
    watch(runtime);
}

/* Sets the timer to the earliest deadline. */
static void watch(struct plugin_runtime *runtime)
{
    uint64_t deadline = promises_deadline(runtime->promises);
    uint64_t now = uv_now(runtime->service->loop);

    if (uv_is_closing((uv_handle_t *)&runtime->due))
        return;
    if (deadline == 0)
        uv_timer_stop(&runtime->due);
    else
        uv_timer_start(&runtime->due, runtime_on_due,
                       deadline > now ? deadline - now : 0, 0);
}

static void runtime_on_wake(uv_async_t *wake)
{
    struct plugin_runtime *runtime = wake->data;
    struct promise promise;
    tally_wait token;

    while (promises_take_resumed(runtime->promises, &token, &promise))
        door_resume(token, &promise);
    call_posts(runtime);
}

tally_wait plugin_runtime_promise(struct plugin_runtime *runtime,
                                  const struct promise *promise)
{
    tally_wait token = promises_add(runtime->promises, promise);

    if (token != 0 && promises_deadline(runtime->promises) == promise->deadline)
        watch(runtime);
    return token;
}

uint64_t plugin_runtime_deadline(const struct plugin_runtime *runtime)
{
    return uv_now(runtime->service->loop) + runtime->config->plugins.timeout;
}

/* None waits any more from here on. */
static void give_all_up(struct plugin_runtime *runtime)
{
    struct promise promise;
    tally_wait token;

    promises_close(runtime->promises);
    while (promises_take_resumed(runtime->promises, &token, &promise))
        door_resume(token, &promise);
    while (promises_take_due(runtime->promises, UINT64_MAX, &token, &promise))
        door_give_up(token, &promise, DOOR_CLOSED);
}

static void runtime_on_impatience(uv_timer_t *timer)
{
    give_all_up(timer->data);
}

/* --- from the beginning to the end --- */

void plugin_runtime_init(struct plugin_runtime *runtime, struct config *config,
                         struct plugins_runtime *table)
{
    *runtime = (struct plugin_runtime){.config = config};
    uv_mutex_init(&runtime->lock);
    uv_cond_init(&runtime->is_idle);
    link_init(&runtime->timers);
    link_init(&runtime->runs);
    link_init(&runtime->posts);
    runtime->promises = promises_create();
    runtime->arena = arena_create(ARENA_SIZE);
    *table = (struct plugins_runtime){
        .nanoseconds = nanoseconds,
        .log = write_line,
        .complain = complain,
        .setting = setting,
        .resume = resume,
        .run = run,
        .post = post,
        .timer = timer,
        .timer_stop = timer_stop,
        .user = runtime,
        .version = TALLY_VERSION,
        .budget_ns = (int64_t)config->plugins.budget * NANOSECONDS_PER_MS,
    };
}

void plugin_runtime_start(struct plugin_runtime *runtime,
                          struct service *service)
{
    runtime->service = service;
    uv_async_init(service->loop, &runtime->wake, runtime_on_wake);
    uv_timer_init(service->loop, &runtime->due);
    uv_timer_init(service->loop, &runtime->drain);
    runtime->wake.data = runtime;
    runtime->due.data = runtime;
    runtime->drain.data = runtime;
    uv_mutex_lock(&runtime->lock);
    runtime->is_open = true;
    uv_mutex_unlock(&runtime->lock);
}

void plugin_runtime_drain(struct plugin_runtime *runtime, unsigned patience_ms)
{
    uv_timer_start(&runtime->drain, runtime_on_impatience, patience_ms, 0);
}

void plugin_runtime_stop(struct plugin_runtime *runtime)
{
    if (!runtime->is_open)
        return;
    give_all_up(runtime);
    uv_mutex_lock(&runtime->lock);
    runtime->is_open = false;
    uv_mutex_unlock(&runtime->lock);
    call_posts(runtime);
    while (!link_is_alone(&runtime->timers))
        end_timer(LINK_OWNER(runtime->timers.next, struct errand, link));
    close_handle((uv_handle_t *)&runtime->wake);
    close_handle((uv_handle_t *)&runtime->due);
    close_handle((uv_handle_t *)&runtime->drain);
}

void plugin_runtime_settle(struct plugin_runtime *runtime)
{
    uv_mutex_lock(&runtime->lock);
    while (runtime->busy > 0)
        uv_cond_wait(&runtime->is_idle, &runtime->lock);
    uv_mutex_unlock(&runtime->lock);
}

void plugin_runtime_finish(struct plugin_runtime *runtime)
{
    promises_destroy(runtime->promises);
    arena_destroy(runtime->arena);
    uv_cond_destroy(&runtime->is_idle);
    uv_mutex_destroy(&runtime->lock);
}
