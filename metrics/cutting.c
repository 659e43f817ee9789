#include "metrics/cutting.h"

#include "engine/arena.h"
#include "engine/date.h"
#include "engine/pack.h"
#include "engine/series.h"
#include "metrics/departure.h"
#include "metrics/moment.h"
#include "metrics/movement.h"
#include "metrics/profile.h"
#include "metrics/user.h"

enum {
    CELLS = 1000,  /* counters of days in one step */
    ROWS = 60,     /* values of a year: each may have many slots */
    RECORDS = 500, /* users or aliases looked at */
    SEEKS = 50,
    CHAIN_MAX = 64, /* merges that are followed */
    ARENA_MAX = 1 << 20,
    HOURS_PER_DAY = 24,
};

int32_t cutting_day(const struct app *app, struct text period, int64_t now)
{
    static const struct {
        const char *name;
        int months;
    } periods[] = {
        {"1month", 1}, {"3month", 3}, {"6month", 6},
        {"1year", 12}, {"2year", 24},
    };
    struct date date = moment_at(app->zone, now).date;

    for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
        int month = date.year * 12 + date.month - 1 - periods[i].months;
        if (text_is(period, periods[i].name))
            return date_to_day(month / 12, month % 12 + 1, 1);
    }
    return 0;
}

/* The first second whose local day is not before `day`. */
static uint32_t start_of_day(struct zone *zone, int32_t day)
{
    int64_t low = ((int64_t)day - 2) * 86400;
    int64_t high = ((int64_t)day + 2) * 86400;

    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (moment_at(zone, middle).day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? (uint32_t)low : 0;
}

void cutting_start(struct cutting *cutting, struct tally *tally,
                   const struct app *app)
{
    *cutting = (struct cutting){.tally = tally,
                                .app = app->number,
                                .lsn = engine_lsn(tally->engine),
                                .before = app->cut,
                                .before_s = start_of_day(app->zone, app->cut)};
}

/* All that had been counted when the cut began must be in the base. */
static enum tally_err await_base(struct cutting *cutting, bool *over)
{
    struct engine *engine = cutting->tally->engine;

    *over = engine_state(engine).checkpointed >= cutting->lsn;
    if (*over)
        return TALLY_OK;
    engine_checkpoint(engine);
    return TALLY_ERR_FULL;
}

/* Each of these makes one step of a phase; *over when the phase has no more
 * to do. */

static enum tally_err cut_days(struct cutting *cutting, bool *over)
{
    bool found = false;
    unsigned moved = 0;
    enum tally_err err = TALLY_OK;

    for (int i = 0; !err && i < SEEKS; i++) {
        err = movement_find(cutting->tally, TABLE_DAYS, cutting->app,
                            &cutting->set, &cutting->time, &found);
        *over = !err && !found;
        if (err || !found || cutting->time < cutting->before)
            break;
        cutting->set++;
        cutting->time = 0;
        found = false;
    }
    if (err || !found)
        return err;
    err = movement_make(&(struct movement){.tally = cutting->tally,
                                           .app = cutting->app,
                                           .set = cutting->set,
                                           .day = cutting->time,
                                           .to = MOVEMENT_AWAY,
                                           .cells_max = CELLS},
                        &moved);
    cutting->time += !err && moved == 0;
    return err;
}

struct year_cut {
    struct cutting *cutting;
    unsigned rows;
};

static void take_slot(const struct year_cut *cut, const struct series_year *row,
                      enum count_field field, int slot, int32_t day)
{
    struct count count = {.app = cut->cutting->app,
                          .set = cut->cutting->set,
                          .value = row->value,
                          .hour = day * HOURS_PER_DAY,
                          .no_hour = true};

    if (row->at[slot] == 0 || day < 0 || day >= cut->cutting->before)
        return;
    count.add[field] = (int64_t)(0 - (uint64_t)row->at[slot]);
    movement_count(&cut->cutting->tally->batch, &count);
}

/* The year itself goes when all of it does. */
static void cut_row(void *user, const struct series_year *row)
{
    struct year_cut *cut = user;
    struct batch *batch = &cut->cutting->tally->batch;
    size_t size = batch_size(batch);

    if (cut->rows == ROWS)
        return;
    for (int month = 1; month <= 12; month++)
        take_slot(cut, row, COUNT_U_MONTH, YEAR_MONTH + month - 1,
                  date_to_day(row->year, month, 1));
    for (int week = 1; week <= DATE_LAST_WEEK; week++)
        take_slot(cut, row, COUNT_U_WEEK, YEAR_WEEK + week - 1,
                  date_week_first(row->year, week));
    if (date_to_day(row->year + 1, 1, 1) <= cut->cutting->before)
        take_slot(cut, row, COUNT_U_YEAR, YEAR_U, date_to_day(row->year, 1, 1));
    cut->rows += batch_size(batch) > size;
}

static enum tally_err cut_year(struct cutting *cutting, unsigned *rows)
{
    struct tally *tally = cutting->tally;
    struct year_cut cut = {.cutting = cutting};
    struct reader *reader;
    enum tally_err err = reader_open(tally->engine, &reader);
    if (err)
        return err;

    batch_clear(&tally->batch);
    series_capture_counts(reader, cutting->app, cutting->set);
    err = series_years(reader, cutting->app, cutting->set, cutting->time,
                       cutting->time, cut_row, &cut);
    reader_close(reader);
    if (!err && cut.rows > 0)
        err = tally_apply(tally);
    batch_clear(&tally->batch);
    *rows = cut.rows;
    return err;
}

static enum tally_err cut_years(struct cutting *cutting, bool *over)
{
    int last = date_of_day(cutting->before - 1).year;
    bool found = false;
    unsigned rows = 0;
    enum tally_err err =
        movement_find(cutting->tally, TABLE_YEARS, cutting->app, &cutting->set,
                      &cutting->time, &found);

    *over = !err && !found;
    if (err || !found)
        return err;
    if (cutting->time > last) {
        cutting->set++;
        cutting->time = 0;
        return TALLY_OK;
    }
    err = cut_year(cutting, &rows);
    cutting->time += !err && rows == 0;
    return err;
}

/* Users. */

struct look {
    struct cutting *cutting;
    struct arena *arena;
    struct departure departure; /* with those who are erased in this step */
    unsigned count;
    bool is_over;
};

/* Puts the record's key aside; false at the end of the app or of the step. */
static bool look_at(struct look *look, struct text key)
{
    struct key prefix = key_app(look->cutting->app);

    look->is_over = !text_starts_with(key, key_text(&prefix));
    if (look->is_over || look->count == RECORDS)
        return false;
    look->count++;
    look->cutting->at.len = key.len;
    memcpy(look->cutting->at.bytes, key.at, key.len);
    return true;
}

static bool is_old(const struct cutting *cutting, const struct user *user)
{
    return user->lac < cutting->before_s && user->ls < cutting->before_s;
}

static void erase_user(struct look *look, const struct key *key)
{
    struct tally *tally = look->cutting->tally;
    uint8_t hash[IDENTITY_HASH_SIZE];
    struct profile profile;
    struct text record;

    arena_reset(look->arena);
    if (engine_get(tally->engine, TABLE_COLD, key_text(key), &record) ==
            TALLY_OK &&
        profile_read(record, look->arena, &profile) == TALLY_OK) {
        identity_device_hash(tally->secret, profile.did, hash);
        struct key id = key_hash(look->cutting->app, hash);
        effect_erase(&tally->batch, TABLE_IDS, key_text(&id));
    }
    effect_erase(&tally->batch, TABLE_USERS, key_text(key));
    effect_erase(&tally->batch, TABLE_COLD, key_text(key));
}

/* The base may say of a user what is no longer so. */
static bool take_user(void *context, struct text key, struct text stored)
{
    struct look *look = context;
    struct cutting *cutting = look->cutting;
    struct text record;
    struct user user;

    (void)stored;
    if (!look_at(look, key))
        return false;
    struct key at = cutting->at;
    if (engine_get(cutting->tally->engine, TABLE_USERS, key_text(&at),
                   &record) == TALLY_OK &&
        user_read(record, &user) == TALLY_OK && is_old(cutting, &user)) {
        departure_add(&look->departure, &user);
        erase_user(look, &at);
    }
    return true;
}

static bool leads_nowhere(struct cutting *cutting, const struct key *alias)
{
    struct engine *engine = cutting->tally->engine;
    struct key key = *alias;
    struct text record;

    for (int i = 0; i < CHAIN_MAX; i++) {
        if (engine_get(engine, TABLE_ALIASES, key_text(&key), &record) !=
            TALLY_OK)
            return engine_get(engine, TABLE_USERS, key_text(&key), &record) ==
                   TALLY_ERR_NOT_FOUND;
        struct unpack unpack = unpack_from(record);
        key = key_user(cutting->app, unpack_u32(&unpack));
    }
    return false;
}

static bool take_alias(void *context, struct text key, struct text stored)
{
    struct look *look = context;
    struct cutting *cutting = look->cutting;
    struct text record;

    (void)stored;
    if (!look_at(look, key))
        return false;
    struct key alias = cutting->at;
    if (engine_get(cutting->tally->engine, TABLE_ALIASES, key_text(&alias),
                   &record) == TALLY_OK &&
        leads_nowhere(cutting, &alias)) {
        look->departure.users++; /* whose record went with the merge */
        effect_erase(&cutting->tally->batch, TABLE_ALIASES, key_text(&alias));
    }
    return true;
}

static enum tally_err look_through(struct cutting *cutting, enum table table,
                                   stored_record_fn take, bool *over)
{
    struct tally *tally = cutting->tally;
    struct look look = {.cutting = cutting, .is_over = true};
    struct key before = cutting->at;
    struct key from = before;

    if (from.len == 0)
        from = key_app(cutting->app);
    else
        from.bytes[from.len++] = 0; /* behind the last one */
    look.arena = arena_create(ARENA_MAX);
    batch_clear(&tally->batch);
    enum tally_err err =
        departure_read(tally->engine, cutting->app, &look.departure);
    int64_t gone = look.departure.users;
    if (!err)
        err = engine_stored(tally->engine, table, key_text(&from), take, &look);
    if (!err && look.departure.users > gone)
        departure_put(&tally->batch, cutting->app, &look.departure);
    if (!err && !batch_is_empty(&tally->batch))
        err = tally_apply(tally);
    batch_clear(&tally->batch);
    arena_destroy(look.arena);
    /* What was not applied is looked at once more. */
    if (err)
        cutting->at = before;
    *over = !err && (look.is_over || look.count < RECORDS);
    return err;
}

static enum tally_err cut_users(struct cutting *cutting, bool *over)
{
    return look_through(cutting, TABLE_USERS, take_user, over);
}

static enum tally_err cut_aliases(struct cutting *cutting, bool *over)
{
    return look_through(cutting, TABLE_ALIASES, take_alias, over);
}

static enum tally_err note_done(struct cutting *cutting, bool *over)
{
    struct tally *tally = cutting->tally;
    const struct app *app;

    *over = true;
    batch_clear(&tally->batch);
    for (unsigned i = 0; (app = registry_app_at(tally->registry, i)); i++) {
        struct app done = *app;
        done.cut_pending = false;
        if (app->number == cutting->app && app->cut == cutting->before &&
            !app_put(&tally->batch, &done))
            return TALLY_ERR_TOO_BIG;
    }
    return batch_is_empty(&tally->batch) ? TALLY_OK : tally_apply(tally);
}

enum tally_err cutting_step(struct cutting *cutting, bool *over)
{
    static enum tally_err (*const phases[])(struct cutting *, bool *) = {
        await_base, cut_days, cut_years, cut_users, cut_aliases, note_done,
    };
    enum { PHASES = sizeof(phases) / sizeof(phases[0]) };
    bool is_done = false;
    enum tally_err err = phases[cutting->phase](cutting, &is_done);

    *over = !err && is_done && cutting->phase == PHASES - 1;
    if (err || !is_done || *over)
        return err;
    cutting->phase++;
    cutting->set = 0;
    cutting->time = 0;
    cutting->at.len = 0;
    return TALLY_OK;
}
