#include "metrics/ingest.h"

#include "metrics/answer.h"
#include "metrics/intake_hook.h"
#include "metrics/visit.h"

/* By far the most frequent answer. */
static int answer_success(struct buffer *out)
{
    buffer_add_string(out, "{\"result\":\"Success\"}");
    return ANSWER_OK;
}

static int answer_cancelled(struct buffer *out, struct text reason)
{
    static const char info[] = "Request ignored: ";
    struct buffer message;
    struct json json;

    buffer_init(&message, sizeof(info) + reason.len);
    buffer_add_string(&message, info);
    buffer_add_text(&message, reason);
    json_init(&json, out, JSON_MESSAGE);
    json_open_object(&json);
    json_member_string(&json, "result", "Success");
    json_member_text(&json, "info", buffer_text(&message));
    json_close_object(&json);
    buffer_finish(&message);
    return ANSWER_OK;
}

static int answer_duplicate(struct buffer *out)
{
    buffer_add_string(out, "{\"result\":\"Success\",\"info\":"
                           "\"Request ignored: Duplicate request\"}");
    return ANSWER_OK;
}

/* Undoes what was decided and applies what the caller had brought alone. */
static enum tally_err apply(struct intake *intake, size_t keep)
{
    struct tally *tally = intake->tally;

    if (intake->answer.status == 503)
        return TALLY_ERR_FULL;
    if (!intake->is_decided && !intake->is_cancelled)
        batch_cut(&tally->batch, keep);
    return batch_is_empty(&tally->batch) ? TALLY_OK : tally_apply(tally);
}

/* What a whole request that was not decided is lost to. */
static enum loss loss_of(const struct intake *intake)
{
    if (intake->is_duplicate)
        return LOSS_DUPLICATE;
    if (intake->is_cancelled)
        return LOSS_CANCELLED;
    if (intake->answer.status == 503)
        return LOSS_NO_ROOM;
    if (intake->has_person)
        return LOSS_TOO_LARGE;
    if (!intake->has_identity)
        return LOSS_DEVICE;
    if (intake->app->paused)
        return LOSS_PAUSED;
    return intake->answer.status == 403 ? LOSS_LOCKED : LOSS_CHECKSUM;
}

/* Ignored is what gets a good answer nevertheless. */
static void describe_loss(struct intake *intake, struct docket_request *note)
{
    note->outcome =
        intake->answer.status == ANSWER_OK ? DOCKET_IGNORED : DOCKET_REJECTED;
    note->reason = intake->answer.message;
    note->device = params_text(note->params, "device_id");
    if (!intake->is_duplicate && !intake->is_cancelled)
        note->ordinal = 0;
    intake->tally->losses = (struct losses){0};
    loss_add(&intake->tally->losses, loss_of(intake), 1);
}

/* 0 for an app that is not known. */
static uint32_t number_of_app(struct intake *intake)
{
    if (!intake->app)
        intake->app = registry_app_by_key(
            intake->tally->registry,
            params_text(intake->request->params, "app_key"));
    return intake->app ? intake->app->number : 0;
}

/* A request whose app is not known is nobody's. */
static void note_request(struct intake *intake, uint32_t app)
{
    struct tally *tally = intake->tally;
    const struct ingest *request = intake->request;
    struct docket_request note = {
        .seconds = request->now / 1000,
        .app = app,
        .ordinal = intake->person.ordinal,
        .size = (uint32_t)(request->query.len + request->body.len),
        .is_item = request->is_item,
        .losses = &tally->losses,
        .device = intake->device,
        .params = request->params};

    if (app == 0)
        return;
    if (!intake->is_decided)
        describe_loss(intake, &note);
    docket_note(tally->docket, tally->settings.requests_kept, &note);
}

/* What is kept in memory of the user. */
static void note_person(const struct intake *intake)
{
    struct tally *tally = intake->tally;
    const struct person *person = &intake->person;

    tally_advance_online(tally, intake->request->now / 1000);
    if (person->absorbed != 0) {
        online_forget(tally->online, person->app, person->absorbed);
        docket_merge(tally->docket, person->app, person->absorbed,
                     person->ordinal);
    }
    online_note(tally->online, person->app, person->ordinal,
                intake->session.is_first);
}

static void settle(const struct intake *intake)
{
    if (intake->request->visit)
        visit_settle(intake->request->visit);
}

static int answer_undecided(const struct intake *intake, struct buffer *out)
{
    settle(intake);
    if (intake->is_duplicate)
        return answer_duplicate(out);
    if (intake->is_cancelled)
        return answer_cancelled(out, intake->reason);
    return answer_write(out, intake->answer);
}

/* The request has been applied; what its handlers wait for may not be over. */
static int conclude(struct intake *intake, struct buffer *out)
{
    struct visit *visit = intake->request->visit;

    if (visit && visit->pending > 0) {
        visit->stage = VISIT_STORED;
        return INGEST_WAITS;
    }
    settle(intake);
    if (intake_listens(intake, HOOK_SDK_END))
        intake_tell_end(intake);
    return answer_success(out);
}

/* A request that was stored, once more. */
static int go_on(struct intake *intake, struct buffer *out)
{
    if (!intake_find(intake))
        intake->plugins = NULL;
    return conclude(intake, out);
}

/* What handlers left before they wait is stored at once. */
static int park(struct intake *intake, size_t keep, struct buffer *out)
{
    struct tally *tally = intake->tally;

    batch_drop(&tally->batch, keep);
    if (batch_is_empty(&tally->batch) || tally_apply(tally) == TALLY_OK)
        return INGEST_WAITS;
    batch_clear(&tally->batch);
    intake->answer = intake_failed(tally, TALLY_ERR_FULL);
    return answer_undecided(intake, out);
}

int ingest_with_batch(struct tally *tally, const struct ingest *request,
                      struct buffer *out)
{
    struct intake intake = {
        .tally = tally, .request = request, .plugins = tally->plugins};
    size_t keep = batch_size(&tally->batch);

    if (request->visit && request->visit->stage == VISIT_STORED)
        return go_on(&intake, out);
    intake_decide(&intake);
    if (intake.waits)
        return park(&intake, keep, out);
    /* The app itself may be another one once the batch is applied. */
    uint32_t app = number_of_app(&intake);
    enum tally_err err = apply(&intake, keep);
    if (err) {
        batch_clear(&tally->batch);
        intake.answer = intake_failed(tally, err);
        intake.is_decided = false;
        intake.is_duplicate = false;
        intake.is_cancelled = false;
    }
    note_request(&intake, app);
    if (!intake.is_decided)
        return answer_undecided(&intake, out);
    note_person(&intake);
    return conclude(&intake, out);
}

int ingest(struct tally *tally, const struct ingest *request,
           struct buffer *out)
{
    batch_clear(&tally->batch);
    return ingest_with_batch(tally, request, out);
}
