/*
 * App users as rows, in the order of their numbers, a block of them at a time.
 */
#include <string.h>

#include "engine/dictionary.h"
#include "engine/key.h"
#include "engine/pack.h"
#include "engine/series.h"
#include "metrics/export.h"
#include "metrics/identity.h"
#include "metrics/profile.h"
#include "metrics/user.h"

enum { BLOCK = 256 };

/* Before the values come these, behind them the details. */
enum column {
    ID,
    UID,
    DID,
    FS,
    LS,
    FAC,
    LAC,
    LBST,
    LEST,
    SC,
    SD,
    TSD,
    HOS,
    TZ,
    MERGES,
    LOC,
    RGN,
    VALUES,
};

static const char *const fixed[VALUES] = {
    "_id", "uid", "did", "fs",  "ls", "fac",    "lac", "lbst", "lest",
    "sc",  "sd",  "tsd", "hos", "tz", "merges", "loc", "rgn"};

static void list_columns(struct export *export)
{
    unsigned count = 0;

    for (; count < VALUES; count++)
        export->columns[count] = fixed[count];
    for (unsigned i = 0; i < export->metrics.count; i++)
        export->columns[count++] = export->metrics.at[i]->short_code;
    export->columns[count++] = "details";
    export->rows.columns = export->columns;
    export->rows.count = count;
}

struct block {
    struct export *export;
    enum tally_err err;
    struct text users[BLOCK];
    struct text profiles[BLOCK];
};

static struct text copy(struct block *block, struct text record)
{
    const char *at = arena_strndup(block->export->arena, record.at, record.len);

    if (!at)
        block->err = TALLY_ERR_TOO_BIG;
    return (struct text){at, at ? record.len : 0};
}

static unsigned place_of(struct text key)
{
    return (unsigned char)key.at[key.len - 1];
}

static bool take_user(void *user, struct text key, struct text record)
{
    struct block *block = user;

    block->users[place_of(key)] = copy(block, record);
    return !block->err;
}

static bool take_profile(void *user, struct text key, struct text record)
{
    struct block *block = user;

    block->profiles[place_of(key)] = copy(block, record);
    return !block->err;
}

static void put_time(struct rows *rows, enum column column, uint32_t seconds)
{
    if (seconds > 0)
        rows_int(rows, column, seconds);
}

static void put_numbers(struct rows *rows, const struct user *user)
{
    put_time(rows, FS, user->fs);
    put_time(rows, LS, user->ls);
    put_time(rows, FAC, user->fac);
    put_time(rows, LAC, user->lac);
    put_time(rows, LBST, user->lbst);
    put_time(rows, LEST, user->lest);
    rows_int(rows, SC, user->sc);
    rows_int(rows, SD, (int64_t)user->sd);
    rows_int(rows, TSD, (int64_t)user->tsd);
    rows_bool(rows, HOS, user->is_open);
    if (user->has_tz)
        rows_int(rows, TZ, user->tz);
    rows_int(rows, MERGES, user->merges);
}

static void put_values(const struct export *export, struct rows *rows,
                       const struct user *user, const struct profile *profile)
{
    for (unsigned i = 0; i < export->metrics.count; i++) {
        uint32_t set = export->metrics.at[i]->set;
        const struct user_value *value = user_value(user, set);
        if (value && value->value != 0)
            rows_text(rows, VALUES + i,
                      name_list_find(&export->names[i], value->value));
        else if (value)
            rows_text(rows, VALUES + i, profile_text(profile, set));
    }
}

static void put_user(struct export *export, uint32_t ordinal,
                     const struct user *user, const struct profile *profile)
{
    struct rows *rows = &export->rows;
    char id[IDENTITY_APP_USER_ID_SIZE];
    char uid[IDENTITY_UID_SIZE];

    identity_app_user_id(text_of(export->key), profile->did, id);
    identity_uid(ordinal, uid);
    rows_open(rows, export->out);
    rows_text(rows, ID, text_of(id));
    rows_text(rows, UID, text_of(uid));
    rows_text(rows, DID, profile->did);
    put_numbers(rows, user);
    rows_text(rows, LOC, profile->loc);
    rows_text(rows, RGN, profile->rgn);
    put_values(export, rows, user, profile);
    rows_text(rows, rows->count - 1, profile->details);
    rows_close(rows);
}

static enum tally_err write_user(struct block *block, unsigned place)
{
    struct export *export = block->export;
    struct profile profile = {0};
    struct user user;

    if (block->users[place].len == 0)
        return TALLY_OK;
    enum tally_err err = user_read(block->users[place], &user);
    if (!err && block->profiles[place].len > 0)
        err = profile_read(block->profiles[place], export->arena, &profile);
    if (!err)
        put_user(export, export->block * BLOCK + place, &user, &profile);
    return err;
}

static enum tally_err write_block(struct export *export)
{
    struct block block = {.export = export};
    struct key key = key_user(export->app, export->block * BLOCK);
    enum tally_err err;

    arena_reset(export->arena);
    key.len--;
    err = reader_records(export->reader, TABLE_USERS, key_text(&key), take_user,
                         &block);
    if (!err && !block.err)
        err = reader_records(export->reader, TABLE_COLD, key_text(&key),
                             take_profile, &block);
    if (!err)
        err = block.err;
    for (unsigned i = 0; !err && i < BLOCK; i++)
        err = write_user(&block, i);
    export->is_done = export->block++ >= export->last / BLOCK;
    return err;
}

static enum tally_err read_names(struct export *export)
{
    enum tally_err err = TALLY_OK;

    export->step = write_block;
    for (unsigned i = 0; !err && i < export->metrics.count; i++)
        err = name_list_read(&export->names[i], export->reader, export->app,
                             export->metrics.at[i]->set);
    return err;
}

enum tally_err export_user_open(struct export *export, struct engine *engine)
{
    struct key app = key_app(export->app);

    _Static_assert(EXPORT_COLUMNS_MAX > VALUES + EXPORT_SETS_MAX,
                   "all columns fit");
    export->step = read_names;
    list_columns(export);
    reader_capture_table(export->reader, TABLE_USERS, key_text(&app));
    reader_capture_table(export->reader, TABLE_COLD, key_text(&app));
    for (unsigned i = 0; i < export->metrics.count; i++) {
        struct key names =
            key_string(export->app, export->metrics.at[i]->set, 0);
        names.len -= 4;
        reader_capture_table(export->reader, TABLE_STRINGS, key_text(&names));
    }
    return dictionary_last_ordinal(engine, export->app, &export->last);
}
