#include "engine/dictionary.h"

#include "engine/counter.h"
#include "engine/date.h"
#include "engine/key.h"
#include "engine/pack.h"
#include "engine/parts.h"

/* Reads a record as it will be once the batch is applied. */
static enum tally_err get(struct engine *engine, const struct batch *batch,
                          enum table table, const struct key *key,
                          struct text *value)
{
    if (batch_find(batch, table, key_text(key), value))
        return TALLY_OK;
    return engine_get(engine, table, key_text(key), value);
}

static enum tally_err number_of(enum tally_err err, struct text text,
                                uint32_t *number)
{
    struct unpack unpack = unpack_from(text);

    if (err)
        return err;
    uint32_t read = unpack_u32(&unpack);
    if (unpack.bad)
        return TALLY_ERR_CORRUPT;
    *number = read;
    return TALLY_OK;
}

/* The last number of a sequence; 0 before the first. */
static enum tally_err last_of(struct engine *engine, const struct batch *batch,
                              const struct key *key, uint32_t *last)
{
    struct text text = {0};
    enum tally_err err = get(engine, batch, TABLE_SEQUENCES, key, &text);

    if (err == TALLY_ERR_NOT_FOUND) {
        *last = 0;
        return TALLY_OK;
    }
    return number_of(err, text, last);
}

static void put_number(struct batch *batch, enum table table,
                       const struct key *key, uint32_t number)
{
    uint8_t bytes[4];
    struct pack pack = pack_into(bytes, sizeof(bytes));

    pack_u32(&pack, number);
    effect_put(batch, table, key_text(key),
               (struct text){(char *)bytes, sizeof(bytes)});
}

static enum tally_err next_of(struct engine *engine, struct batch *batch,
                              const struct key *key, uint32_t *next)
{
    uint32_t last;
    enum tally_err err = last_of(engine, batch, key, &last);
    if (err)
        return err;
    if (last == UINT32_MAX)
        return TALLY_ERR_TOO_BIG;

    put_number(batch, TABLE_SEQUENCES, key, last + 1);
    *next = last + 1;
    return TALLY_OK;
}

/* The cached name; one that is only stored is cached first. */
static enum tally_err find_name(struct engine *engine, uint32_t app,
                                uint32_t set, struct text string,
                                struct name **name)
{
    struct names *names = engine_parts(engine).names;

    *name = names_find(names, app, set, string);
    if (*name)
        return TALLY_OK;

    struct key key = key_name(app, set, string);
    struct text text = {0};
    uint32_t value;
    enum tally_err err = engine_get(engine, TABLE_NAMES, key_text(&key), &text);
    err = number_of(err, text, &value);
    if (!err)
        *name = names_add(names, app, set, string, value);
    return err;
}

enum tally_err dictionary_find(struct engine *engine, uint32_t app,
                               uint32_t set, struct text string,
                               uint32_t *value)
{
    struct name *name;
    enum tally_err err = find_name(engine, app, set, string, &name);

    if (!err)
        *value = name->value;
    return err;
}

/* Takes the same time however many days and values the set has. */
static bool counts_in(const struct overlay *overlay, uint32_t app, uint32_t set,
                      uint32_t value, int year)
{
    int32_t first = date_to_day(year, 1, 1);

    if (!overlay || !deltas_first_day(overlay_deltas(overlay), app, set))
        return false;
    for (int i = 0; i < date_days_in_year(year); i++) {
        if (deltas_counts(overlay_deltas(overlay), app, set, value, first + i))
            return true;
    }
    return false;
}

static enum tally_err counts_in_base(struct store_txn *txn, uint32_t app,
                                     uint32_t set, uint32_t value, int year,
                                     bool *counts)
{
    struct key key = key_years(app, set, year, value / YEAR_BLOCK);
    struct years years = {0};
    struct text record;
    enum tally_err err = store_get(txn, TABLE_YEARS, key_text(&key), &record);

    if (!err)
        err = years_add(&years, record);
    if (err && err != TALLY_ERR_NOT_FOUND)
        return err;
    *counts = years.at[value % YEAR_BLOCK][YEAR_T] != 0;
    return TALLY_OK;
}

/* Has the value counted in the year already? */
static enum tally_err has_counted(struct engine *engine, uint32_t app,
                                  uint32_t set, uint32_t value, int year,
                                  bool *counted)
{
    struct parts parts = engine_parts(engine);

    *counted = counts_in(parts.active, app, set, value, year) ||
               counts_in(parts.frozen, app, set, value, year);
    return *counted ? TALLY_OK
                    : counts_in_base(parts.txn, app, set, value, year, counted);
}

static enum tally_err admit(struct engine *engine, struct batch *batch,
                            uint32_t app, uint32_t set, int year,
                            uint32_t limit)
{
    struct key key = key_sequence(app, set, year);
    uint32_t count;
    enum tally_err err = last_of(engine, batch, &key, &count);

    if (!err && limit > 0 && count >= limit)
        err = TALLY_ERR_TOO_BIG;
    return err ? err : next_of(engine, batch, &key, &count);
}

static enum tally_err intern(struct engine *engine, struct batch *batch,
                             uint32_t app, uint32_t set, struct text string,
                             uint32_t *value)
{
    struct key sequence = key_sequence(app, set, 0);
    enum tally_err err = next_of(engine, batch, &sequence, value);
    if (err)
        return err;

    struct key name = key_name(app, set, string);
    struct key id = key_string(app, set, *value);
    put_number(batch, TABLE_NAMES, &name, *value);
    effect_put(batch, TABLE_STRINGS, key_text(&id), string);
    return TALLY_OK;
}

