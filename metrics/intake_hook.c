#include "metrics/intake_hook.h"

#include "metrics/due.h"
#include "metrics/event_set.h"
#include "metrics/intake_change.h"
#include "metrics/intake_payload.h"
#include "metrics/visit.h"

struct tally_call intake_call(struct intake *intake)
{
    const struct ingest *request = intake->request;
    struct tally_call call = {.plugins = intake->plugins,
                              .tally = intake->tally,
                              .arena = request->arena,
                              .now = request->now,
                              .params = request->params,
                              .query = request->query,
                              .address = request->address,
                              .is_bulk = request->is_item,
                              .app = intake->app,
                              .intake = intake,
                              .batch = &intake->tally->batch};

    if (request->visit) {
        call.path = request->visit->path;
        call.door = request->visit->door;
        call.door_user = request->visit->door_user;
    }
    return call;
}

static void fire(struct intake *intake, enum hook hook,
                 struct call_value *values, unsigned count)
{
    struct tally_call call = intake_call(intake);

    call.values = values;
    call.value_count = count;
    plugins_fire(intake->plugins, hook, &call);
}

void intake_tell(struct intake *intake, enum hook hook)
{
    struct call_value values[] = {{.name = "app", .write = payload_app}};

    fire(intake, hook, values, 1);
}

void intake_ask(struct intake *intake)
{
    struct call_value values[] = {{.name = "app", .write = payload_app}};
    struct visit *visit = intake->request->visit;
    struct tally_call call = intake_call(intake);

    call.values = values;
    call.value_count = 1;
    if (visit) {
        call.asked = visit->asked;
        call.is_cancelled = visit->is_cancelled;
        call.reason = visit->reason;
    }
    intake->waits =
        plugins_fire(intake->plugins, HOOK_SDK, &call) == FIRED_WAITS;
    intake->is_cancelled = call.is_cancelled && !intake->waits;
    intake->reason = call.reason;
    if (visit && intake->waits)
        visit_note(visit, &call);
}

static enum tally_err store_end(struct intake *intake)
{
    struct tally *tally = intake->tally;

    batch_clear(&tally->batch);
    intake_tell(intake, HOOK_SDK_END);
    return batch_is_empty(&tally->batch) ? TALLY_OK : tally_apply(tally);
}

/* A store that is full for the moment has room when it was written: the
 * handlers are called again, nothing of what they did is there. */
void intake_tell_end(struct intake *intake)
{
    struct tally *tally = intake->tally;
    enum tally_err err = store_end(intake);

    if (err == TALLY_ERR_FULL && engine_flush(tally->engine) == TALLY_OK)
        err = store_end(intake);
    if (err)
        tally->plugins->runtime.complain("", hook_path(HOOK_SDK_END),
                                         "changes were not stored", err);
}

void intake_tell_absorbed(struct intake *intake, uint32_t before)
{
    const struct person *person = &intake->person;
    bool is_renamed = before == 0 && person->ordinal != 0;
    uint32_t old = is_renamed ? person->ordinal : person->absorbed;
    struct call_value values[] = {
        {.name = "app_id", .write = payload_app_id},
        {.name = "oldUser", .write = payload_absorbed, .source = &old},
        {.name = "newUser", .write = payload_person},
    };

    if (old != 0 && intake_listens(intake, HOOK_DEVICE_ID))
        fire(intake, HOOK_DEVICE_ID, values, 3);
    if (person->absorbed != 0 && intake_listens(intake, HOOK_SESSION_POST))
        due_end(intake, person->absorbed);
}

static void tell_duration(struct intake *intake, uint32_t duration)
{
    char number[PAYLOAD_NUMBER_SIZE];
    struct call_value values[] = {
        {.name = "session_duration", .json = payload_number(number, duration)}};

    fire(intake, HOOK_SESSION_DURATION, values, 1);
}

void intake_tell_post(struct intake *intake, uint64_t seconds, bool is_ended)
{
    char number[PAYLOAD_NUMBER_SIZE];
    struct call_value values[] = {
        {.name = "updates", .json = TEXT("[]"), .is_mutable = true},
        {.name = "dbAppUser", .write = payload_person},
        {.name = "session_duration", .json = payload_number(number, seconds)},
        {.name = "end_session", .json = payload_bool(is_ended)},
    };

    fire(intake, HOOK_SESSION_POST, values, 4);
    change_by_updates(intake, &values[0]);
}

