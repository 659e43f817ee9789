#include "http/read_user.h"

#include "engine/dictionary.h"
#include "metrics/consent_object.h"
#include "metrics/portrait.h"
#include "metrics/user_table.h"

static enum timeobject_mode mode_of(const struct read *read)
{
    if (text_is(read_param(read, "action"), "refresh"))
        return TIMEOBJECT_REFRESH;
    return read_flag(read, "fullRange") ? TIMEOBJECT_FULL : TIMEOBJECT_PERIOD;
}

/* What method=consents has to know. */
struct consents {
    uint32_t app;
    enum timeobject_mode mode;
};

static enum tally_err write_consents(struct read *read)
{
    const struct consents *consents = read->question;

    return consent_object_write(read->reader, consents->app, &read->period,
                                consents->mode, &read->json);
}

enum tally_err read_user_consents(struct read *read)
{
    enum tally_err err = read_open(read);
    if (err)
        return err;
    struct consents *consents = read_question(read, sizeof(*consents));
    *consents = (struct consents){read->app->number, mode_of(read)};
    consent_object_capture(read->reader, consents->app);
    read->run = write_consents;
    return TALLY_OK;
}

/* What method=user_details has to know. */
struct users {
    uint32_t app;
    struct user_table *table;
    char reason[USER_QUERY_REASON_SIZE];
};

static enum tally_err write_users(struct read *read)
{
    struct users *users = read->question;
    enum tally_err err =
        user_table_write(users->table, read->reader, &read->json);

    user_table_destroy(users->table);
    return err;
}

static enum tally_err read_users(struct read *read)
{
    enum tally_err err = read_open(read);
    if (err)
        return err;

    struct users *users = read_question(read, sizeof(*users));
    err = user_table_create(read->service->tally, read->app,
                            &read->exchange->params, &users->table,
                            users->reason);
    if (err == TALLY_ERR_INVALID)
        read->refusal = (struct answer){400, users->reason};
    if (err)
        return err == TALLY_ERR_INVALID ? TALLY_OK : err;
    portrait_capture(read->reader, read->app->number);
    read->run = write_users;
    return TALLY_OK;
}

static enum tally_err find_user(const struct read *read, uint32_t *ordinal)
{
    struct tally *tally = read->service->tally;
    uint8_t hash[IDENTITY_HASH_SIZE];

    if (params_has(&read->exchange->params, "uid")) {
        *ordinal = identity_ordinal(read_param(read, "uid"));
        return TALLY_OK;
    }
    identity_device_hash(tally->secret, read_param(read, "did"), hash);
    return dictionary_device(tally->engine, read->app->number, hash, ordinal);
}

/* One user, by uid or device id; nobody is an empty object. */
static enum tally_err read_user(struct read *read)
{
    struct portrait portrait = {.engine = read->service->engine,
                                .catalog = read->service->tally->catalog,
                                .app = read->app->number,
                                .app_key = text_of(read->app->key),
                                .arena = arena_create(PORTRAIT_ARENA)};
    uint32_t ordinal;
    enum tally_err err = find_user(read, &ordinal);

    if (!err)
        err = portrait_turn(&portrait, ordinal);
    if (!err) {
        err = portrait_write(&portrait, &read->json);
    } else if (err == TALLY_ERR_NOT_FOUND) {
        err = TALLY_OK;
        json_open_object(&read->json);
        json_close_object(&read->json);
    }
    arena_destroy(portrait.arena);
    return err;
}

enum tally_err read_user_details(struct read *read)
{
    const struct params *params = &read->exchange->params;
    bool is_one = params_has(params, "uid") || params_has(params, "did");

    return is_one ? read_user(read) : read_users(read);
}
