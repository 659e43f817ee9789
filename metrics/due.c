#include "metrics/due.h"

#include "metrics/dues.h"
#include "metrics/intake_hook.h"

/* A record that does not fit breaks the batch, and so the request. */
void due_put(struct intake *intake)
{
    struct tally *tally = intake->tally;
    uint64_t seconds = intake->session.seconds;
    struct due due = {.at = intake->request->now / 1000 +
                            tally->settings.session_cooldown,
                      .app = intake->person.app,
                      .ordinal = intake->person.ordinal};
    enum tally_err err = dues_add(tally, &due, seconds);

    if (err == TALLY_ERR_FULL)
        intake_tell_post(intake, seconds, true);
    else if (err)
        tally->batch.is_broken = true;
}

bool due_take(struct intake *intake, uint64_t *seconds)
{
    struct due due = {.app = intake->person.app,
                      .ordinal = intake->person.ordinal};

    return dues_take(intake->tally, &due, seconds);
}

void due_end(struct intake *intake, uint32_t absorbed)
{
    struct due due = {.app = intake->person.app, .ordinal = absorbed};
    uint64_t seconds;

    if (dues_take(intake->tally, &due, &seconds))
        intake_tell_post(intake, seconds, true);
}

static const struct app *find_app(const struct tally *tally, uint32_t number)
{
    const struct app *app;

    for (unsigned i = 0; (app = registry_app_at(tally->registry, i)); i++) {
        if (app->number == number)
            return app;
    }
    return NULL;
}

/* As the request that ended the session would: its time is params.time. A
 * user that is gone has no session. */
static enum tally_err tell(struct tally *tally, const struct app *app,
                           uint32_t ordinal, int64_t now, uint64_t seconds)
{
    struct params params = {0};
    struct ingest request = {
        .arena = tally->arena, .params = &params, .now = now * 1000};
    struct intake intake = {.tally = tally,
                            .request = &request,
                            .plugins = tally->plugins,
                            .app = app,
                            .has_person = true};

    arena_reset(tally->arena);
    enum tally_err err =
        person_open(tally, tally->arena, app->number, ordinal, &intake.person);
    if (err)
        return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
    intake.device = intake.person.profile.did;
    intake.moment = moment_at(app->zone, intake.person.user.lest);
    intake_tell_post(&intake, seconds, true);
    return intake.has_extra ? person_store(tally, &intake.person) : TALLY_OK;
}

static enum tally_err fire(struct tally *tally, const struct due *due,
                           int64_t now)
{
    const struct app *app = find_app(tally, due->app);
    struct due stored = *due;
    enum tally_err err = TALLY_OK;
    uint64_t seconds;

    batch_clear(&tally->batch);
    if (!app || !dues_take(tally, &stored, &seconds) || stored.at > now)
        return TALLY_OK;
    if (plugins_listen(tally->plugins, HOOK_SESSION_POST))
        err = tell(tally, app, due->ordinal, now, seconds);
    return err ? err : tally_apply(tally);
}

enum tally_err due_tick(struct tally *tally, int64_t now)
{
    struct dues *dues = tally->dues;
    enum tally_err err = TALLY_OK;

    for (unsigned i = 0; !err && i < DUE_AT_ONCE; i++) {
        const struct due *due = dues_first(dues);
        if (!due || due->at > now)
            break;
        err = fire(tally, due, now);
        if (err != TALLY_ERR_FULL)
            dues_pop(dues);
    }
    batch_clear(&tally->batch);
    return err;
}