enum tally_err dictionary_name(struct engine *engine, struct batch *batch,
                               uint32_t app, uint32_t set, struct text string,
                               uint32_t *value)
{
    struct key key = key_name(app, set, string);
    struct text text;
    enum tally_err err = dictionary_find(engine, app, set, string, value);

    if (err != TALLY_ERR_NOT_FOUND)
        return err;
    if (batch_find(batch, TABLE_NAMES, key_text(&key), &text))
        return number_of(TALLY_OK, text, value);
    return intern(engine, batch, app, set, string, value);
}

/* A string that the batch names already was admitted in the year in which it
 * counts it, or is about to. */
static enum tally_err count_new(struct engine *engine, struct batch *batch,
                                uint32_t app, uint32_t set, struct text string,
                                int year, uint32_t limit, uint32_t *value)
{
    struct key key = key_name(app, set, string);
    struct text text;

    if (batch_find(batch, TABLE_NAMES, key_text(&key), &text)) {
        enum tally_err err = number_of(TALLY_OK, text, value);
        return !err && batch_counts_elsewhere(batch, app, set, *value, year)
                   ? admit(engine, batch, app, set, year, limit)
                   : err;
    }
    enum tally_err err = admit(engine, batch, app, set, year, limit);
    return err ? err : intern(engine, batch, app, set, string, value);
}

/* A value that has an id begins to count in a year. The batch names it again,
 * so that it takes one place however often the batch counts it. */
static enum tally_err admit_again(struct engine *engine, struct batch *batch,
                                  const struct name *name, struct text string,
                                  int year, uint32_t limit)
{
    struct key key = key_name(name->app, name->set, string);
    struct text text;

    if (batch_find(batch, TABLE_NAMES, key_text(&key), &text) &&
        !batch_counts_elsewhere(batch, name->app, name->set, name->value, year))
        return TALLY_OK;
    enum tally_err err =
        admit(engine, batch, name->app, name->set, year, limit);
    if (!err)
        put_number(batch, TABLE_NAMES, &key, name->value);
    return err;
}

enum tally_err dictionary_count(struct engine *engine, struct batch *batch,
                                uint32_t app, uint32_t set, struct text string,
                                int year, uint32_t limit, uint32_t *value)
{
    struct name *name;
    enum tally_err err = find_name(engine, app, set, string, &name);

    if (err == TALLY_ERR_NOT_FOUND)
        return count_new(engine, batch, app, set, string, year, limit, value);
    if (err)
        return err;
    if (!name_has_year(name, year)) {
        bool counted;
        err = has_counted(engine, app, set, name->value, year, &counted);
        if (!err && !counted)
            err = admit_again(engine, batch, name, string, year, limit);
        else if (!err)
            name_note_year(name, year);
    }
    if (!err)
        *value = name->value;
    return err;
}

/* Gives back the place of a value that has counted in the year. */
static enum tally_err dismiss(struct engine *engine, struct batch *batch,
                              uint32_t app, uint32_t set, uint32_t value,
                              int year)
{
    struct key key = key_sequence(app, set, year);
    uint32_t count;
    bool counted;
    enum tally_err err = has_counted(engine, app, set, value, year, &counted);

    if (!err)
        err = last_of(engine, batch, &key, &count);
    if (!err && counted && count > 0)
        put_number(batch, TABLE_SEQUENCES, &key, count - 1);
    return err;
}

enum tally_err dictionary_forget(struct engine *engine, struct batch *batch,
                                 uint32_t app, uint32_t set, struct text string,
                                 int year)
{
    struct key name = key_name(app, set, string);
    uint32_t value;
    enum tally_err err = dictionary_find(engine, app, set, string, &value);

    if (!err)
        err = dismiss(engine, batch, app, set, value, year);
    if (err)
        return err;
    struct key id = key_string(app, set, value);
    effect_erase(batch, TABLE_NAMES, key_text(&name));
    effect_erase(batch, TABLE_STRINGS, key_text(&id));
    return TALLY_OK;
}

enum tally_err dictionary_last_value(struct engine *engine, uint32_t app,
                                     uint32_t set, uint32_t *value)
{
    struct key key = key_sequence(app, set, 0);

    return last_of(engine, NULL, &key, value);
}

enum tally_err dictionary_string(struct engine *engine, uint32_t app,
                                 uint32_t set, uint32_t value,
                                 struct text *string)
{
    struct key key = key_string(app, set, value);

    return engine_get(engine, TABLE_STRINGS, key_text(&key), string);
}

enum tally_err dictionary_device(struct engine *engine, uint32_t app,
                                 const uint8_t hash[static KEY_HASH_SIZE],
                                 uint32_t *ordinal)
{
    struct devices *devices = engine_parts(engine).devices;

    *ordinal = devices_find(devices, app, hash);
    if (*ordinal != 0)
        return TALLY_OK;
    struct key key = key_hash(app, hash);
    struct text text = {0};
    enum tally_err err = engine_get(engine, TABLE_IDS, key_text(&key), &text);
    err = number_of(err, text, ordinal);
    if (!err)
        devices_put(devices, app, hash, *ordinal);
    return err;
}

enum tally_err dictionary_next_ordinal(struct engine *engine,
                                       struct batch *batch, uint32_t app,
                                       uint32_t *ordinal)
{
    struct key key = key_sequence(app, 0, 0);

    return next_of(engine, batch, &key, ordinal);
}

enum tally_err dictionary_last_ordinal(struct engine *engine, uint32_t app,
                                       uint32_t *ordinal)
{
    struct key key = key_sequence(app, 0, 0);

    return last_of(engine, NULL, &key, ordinal);
}

enum tally_err dictionary_next_app(struct engine *engine, struct batch *batch,
                                   uint32_t *app)
{
    struct key key = key_sequence(0, 0, 0);

    return next_of(engine, batch, &key, app);
}
