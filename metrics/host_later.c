/*
 * What plugins do later, and what they fire themselves.
 */
#include "metrics/call.h"
#include "metrics/host.h"
#include "metrics/scan.h"

enum { PAYLOAD_MAX = 32 };

static tally_wait host_wait(struct tally_call *call, tally_handler next,
                            void *user)
{
    if (hook_wait(call->hook) == HOOK_WAITS_NOT || !next || !call->door ||
        !call->door->wait)
        return 0;
    call->wait = call->door->wait(call, next, user);
    return call->wait;
}

static int host_resume(struct tally_plugin *self, tally_wait wait)
{
    const struct plugins_runtime *runtime = &self->plugins->runtime;

    return runtime->resume(runtime->user, wait);
}

static int host_run(struct tally_plugin *self, void (*fn)(void *user),
                    void *user)
{
    const struct plugins_runtime *runtime = &self->plugins->runtime;

    return runtime->run(runtime->user, self, fn, user);
}

static int host_post(struct tally_plugin *self, tally_handler fn, void *user)
{
    const struct plugins_runtime *runtime = &self->plugins->runtime;

    return runtime->post(runtime->user, self, fn, user);
}

static uint64_t host_timer(struct tally_plugin *self, unsigned ms,
                           tally_handler fn, void *user)
{
    const struct plugins_runtime *runtime = &self->plugins->runtime;

    return runtime->timer(runtime->user, self, ms, fn, user);
}

static void host_timer_stop(struct tally_plugin *self, uint64_t timer)
{
    const struct plugins_runtime *runtime = &self->plugins->runtime;

    runtime->timer_stop(runtime->user, timer);
}

/* The members of the payload become values of the call. */
static int read_payload(struct tally_call *call, struct text payload,
                        struct call_value values[static PAYLOAD_MAX])
{
    struct scan_value key;
    struct scan_value value;
    struct scan scan;

    scan_init(&scan, payload);
    if (!scan_enter(&scan, '{'))
        return TALLY_E_INVALID;
    call->values = values;
    call->value_count = 0;
    while (scan_member(&scan, &key, &value) == SCAN_MORE) {
        if (call->value_count == PAYLOAD_MAX)
            return TALLY_E_TOO_BIG;
        const char *name =
            arena_strndup(call->arena, key.text.at, key.text.len);
        if (!name)
            return TALLY_E_TOO_BIG;
        values[call->value_count++] = (struct call_value){
            .name = name, .json = scan_source(&value), .is_mutable = true};
    }
    return scan_is_over(&scan) ? 0 : TALLY_E_INVALID;
}

static int host_dispatch(struct tally_call *call, const char *path,
                         struct tally_text payload)
{
    struct call_value values[PAYLOAD_MAX];
    struct tally_call inner = *call;
    enum hook hook = hook_of(text_of(path));
    int failure = read_payload(&inner, host_text(payload), values);

    if (failure)
        return failure;
    if (hook != HOOK_COUNT && hook != HOOK_SYSTEM_LOGS && hook != HOOK_DRILL)
        return TALLY_E_NOT_HERE;
    inner.asked = 0;
    inner.wait = 0;
    enum fired fired =
        hook != HOOK_COUNT
            ? plugins_fire(call->plugins, hook, &inner)
            : plugins_fire_path(call->plugins, text_of(path), &inner);
    return fired == FIRED_HANDLED ? TALLY_HANDLED : TALLY_PASS;
}

void host_add_later(struct tally_host *host)
{
    host->wait = host_wait;
    host->resume = host_resume;
    host->run = host_run;
    host->post = host_post;
    host->timer = host_timer;
    host->timer_stop = host_timer_stop;
    host->dispatch = host_dispatch;
}
