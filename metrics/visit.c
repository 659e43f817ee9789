#include "metrics/visit.h"

#include "metrics/ingest.h"
#include "metrics/intake_hook.h"

enum { ARENA_MAX = 8 << 20 };

void visit_finish(struct visit *visit)
{
    arena_destroy(visit->arena);
    *visit = (struct visit){0};
}

void visit_note(struct visit *visit, const struct tally_call *call)
{
    visit->asked = call->asked;
    visit->is_cancelled = call->is_cancelled;
    visit->reason = call->reason;
}

void visit_settle(struct visit *visit)
{
    visit->stage = VISIT_ASKS;
    visit->asked = 0;
    visit->is_cancelled = false;
    visit->has_item = false;
}

static struct text copy(struct arena *arena, struct text text)
{
    return (struct text){arena_strndup(arena, text.at, text.len), text.len};
}

static enum tally_err copy_params(struct arena *arena,
                                  const struct params *params,
                                  struct params *copied)
{
    enum tally_err err = TALLY_OK;

    for (unsigned i = 0; i < params->count && !err; i++) {
        struct param param = params->list[i];
        param.name = copy(arena, param.name);
        param.value = copy(arena, param.value);
        err = param.name.at && param.value.at ? params_set(copied, arena, param)
                                              : TALLY_ERR_TOO_BIG;
    }
    return err;
}

/* The item may be the one that is held: it is copied before that goes. */
enum tally_err visit_hold(struct visit *visit, uint32_t number,
                          struct text body, const struct params *params)
{
    struct arena *arena = arena_create(ARENA_MAX);
    struct params copied = {0};
    enum tally_err err = copy_params(arena, params, &copied);

    if (err) {
        arena_destroy(arena);
        return err;
    }
    if (visit->is_cancelled)
        visit->reason = copy(arena, visit->reason);
    arena_destroy(visit->arena);
    visit->arena = arena;
    visit->params = copied;
    visit->body = body;
    visit->item = number;
    visit->has_item = true;
    return TALLY_OK;
}

/* The request itself, or the item that waits. */
static struct ingest request_of(const struct ingest *request)
{
    struct visit *visit = request->visit;
    struct ingest one = *request;

    if (visit->has_item) {
        one.params = &visit->params;
        one.query = (struct text){NULL, 0};
        one.body = visit->body;
        one.is_item = true;
    }
    return one;
}

static enum tally_err store(struct intake *intake)
{
    struct tally *tally = intake->tally;
    enum tally_err err = TALLY_OK;

    if (intake->has_extra)
        err = person_store(tally, &intake->person);
    if (!err && !batch_is_empty(&tally->batch))
        err = tally_apply(tally);
    batch_clear(&tally->batch);
    return err;
}

int visit_resume(struct tally *tally, const struct ingest *request,
                 const struct visit_promise *promise)
{
    struct visit *visit = request->visit;
    struct ingest one = request_of(request);
    struct intake intake = {
        .tally = tally, .request = &one, .plugins = tally->plugins};
    unsigned pending = visit->pending;

    (void)!intake_find(&intake);
    batch_clear(&tally->batch);
    struct tally_call call = intake_call(&intake);
    call.hook = promise->hook;
    call.hook_path = text_of(hook_path(promise->hook));
    call.asked = visit->asked;
    call.is_cancelled = visit->is_cancelled;
    call.reason = visit->reason;
    int result = plugins_call(tally->plugins, promise->plugin, &call,
                              promise->next, promise->user);
    if (store(&intake) != TALLY_OK) {
        visit->pending = pending;
        return TALLY_E_FULL;
    }
    if (visit->stage == VISIT_ASKS)
        visit_note(visit, &call);
    return result == TALLY_ASYNC && call.wait == 0 ? TALLY_PASS : result;
}
