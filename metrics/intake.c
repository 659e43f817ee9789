#include "metrics/intake.h"

#include "metrics/answer.h"
#include "metrics/checksum.h"
#include "metrics/consent.h"
#include "metrics/detail.h"
#include "metrics/event_record.h"
#include "metrics/intake_hook.h"
#include "metrics/set.h"
#include "metrics/timesofday.h"
#include "metrics/usage.h"

enum { SECONDS_PER_DAY = 86400 };

#define ZERO_IDFA "00000000-0000-0000-0000-000000000000"

static const struct answer success = {ANSWER_OK, "Success"};
static const struct answer duplicate = {ANSWER_OK,
                                        "Request ignored: Duplicate request"};
static const struct answer cancelled = {ANSWER_OK,
                                        "Request ignored by a plugin"};
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
    intake->has_identity = true;
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

/* What the decision will overwrite. */
static void note_past(struct intake *intake)
{
    intake->was_new = intake->person.user.sc == 0;
    intake->last_begin = intake->person.user.ls;
}

static enum tally_err absorb(struct intake *intake)
{
    const struct params *params = intake->request->params;
    struct text old = params_text(params, "old_device_id");
    uint32_t before = intake->person.ordinal;

    if (!params_has(params, "old_device_id") || old.len > PERSON_DEVICE_MAX ||
        text_equal(old, params_text(params, "device_id")))
        return TALLY_OK;
    enum tally_err err =
        person_absorb(intake->tally, intake->request->arena, &intake->person,
                      old, (uint32_t)(intake->request->now / 1000));
    if (!err && intake->plugins)
        intake_tell_absorbed(intake, before);
    note_past(intake);
    return err;
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
    if (intake->plugins)
        intake_tell_usage(intake, &request);
    err = usage_record(&usage);
    if (!err && intake->session.kind == SESSION_NEW)
        count_session(intake);
    if (!err && intake->plugins)
        intake_tell_session(intake, &request);
    return err;
}

static enum tally_err record_events(struct intake *intake)
{
    const struct ingest *request = intake->request;
    struct event_record record = {.intake = intake,
                                  .tally = intake->tally,
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
    struct text changes;
    enum tally_err err = detail_record(intake->tally, request->arena,
                                       request->params, &intake->person);

    if (!err)
        err = consent_record(intake->tally, request->arena, request->params,
                             &intake->moment, &intake->person, &changes);
    if (!err && changes.len > 0)
        intake_tell_consent(intake, changes);
    return err;
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
    if (intake_listens(intake, HOOK_I))
        intake_tell(intake, HOOK_I);
    if (intake->hash != 0)
        user_add_request(&intake->person.user, intake->hash);
    return person_store(intake->tally, &intake->person);
}

/* Nothing of what was decided is applied. */
struct answer intake_failed(struct tally *tally, enum tally_err err)
{
    event_marks_clear(tally->event_marks);
    if (err == TALLY_ERR_TOO_BIG)
        return (struct answer){400, "Request is too large"};
    return no_room;
}

static struct moment moment_of(const struct intake *intake)
{
    const struct ingest *request = intake->request;

    return moment_at(intake->app->zone,
                     moment_seconds(params_text(request->params, "timestamp"),
                                    request->now));
}

static enum tally_err find_person(struct intake *intake)
{
    const struct ingest *request = intake->request;

    intake->device = params_text(request->params, "device_id");
    intake->moment = moment_of(intake);
    enum tally_err err =
        person_find(intake->tally, intake->app->number, intake->device,
                    (uint32_t)(request->now / 1000), &intake->person);
    note_past(intake);
    return err;
}

bool intake_find(struct intake *intake)
{
    intake->app =
        registry_app_by_key(intake->tally->registry,
                            params_text(intake->request->params, "app_key"));
    intake->has_person = intake->app && !find_person(intake);
    return intake->has_person;
}

/* Handlers of /sdk may have changed what the request says. */
static void ask(struct intake *intake)
{
    intake_ask(intake);
    intake->moment = moment_of(intake);
}

/* Is there nothing to decide? */
static bool is_settled(const struct intake *intake)
{
    return intake->is_duplicate || intake->is_cancelled || intake->waits;
}

static void fail(struct intake *intake, enum tally_err err)
{
    intake->is_cancelled = false;
    intake->waits = false;
    intake->answer = intake_failed(intake->tally, err);
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
    if (!err && !intake->is_duplicate && intake_listens(intake, HOOK_SDK))
        ask(intake);
    if (!err && !is_settled(intake))
        err = decide(intake);
    if (!err && !batch_is_whole(&intake->tally->batch))
        err = TALLY_ERR_TOO_BIG;
    if (err)
        fail(intake, err);
    else if (intake->is_duplicate)
        intake->answer = duplicate;
    else if (intake->is_cancelled)
        intake->answer = cancelled;
    else
        intake->is_decided = !intake->waits;
}
