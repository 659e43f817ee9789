#include "metrics/ingest.h"

#include "metrics/answer.h"
#include "metrics/checksum.h"
#include "metrics/consent.h"
#include "metrics/detail.h"
#include "metrics/event_record.h"
#include "metrics/intake.h"
#include "metrics/set.h"
#include "metrics/timesofday.h"
#include "metrics/usage.h"

enum { SECONDS_PER_DAY = 86400 };

#define ZERO_IDFA "00000000-0000-0000-0000-000000000000"

static const struct answer success = {ANSWER_OK, "Success"};
static const struct answer duplicate = {ANSWER_OK,
                                        "Request ignored: Duplicate request"};
static const struct answer no_room = {503, "No room at present, try again"};

static struct answer check_identity(const struct params *params)
{
    struct text device = params_text(params, "device_id");

    if (!params_has(params, "app_key") || !params_has(params, "device_id") ||
        device.len == 0)
        return (struct answer){
            400, "Missing parameter \"app_key\" or \"device_id\""};
    if (text_is(device, ZERO_IDFA))
        return (struct answer){200, "Ignoring device_id"};
    if (device.len > PERSON_DEVICE_MAX)
        return (struct answer){400, "Invalid parameter \"device_id\""};
    return success;
}

static struct answer check_app(const struct app *app,
                               const struct params *params)
{
    if (!app)
        return (struct answer){400, "App does not exist"};
    if (app->paused)
        return (struct answer){400, "App is currently not accepting data"};
    if (app->locked && params_is_true(params, "populator"))
        return (struct answer){403, "App is locked"};
    return success;
}

static struct answer check_checksum(const struct app *app,
                                    const struct ingest *request)
{
    struct checksum_claim claim = {
        .query = request->query,
        .body = request->body,
        .checksum = params_text(request->params, "checksum"),
        .checksum256 = params_text(request->params, "checksum256"),
    };
    struct text salt = app_salt(app);

    if (salt.len == 0 || request->is_trusted)
        return success;
    switch (checksum_verify(&claim, salt)) {
    case CHECKSUM_MISSING:
        return (struct answer){200, "Request does not have checksum"};
    case CHECKSUM_WRONG:
        return (struct answer){200, "Request does not match checksum"};
    case CHECKSUM_GOOD:
        break;
    }
    return success;
}

/* Everything that is asked before a user is looked at, in Countly's order. */
static struct answer check(struct intake *intake)
{
    const struct params *params = intake->request->params;
    struct answer answer = check_identity(params);

    if (answer.message != success.message)
        return answer;
    intake->app = registry_app_by_key(intake->tally->registry,
                                      params_text(params, "app_key"));
    answer = check_app(intake->app, params);
    if (answer.message != success.message)
        return answer;
    return check_checksum(intake->app, intake->request);
}

static enum tally_err know_duplicate(struct intake *intake)
{
    const struct ingest *request = intake->request;

    if (!intake->tally->settings.prevent_duplicate_requests ||
        !params_has(request->params, "timestamp"))
        return TALLY_OK;
    enum tally_err err =
        identity_request_hash(&intake->tally->request_key, request->arena,
                              request->query, request->body, &intake->hash);
    if (!err)
        intake->is_duplicate =
            user_has_request(&intake->person.user, intake->hash);
    return err;
}

static enum tally_err absorb(struct intake *intake)
{
    const struct params *params = intake->request->params;
    struct text old = params_text(params, "old_device_id");

    if (!params_has(params, "old_device_id") || old.len > PERSON_DEVICE_MAX ||
        text_equal(old, params_text(params, "device_id")))
        return TALLY_OK;
    return person_absorb(intake->tally, intake->request->arena, &intake->person,
                         old, (uint32_t)(intake->request->now / 1000));
}

static void note_activity(struct intake *intake)
{
    struct user *user = &intake->person.user;
    uint32_t seconds = intake->moment.seconds;

    if (params_is_true(intake->request->params, "no_meta"))
        return;
    if (user->fac == 0)
        user->fac = seconds;
    if (seconds > user->lac)
        user->lac = seconds;
}

/* Once a day the app learns that data arrives (spec B.2); an app that has no
 * room for that goes without. */
static void note_data(struct intake *intake)
{
    int64_t now = intake->request->now / 1000;
    struct app app = *intake->app;

    if (app.last_data / SECONDS_PER_DAY == now / SECONDS_PER_DAY ||
        params_is_true(intake->request->params, "populator"))
        return;
    app.last_data = now;
    (void)!app_put(&intake->tally->batch, &app);
}

static void count_session(struct intake *intake)
{
    const struct params *params = intake->request->params;
    struct hit *hit = &intake->session.hit;
    uint32_t value = timesofday_value(params_text(params, "hour"),
                                      params_text(params, "dow"));

    if (value != 0)
        hit->items[hit->item_count++] =
            (struct hit_item){SET_TIMES_OF_DAY, value, HIT_T};
    effect_hit(&intake->tally->batch, hit);
}

static enum tally_err decide_session(struct intake *intake)
{
    struct tally *tally = intake->tally;
    struct session_request request =
        session_request(intake->request->params, &tally->settings);
    struct usage usage = {.tally = tally,
                          .arena = intake->request->arena,
                          .app = intake->app,
                          .params = intake->request->params,
                          .address = intake->request->address,
                          .user_agent = intake->request->user_agent,
                          .moment = &intake->moment,
                          .person = &intake->person,
                          .session = &intake->session,
                          .begins = request.begins};