static void tell_metrics(struct intake *intake)
{
    struct call_value values[] = {
        {.name = "predefinedMetrics",
         .write = payload_metrics,
         .is_mutable = true},
        {.name = "userProps", .json = TEXT("{}"), .is_mutable = true},
        {.name = "user", .write = payload_person},
        {.name = "isNewUser", .json = payload_bool(intake->was_new)},
    };

    fire(intake, HOOK_SESSION_METRICS, values, 4);
    change_by_metrics(intake, &values[0]);
    change_by_properties(intake, &values[1]);
}

static void tell_user(struct intake *intake)
{
    struct call_value values[] = {
        {.name = "dbAppUser", .write = payload_person}};

    fire(intake, HOOK_SESSION_USER, values, 1);
}

/* What this request says of the session before: nobody ended it, or somebody
 * did and nothing resumes it any more. */
static void tell_over(struct intake *intake)
{
    const struct session *session = &intake->session;
    uint64_t seconds;

    if (session->has_closed)
        intake_tell_post(intake, session->seconds, false);
    else if (session->kind != SESSION_NONE && due_take(intake, &seconds) &&
             session->kind == SESSION_NEW)
        intake_tell_post(intake, seconds, true);
}

void intake_tell_usage(struct intake *intake,
                       const struct session_request *request)
{
    bool is_new = intake->session.kind == SESSION_NEW;

    if (request->duration > 0 && !is_new &&
        intake_listens(intake, HOOK_SESSION_DURATION))
        tell_duration(intake, request->duration);
    if (intake_listens(intake, HOOK_SESSION_POST))
        tell_over(intake);
    if (is_new && intake_listens(intake, HOOK_SESSION_USER))
        tell_user(intake);
    if ((is_new || params_has(intake->request->params, "metrics")) &&
        intake_listens(intake, HOOK_SESSION_METRICS))
        tell_metrics(intake);
}

static void tell_change(struct intake *intake, enum hook hook)
{
    struct call_value values[] = {
        {.name = "updates", .json = TEXT("[]"), .is_mutable = true},
        {.name = "dbAppUser", .write = payload_person},
        {.name = "isNewUser", .json = payload_bool(intake->was_new)},
    };

    fire(intake, hook, values, hook == HOOK_SESSION_BEGIN ? 3 : 2);
    change_by_updates(intake, &values[0]);
}

static void tell_retention(struct intake *intake)
{
    struct call_value values[] = {
        {.name = "user", .write = payload_person},
        {.name = "isNewUser", .json = payload_bool(intake->was_new)},
    };

    fire(intake, HOOK_SESSION_RETENTION, values, 2);
}

void intake_tell_session(struct intake *intake,
                         const struct session_request *request)
{
    static const enum hook hooks[] = {[SESSION_NONE] = HOOK_SESSION_END,
                                      [SESSION_NEW] = HOOK_SESSION_BEGIN,
                                      [SESSION_EXTENDED] = HOOK_SESSION_EXTEND};
    const struct session *session = &intake->session;
    bool has_changed = session->kind != SESSION_NONE || session->has_ended;

    if (has_changed && intake_listens(intake, hooks[session->kind]))
        tell_change(intake, hooks[session->kind]);
    if (session->has_ended && intake_listens(intake, HOOK_SESSION_POST))
        due_put(intake);
    if (request->begins && intake_listens(intake, HOOK_SESSION_RETENTION))
        tell_retention(intake);
}

bool intake_show_event(struct intake *intake, struct scan_value *item)
{
    struct call_value values[] = {
        {.name = "currEvent", .json = item->text, .is_mutable = true}};
    struct scan scan;

    fire(intake, HOOK_EVENT, values, 1);
    if (!values[0].is_changed)
        return false;
    scan_init(&scan, values[0].json);
    return scan_read(&scan, item);
}

void intake_tell_view(struct intake *intake, const struct view *view)
{
    struct buffer out;
    struct json json;

    buffer_init(&out, 2 * VALUE_MAX * 6);
    json_init(&json, &out, JSON_PLAIN);
    json_text(&json, value_text(&view->name));
    size_t name_len = out.len;
    json_init(&json, &out, JSON_PLAIN);
    json_double(&json, (double)view->duration / EVENT_PER_ONE);
    struct call_value values[] = {
        {.name = "viewName", .json = {out.at, name_len}},
        {.name = "duration", .json = {out.at + name_len, out.len - name_len}},
    };
    fire(intake, HOOK_VIEW_DURATION, values, 2);
    buffer_finish(&out);
}

void intake_tell_consent(struct intake *intake, struct text changes)
{
    struct call_value values[] = {{.name = "changes", .json = changes}};

    if (intake_listens(intake, HOOK_CONSENT_CHANGE))
        fire(intake, HOOK_CONSENT_CHANGE, values, 1);
}
