#include "metrics/explain.h"

#include "metrics/docket.h"
#include "metrics/event_marks.h"
#include "metrics/identity.h"
#include "metrics/intake.h"
#include "metrics/telling.h"

struct explanation {
    struct telling telling;
    struct intake intake;
    struct person before;
    bool was_known;
};

/* The call without what only explaining needs. */

static bool is_left_out(struct text parameter)
{
    static const char *const prefixes[] = {
        "explain=", "api_key=", "auth_token=", "app_id="};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (text_has_prefix(parameter, prefixes[i]))
            return true;
    }
    return false;
}

/* An empty text when the arena has no room. */
static struct text strip(struct arena *arena, struct text form)
{
    char *kept = arena_alloc(arena, form.len + 1);
    size_t len = 0;

    for (size_t at = 0; kept && at < form.len;) {
        const char *end = memchr(form.at + at, '&', form.len - at);
        size_t size = end ? (size_t)(end - form.at) - at : form.len - at;
        if (!is_left_out((struct text){form.at + at, size})) {
            if (len > 0)
                kept[len++] = '&';
            memcpy(kept + len, form.at + at, size);
            len += size;
        }
        at += size + 1;
    }
    return (struct text){kept, len};
}

static struct ingest plain_request(const struct ingest *request)
{
    struct ingest plain = *request;
    bool is_json = request->body.len > 0 && request->body.at[0] == '{';

    plain.query = strip(request->arena, request->query);
    if (!is_json)
        plain.body = strip(request->arena, request->body);
    return plain;
}

/* The user. */

static void write_values(struct explanation *explanation,
                         const struct user *user)
{
    struct json *json = &explanation->telling.json;
    struct text text;

    json_key_string(json, "values");
    json_open_array(json);
    for (unsigned i = 0; i < user->value_count; i++) {
        json_open_object(json);
        telling_write_place(&explanation->telling, user->values[i].set,
                            user->values[i].value);
        text = user->values[i].value == 0
                   ? profile_text(&explanation->intake.person.profile,
                                  user->values[i].set)
                   : (struct text){NULL, 0};
        if (text.len > 0)
            json_member_text(json, "value", text);
        json_close_object(json);
    }
    json_close_array(json);
}

static void write_user(struct explanation *explanation, const char *name,
                       const struct user *user)
{
    struct json *json = &explanation->telling.json;

    json_key_string(json, name);
    json_open_object(json);
    json_member_int(json, "fs", user->fs);
    json_member_int(json, "ls", user->ls);
    json_member_int(json, "fac", user->fac);
    json_member_int(json, "lac", user->lac);
    json_member_int(json, "lbst", user->lbst);
    json_member_int(json, "lest", user->lest);
    json_member_int(json, "sc", user->sc);
    json_member_int(json, "sd", (int64_t)user->sd);
    json_member_int(json, "tsd", (int64_t)user->tsd);
    json_member_bool(json, "hos", user->is_open);
    write_values(explanation, user);
    json_close_object(json);
}

static void write_person(struct explanation *explanation)
{
    const struct person *person = &explanation->intake.person;
    struct json *json = &explanation->telling.json;
    char uid[IDENTITY_UID_SIZE];

    json_key_string(json, "user");
    json_open_object(json);
    json_member_bool(json, "is_new", !explanation->was_known);
    identity_uid(person->ordinal, uid);
    if (person->ordinal != 0)
        json_member_string(json, "uid", uid);
    if (explanation->was_known)
        write_user(explanation, "before", &explanation->before.user);
    if (explanation->intake.is_decided)
        write_user(explanation, "after", &person->user);
    json_close_object(json);
}

static const char *session_name(const struct explanation *explanation)
{
    const struct user *after = &explanation->intake.person.user;

    if (explanation->intake.session.kind == SESSION_NEW)
        return "new";
    if (explanation->intake.session.kind == SESSION_EXTENDED)
        return "extended";
    return explanation->before.user.is_open && !after->is_open ? "ended"
                                                               : "none";
}