    enum tally_err err = person_number(tally, &intake->person);
    if (err)
        return err;
    intake->session =
        session_decide(&intake->person.user, &request, &intake->moment,
                       tally->settings.session_cooldown, intake->person.app,
                       intake->person.ordinal, &tally->batch);
    loss_add(&tally->losses, LOSS_LATE, intake->session.is_late);
    err = usage_record(&usage);
    if (!err && intake->session.kind == SESSION_NEW)
        count_session(intake);
    return err;
}

static enum tally_err record_events(struct intake *intake)
{
    const struct ingest *request = intake->request;
    struct event_record record = {.tally = intake->tally,
                                  .arena = request->arena,
                                  .app = intake->app,
                                  .param =
                                      params_find(request->params, "events"),
                                  .moment = &intake->moment,
                                  .hour = params_text(request->params, "hour"),
                                  .dow = params_text(request->params, "dow"),
                                  .now = request->now,
                                  .person = &intake->person};

    return event_record_all(&record);
}

/* What the user tells of themselves and allows; rarely there. */
static enum tally_err decide_details(struct intake *intake)
{
    const struct ingest *request = intake->request;
    enum tally_err err = detail_record(intake->tally, request->arena,
                                       request->params, &intake->person);

    return err ? err
               : consent_record(intake->tally, request->arena, request->params,
                                &intake->moment, &intake->person);
}

static enum tally_err decide(struct intake *intake)
{
    enum tally_err err = absorb(intake);

    if (!err)
        err = decide_session(intake);
    if (!err)
        err = record_events(intake);
    if (!err)
        err = decide_details(intake);
    if (err)
        return err;
    note_activity(intake);
    note_data(intake);
    if (intake->hash != 0)
        user_add_request(&intake->person.user, intake->hash);
    return person_store(intake->tally, &intake->person);
}

/* Nothing of what was decided is applied. */
static struct answer failed(struct tally *tally, enum tally_err err)
{
    event_marks_clear(tally->event_marks);
    if (err == TALLY_ERR_TOO_BIG)
        return (struct answer){400, "Request is too large"};
    return no_room;
}

/* By far the most frequent answer. */
static int answer_success(struct buffer *out)
{
    buffer_add_string(out, "{\"result\":\"Success\"}");
    return ANSWER_OK;
}

static int answer_duplicate(struct buffer *out)
{
    buffer_add_string(out, "{\"result\":\"Success\",\"info\":"
                           "\"Request ignored: Duplicate request\"}");
    return ANSWER_OK;
}

static enum tally_err find_person(struct intake *intake)
{
    const struct ingest *request = intake->request;

    intake->device = params_text(request->params, "device_id");
    intake->moment =
        moment_at(intake->app->zone,
                  moment_seconds(params_text(request->params, "timestamp"),
                                 request->now));
    return person_find(intake->tally, intake->app->number, intake->device,
                       (uint32_t)(request->now / 1000), &intake->person);
}

void intake_decide(struct intake *intake)
{
    enum tally_err err = TALLY_OK;

    intake->tally->losses = (struct losses){0};
    intake->answer = check(intake);
    if (intake->answer.message != success.message)
        return;
    err = find_person(intake);
    intake->has_person = !err;
    if (!err)
        err = know_duplicate(intake);
    if (!err && !intake->is_duplicate)
        err = decide(intake);
    if (!err && !batch_is_whole(&intake->tally->batch))
        err = TALLY_ERR_TOO_BIG;
    if (err)
        intake->answer = failed(intake->tally, err);
    else if (intake->is_duplicate)
        intake->answer = duplicate;
    else
        intake->is_decided = true;
}

/* Undoes what was decided and applies what the caller had brought alone. */
static enum tally_err apply(struct intake *intake, size_t keep)
{
    struct tally *tally = intake->tally;

    if (intake->answer.status == 503)
        return TALLY_ERR_FULL;
    if (!intake->is_decided)
        batch_cut(&tally->batch, keep);
    return batch_is_empty(&tally->batch) ? TALLY_OK : tally_apply(tally);
}

/* What a whole request that was not decided is lost to. */
static enum loss loss_of(const struct intake *intake)
{
    if (intake->is_duplicate)
        return LOSS_DUPLICATE;
    if (intake->answer.status == 503)
        return LOSS_NO_ROOM;
    if (intake->has_person)
        return LOSS_TOO_LARGE;
    if (check_identity(intake->request->params).message != success.message)
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
    if (!intake->is_duplicate)
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

int ingest_with_batch(struct tally *tally, const struct ingest *request,
                      struct buffer *out)
{
    struct intake intake = {.tally = tally, .request = request};
    size_t keep = batch_size(&tally->batch);

    intake_decide(&intake);
    /* The app itself may be another one once the batch is applied. */
    uint32_t app = number_of_app(&intake);
    enum tally_err err = apply(&intake, keep);
    if (err) {
        batch_clear(&tally->batch);
        intake.answer = failed(tally, err);
        intake.is_decided = false;
        intake.is_duplicate = false;
    }
    note_request(&intake, app);
    if (intake.is_duplicate)
        return answer_duplicate(out);
    if (intake.is_decided)
        note_person(&intake);
    return intake.is_decided ? answer_success(out)
                             : answer_write(out, intake.answer);
}

int ingest(struct tally *tally, const struct ingest *request,
           struct buffer *out)
{
    batch_clear(&tally->batch);
    return ingest_with_batch(tally, request, out);
}