static void write_session(struct explanation *explanation)
{
    const struct moment *moment = &explanation->intake.moment;
    struct json *json = &explanation->telling.json;

    json_key_string(json, "time");
    json_open_object(json);
    json_member_int(json, "seconds", moment->seconds);
    telling_write_date(json, moment->day);
    json_member_int(json, "hour", moment->hour % 24);
    json_member_int(json, "week", moment->date.week);
    json_close_object(json);
    if (explanation->intake.is_decided)
        json_member_string(json, "session", session_name(explanation));
}

/* What is not counted. */

static void write_unknown(struct explanation *explanation)
{
    const struct ingest *request = explanation->intake.request;
    const struct param *sent = params_find(request->params, "metrics");
    struct params metrics = {0};

    json_key_string(&explanation->telling.json, "unknown_metrics");
    json_open_array(&explanation->telling.json);
    if (sent &&
        params_add_json(&metrics, request->arena, sent->value) == TALLY_OK) {
        for (unsigned i = 0; i < metrics.count; i++) {
            if (!catalog_reads(explanation->intake.tally->catalog,
                               metrics.list[i].name))
                json_text(&explanation->telling.json, metrics.list[i].name);
        }
    }
    json_close_array(&explanation->telling.json);
}

static void write_losses(struct explanation *explanation)
{
    const struct losses *losses = &explanation->intake.tally->losses;

    json_key_string(&explanation->telling.json, "lost");
    json_open_object(&explanation->telling.json);
    for (int i = 0; i < LOSS_KINDS; i++)
        telling_write_number(&explanation->telling.json,
                             loss_name((enum loss)i), losses->at[i]);
    json_close_object(&explanation->telling.json);
    if (losses->at[LOSS_UNKNOWN_METRIC] > 0)
        write_unknown(explanation);
}

static enum docket_outcome outcome_of(const struct intake *intake)
{
    if (intake->is_decided)
        return DOCKET_ACCEPTED;
    return intake->answer.status == ANSWER_OK ? DOCKET_IGNORED
                                              : DOCKET_REJECTED;
}

static void tell(struct explanation *explanation)
{
    const struct intake *intake = &explanation->intake;
    struct json *json = &explanation->telling.json;

    json_open_object(json);
    json_member_string(json, "outcome",
                       docket_outcome_name(outcome_of(intake)));
    json_member_int(json, "status", intake->answer.status);
    json_member_string(json, "answer", intake->answer.message);
    if (intake->has_person) {
        write_session(explanation);
        write_person(explanation);
    }
    if (intake->is_decided) {
        write_losses(explanation);
        telling_write_effects(&explanation->telling);
    }
    json_close_object(json);
}

/* The user as it is: nothing has been applied. */
static enum tally_err find_before(struct explanation *explanation)
{
    const struct intake *intake = &explanation->intake;

    if (!intake->has_person)
        return TALLY_OK;
    enum tally_err err = person_find(
        intake->tally, intake->person.app,
        params_text(intake->request->params, "device_id"),
        (uint32_t)(intake->request->now / 1000), &explanation->before);
    explanation->was_known = explanation->before.ordinal != 0;
    return err;
}

int explain(struct tally *tally, const struct ingest *request,
            struct buffer *out)
{
    struct ingest plain = plain_request(request);
    struct explanation explanation = {
        .telling = {.tally = tally},
        .intake = {.tally = tally, .request = &plain}};

    batch_clear(&tally->batch);
    intake_decide(&explanation.intake);
    explanation.telling.app = explanation.intake.person.app;
    enum tally_err err = find_before(&explanation);
    json_init(&explanation.telling.json, out,
              params_is_true(request->params, "raw") ? JSON_PLAIN : JSON_DATA);
    if (!err)
        tell(&explanation);
    batch_clear(&tally->batch);
    event_marks_clear(tally->event_marks);
    return err ? 503 : ANSWER_OK;
}
