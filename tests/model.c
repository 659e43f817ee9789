#include "model.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/crowd.h"
#include "engine/date.h"
#include "engine/documents.h"
#include "engine/key.h"
#include "engine/pack.h"
#include "engine/records.h"
#include "engine/series.h"

static const uint32_t values[MODEL_VALUES] = {0,   1,   2,   15,  16,   17,
                                              127, 128, 129, 300, 5000, 70000};
/* The last days of a year and the first of the next, week 53 between. */
static const int32_t days[MODEL_DAYS] = {19660, 19721, 19722,
                                         19723, 19724, 19800};
static const enum table tables[MODEL_TABLES] = {
    TABLE_USERS, TABLE_COLD, TABLE_IDS, TABLE_BULKS, TABLE_RECORDS};

/* Check writes to a file at each of its assertions, good ones too. */
#define MUST(holds, ...)               \
    do {                               \
        if (!(holds))                  \
            ck_abort_msg(__VA_ARGS__); \
    } while (0)

static void must(bool holds, const char *what)
{
    if (!holds)
        ck_abort_msg("%s", what);
}

uint32_t model_set(unsigned set)
{
    return 5 + set;
}

uint32_t model_value(unsigned value)
{
    return values[value];
}

int32_t model_day(unsigned day)
{
    return days[day];
}

/* The last ones lie in other chunks. */
uint32_t model_ordinal(unsigned user)
{
    return user < 40 ? user + 1 : 32600 + (user - 40) * 20;
}

enum table model_table(unsigned table)
{
    return tables[table];
}

static bool has_hash(unsigned table)
{
    return tables[table] == TABLE_IDS || tables[table] == TABLE_BULKS;
}

/* Names of several lengths, some the beginning of others. */
static struct key shelved_key(uint32_t app, unsigned user)
{
    const char name[] = {'a', (char)(user / 4), (char)(user % 4), 0};
    size_t len = 3 + user % 2;

    return key_record(app, user % MODEL_SHELVES, (struct text){name, len});
}

static unsigned shelved_user(struct text name)
{
    return (unsigned)name.at[1] * 4 + (unsigned)name.at[2];
}

struct key model_record_key(unsigned table, uint32_t app, unsigned user)
{
    uint8_t hash[KEY_HASH_SIZE];

    if (tables[table] == TABLE_RECORDS)
        return shelved_key(app, user);
    memset(hash, (int)user * 5, sizeof(hash));
    return has_hash(table) ? key_hash(app, hash)
                           : key_user(app, model_ordinal(user));
}

struct text model_document_name(unsigned document)
{
    static const char *const names[MODEL_DOCUMENTS] = {
        "a", "b", "ab", "a\1", "long name", "c", "d", "e"};

    return text_of(names[document]);
}

struct text model_record_text(const struct model_record *record, char *bytes)
{
    for (uint32_t i = 0; i < record->len; i++)
        bytes[i] = (char)(record->first + i * 7);
    return (struct text){bytes, record->len};
}

static struct model_record record_of(struct text text)
{
    struct model_record record = {.there = true, .len = (uint32_t)text.len};
    char bytes[MODEL_RECORD_MAX];

    must(text.len <= sizeof(bytes), "a record is too long");
    if (text.len > 0)
        record.first = (uint8_t)text.at[0];
    must(text_equal(text, model_record_text(&record, bytes)),
         "a record's bytes");
    return record;
}

/* Back from the world to indexes. */

static unsigned value_index(uint32_t value)
{
    unsigned i = 0;

    while (i < MODEL_VALUES && values[i] != value)
        i++;
    must(i < MODEL_VALUES, "no such value");
    return i;
}

static unsigned day_index(int32_t day)
{
    unsigned i = 0;

    while (i < MODEL_DAYS && days[i] != day)
        i++;
    must(i < MODEL_DAYS, "no such day");
    return i;
}

static unsigned user_index(uint32_t ordinal)
{
    unsigned i = 0;

    while (i < MODEL_USERS && model_ordinal(i) != ordinal)
        i++;
    must(i < MODEL_USERS, "no such user");
    return i;
}

static unsigned set_index(uint32_t set)
{
    must(set - 5 < MODEL_SETS, "no such set");
    return set - 5;
}

static struct model_app *app_of(struct model *model, uint32_t app)
{
    must(app > 0 && app <= MODEL_APPS, "no such app");
    return &model->apps[app];
}

/* Effects. */

static void add_years(struct model_app *app, const struct count *count)
{
    struct date date = date_of_day(count->hour / 24);
    int64_t *row =
        app->years[set_index(count->set)][date.year - MODEL_FIRST_YEAR]
                  [value_index(count->value)];

    row[YEAR_T] += count->add[COUNT_T];
    row[YEAR_U] += count->add[COUNT_U_YEAR];
    row[YEAR_MONTH + date.month - 1] += count->add[COUNT_U_MONTH];
    row[YEAR_WEEK + date.week - 1] += count->add[COUNT_U_WEEK];
}

static void add_count(struct model *model, const struct count *count)
{
    struct model_app *app = app_of(model, count->app);
    unsigned set = set_index(count->set);
    unsigned day = day_index(count->hour / 24);
    int64_t *cell = app->days[set][day][value_index(count->value)];
    int64_t *hour = app->hours[set][day][count->hour % 24];

    for (int i = COUNT_T; i <= COUNT_D; i++) {
        cell[CELL_T + i] += count->add[i];
        hour[CELL_T + i] += count->value == 0 ? count->add[i] : 0;
    }
    cell[CELL_U] += count->add[COUNT_U_DAY];
    hour[CELL_U] += count->value == 0 ? count->add[COUNT_U_HOUR] : 0;
    add_years(app, count);
}

static void add_mark(struct model *model, const struct mark *mark)
{
    struct model_app *app = app_of(model, mark->app);
    uint64_t bit = UINT64_C(1) << user_index(mark->ordinal);
    unsigned day = day_index(mark->day);

    if (mark->set == 0)
        app->active[day] |= bit;
    else
        app->marked[set_index(mark->set)][day][value_index(mark->value)] |= bit;
}

static void add_item(struct model *model, const struct hit *hit,
                     struct hit_item item)
{
    struct count count = {.app = hit->app,
                          .set = item.set,
                          .value = item.value,
                          .hour = hit->hour};
    struct mark mark = {.app = hit->app,
                        .ordinal = hit->ordinal,
                        .set = item.value ? item.set : 0,
                        .value = item.value,
                        .day = hit->hour / 24};

    count.add[COUNT_T] = (item.counts & HIT_T) != 0;
    count.add[COUNT_N] = (item.counts & HIT_N) != 0;
    count.add[COUNT_E] = item.value == 0;
    count.add[COUNT_U_HOUR] = (item.counts & HIT_HOUR) != 0;
    count.add[COUNT_U_DAY] = (item.counts & HIT_U_DAY) != 0;
    count.add[COUNT_U_WEEK] = (item.counts & HIT_U_WEEK) != 0;
    count.add[COUNT_U_MONTH] = (item.counts & HIT_U_MONTH) != 0;
    count.add[COUNT_U_YEAR] = (item.counts & HIT_U_YEAR) != 0;
    add_count(model, &count);
    if (item.counts & HIT_MARK)
        add_mark(model, &mark);
}

static void add_hit(struct model *model, const struct hit *hit)
{
    uint32_t *recent =
        &app_of(model, hit->app)->recent[user_index(hit->ordinal)];

    add_item(model, hit, (struct hit_item){hit->set, 0, hit->counts});
    for (unsigned i = 0; i < hit->item_count; i++)
        add_item(model, hit, hit->items[i]);
    if (hit->seconds > *recent)
        *recent = hit->seconds;
}

static void set_document(struct model *model, struct text key,
                         struct model_record record, struct text value)
{
    if (key.at[0] == MODEL_KIND_AT) {
        struct unpack unpack = unpack_from(value);
        model->position = unpack_u32(&unpack);
        return;
    }
    for (unsigned i = 0; i < MODEL_DOCUMENTS; i++) {
        struct text name = {key.at + 1, key.len - 1};
        if (text_equal(name, model_document_name(i)))
            model->documents[i] = record;
    }
}

/* Of the user in what follows the app's number. */
static unsigned index_in_key(unsigned table, struct unpack key)
{
    if (has_hash(table))
        return unpack_u8(&key) / 5;
    uint32_t number = unpack_u32(&key);
    return tables[table] == TABLE_RECORDS
               ? shelved_user(unpack_text(&key, unpack_left(&key)))
               : user_index(number);
}

static void set_record(struct model *model, const struct effect *effect)
{
    struct unpack unpack = unpack_from(effect->key);
    struct model_app *app = app_of(model, unpack_u32(&unpack));
    unsigned table = 0;

    while (table < MODEL_TABLES && tables[table] != effect->table)
        table++;
    must(table < MODEL_TABLES, "no such table");
    unsigned user = index_in_key(table, unpack);
    app->records[table][user] = (struct model_record){0};
    if (effect->kind == EFFECT_PUT)
        app->records[table][user] = record_of(effect->value);
    else if (effect->table == TABLE_USERS)
        app->recent[user] = 0;
}

static void set_alias(struct model *model, const struct effect *effect)
{
    struct unpack key = unpack_from(effect->key);
    struct unpack value = unpack_from(effect->value);
    struct model_app *app = app_of(model, unpack_u32(&key));
    unsigned from = user_index(unpack_u32(&key));

    unsigned to = user_index(unpack_u32(&value));
    app->alias[from] = (uint8_t)(to + 1);
    if (app->recent[from] > app->recent[to])
        app->recent[to] = app->recent[from];
    app->recent[from] = 0;
}

static void set_keyed(struct model *model, const struct effect *effect)
{
    struct model_record record = {0};

    if (effect->table == TABLE_ALIASES) {
        set_alias(model, effect);
    } else if (effect->table == TABLE_DOCUMENTS) {
        if (effect->kind == EFFECT_PUT && effect->key.at[0] == MODEL_KIND)
            record = record_of(effect->value);
        set_document(model, effect->key, record, effect->value);
    } else {
        set_record(model, effect);
    }
}

static void drop(struct model *model, uint32_t app)
{
    struct model_app *dropped = app_of(model, app);

    memset(dropped, 0, sizeof(*dropped));
    dropped->dropped = true;
}

void model_apply(struct model *model, const struct batch *batch)
{
    struct text bytes = buffer_text(&batch->bytes);
    size_t at = 0;

    while (at < bytes.len) {
        struct effect effect;
        must(effect_read(bytes, &at, &effect) == TALLY_OK, "an effect");
        if (effect.kind == EFFECT_HIT)
            add_hit(model, &effect.hit);
        else if (effect.kind == EFFECT_COUNT)
            add_count(model, &effect.count);
        else if (effect.kind == EFFECT_MARK)
            add_mark(model, &effect.mark);
        else if (effect.kind == EFFECT_DROP)
            drop(model, effect.app);
        else
            set_keyed(model, &effect);
    }
}

/* Reading. */

uint32_t model_position_of(struct engine *engine)
{
    struct key key = key_document(MODEL_KIND_AT, TEXT("at"));
    struct text value;
    enum tally_err err =
        engine_get(engine, TABLE_DOCUMENTS, key_text(&key), &value);

    if (err == TALLY_ERR_NOT_FOUND)
        return 0;
    ck_assert_int_eq(err, TALLY_OK);
    struct unpack unpack = unpack_from(value);
    return unpack_u32(&unpack);
}

struct reader *model_open(struct engine *engine, const struct model *model)
{
    struct reader *reader;

    ck_assert_int_eq(reader_open(engine, &reader), TALLY_OK);
    for (uint32_t app = 1; app <= MODEL_APPS; app++) {
        if (model->apps[app].dropped)
            continue;
        for (unsigned set = 0; set < MODEL_SETS; set++) {
            series_capture(reader, app, model_set(set));
            crowd_capture(reader, app, model_set(set), days[0],
                          days[MODEL_DAYS - 1]);
        }
        crowd_capture(reader, app, 0, days[0], days[MODEL_DAYS - 1]);
    }
    reader_capture_table(reader, TABLE_DOCUMENTS, TEXT("\1"));
    return reader;
}

struct target {
    struct model *model;
    struct model_app *app;
    unsigned set;
    unsigned day;
};

/* Every row comes once. */
static void copy_row(int64_t *row, const int64_t *from, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        must(row[i] == 0, "a row came twice");
    memcpy(row, from, width * sizeof(*row));
}

static void take_day(void *user, const struct series_cell *cell)
{
    const struct target *target = user;

    copy_row(target->app->days[target->set][day_index(cell->day)]
                              [value_index(cell->value)],
             cell->at, CELL_FIELDS);
}

static void take_hour(void *user, const struct series_cell *cell)
{
    const struct target *target = user;

    copy_row(target->app->hours[target->set][day_index(cell->day)][cell->hour],
             cell->at, CELL_FIELDS);
}

static void take_year(void *user, const struct series_year *row)
{
    const struct target *target = user;

    copy_row(target->app->years[target->set][row->year - MODEL_FIRST_YEAR]
                               [value_index(row->value)],
             row->at, YEAR_SLOTS);
}

static void take_active(void *user, uint32_t value, uint32_t ordinal)
{
    const struct target *target = user;

    must(value == 0, "a value of the whole");
    target->app->active[target->day] |= UINT64_C(1) << user_index(ordinal);
}

static void take_mark(void *user, uint32_t value, uint32_t ordinal)
{
    const struct target *target = user;

    target->app->marked[target->set][target->day][value_index(value)] |=
        UINT64_C(1) << user_index(ordinal);
}

static bool take_document(void *user, struct text key, struct text value)
{
    const struct target *target = user;
    struct model_record record = record_of(value);

    if (key.at[0] == MODEL_KIND)
        set_document(target->model, key, record, value);
    return true;
}

static void read_set(struct reader *reader, uint32_t app, struct target *target)
{
    const int32_t last = days[MODEL_DAYS - 1];
    uint32_t set = model_set(target->set);

    ck_assert_int_eq(
        series_days(reader, app, set, days[0], last, take_day, target),
        TALLY_OK);
    ck_assert_int_eq(
        series_hours(reader, app, set, days[0], last, take_hour, target),
        TALLY_OK);
    ck_assert_int_eq(series_years(reader, app, set, MODEL_FIRST_YEAR,
                                  MODEL_FIRST_YEAR + 1, take_year, target),
                     TALLY_OK);
    for (target->day = 0; target->day < MODEL_DAYS; target->day++)
        ck_assert_int_eq(crowd_marks(reader, app, set, days[target->day],
                                     days[target->day], take_mark, target),
                         TALLY_OK);
}

static void read_app(struct reader *reader, uint32_t app, struct target *target)
{
    for (target->set = 0; target->set < MODEL_SETS; target->set++)
        read_set(reader, app, target);
    for (target->day = 0; target->day < MODEL_DAYS; target->day++)
        ck_assert_int_eq(crowd_marks(reader, app, 0, days[target->day],
                                     days[target->day], take_active, target),
                         TALLY_OK);
}

/* Comparing. */

static uint64_t merged(const struct model_app *app, uint64_t users)
{
    uint64_t now = 0;

    for (unsigned user = 0; user < MODEL_USERS; user++) {
        unsigned root = user;
        while (app->alias[root])
            root = app->alias[root] - 1u;
        now |= (users >> user & 1) << root;
    }
    return now;
}

static void compare_marks(const struct model_app *got,
                          const struct model_app *wanted, const char *what)
{
    for (unsigned day = 0; day < MODEL_DAYS; day++) {
        MUST(got->active[day] == merged(wanted, wanted->active[day]),
             "%s: active on day %u", what, day);
        for (unsigned i = 0; i < MODEL_SETS * MODEL_VALUES; i++) {
            unsigned set = i / MODEL_VALUES;
            unsigned value = i % MODEL_VALUES;
            MUST(got->marked[set][day][value] ==
                     merged(wanted, wanted->marked[set][day][value]),
                 "%s: marks of set %u, day %u, value %u", what, set, day,
                 value);
        }
    }
}

static void compare_counters(const struct model_app *got,
                             const struct model_app *wanted, const char *what)
{
    MUST(memcmp(got->days, wanted->days, sizeof(got->days)) == 0, "%s: days",
         what);
    MUST(memcmp(got->hours, wanted->hours, sizeof(got->hours)) == 0,
         "%s: hours", what);
    MUST(memcmp(got->years, wanted->years, sizeof(got->years)) == 0,
         "%s: years", what);
}

void model_check_reader(struct reader *reader, const struct model *model,
                        const char *what)
{
    struct model *got = calloc(1, sizeof(*got));

    for (uint32_t app = 1; app <= MODEL_APPS; app++) {
        struct target target = {.app = &got->apps[app]};
        char where[120];
        if (model->apps[app].dropped)
            continue;
        snprintf(where, sizeof(where), "%s: app %u", what, app);
        read_app(reader, app, &target);
        compare_counters(&got->apps[app], &model->apps[app], where);
        compare_marks(&got->apps[app], &model->apps[app], where);
    }
    struct target target = {.model = got};
    ck_assert_int_eq(reader_records(reader, TABLE_DOCUMENTS, TEXT("\1"),
                                    take_document, &target),
                     TALLY_OK);
    MUST(memcmp(got->documents, model->documents, sizeof(got->documents)) == 0,
         "%s: documents", what);
    free(got);
}

static void check_records(struct engine *engine, uint32_t app,
                          const struct model_app *wanted, const char *what)
{
    for (unsigned i = 0; i < MODEL_TABLES * MODEL_USERS; i++) {
        unsigned table = i / MODEL_USERS;
        unsigned user = i % MODEL_USERS;
        struct key key = model_record_key(table, app, user);
        struct model_record got = {0};
        struct text text;
        enum tally_err err =
            engine_get(engine, tables[table], key_text(&key), &text);
        must(err == TALLY_OK || err == TALLY_ERR_NOT_FOUND, "a record");
        if (!err)
            got = record_of(text);
        MUST(memcmp(&got, &wanted->records[table][user], sizeof(got)) == 0,
             "%s: app %u, table %u, user %u: %s, %u bytes", what, app, table,
             user, got.there ? "there" : "not there", got.len);
    }
}

struct listing {
    struct model_record records[MODEL_USERS];
    char last[KEY_RECORD_MAX];
    size_t last_len;
};

static bool take_shelved(void *user, struct text name, struct text value)
{
    struct listing *listing = user;
    struct text last = {listing->last, listing->last_len};

    must(text_compare(name, last) > 0, "the order of records");
    memcpy(listing->last, name.at, name.len);
    listing->last_len = name.len;
    listing->records[shelved_user(name)] = record_of(value);
    return true;
}

static void check_shelves(struct engine *engine, uint32_t app,
                          const struct model_app *wanted, const char *what)
{
    struct listing *listing = calloc(1, sizeof(*listing));

    for (uint32_t shelf = 0; shelf < MODEL_SHELVES; shelf++) {
        struct records_range range = {.app = app, .shelf = shelf};
        listing->last_len = 0;
        ck_assert_int_eq(
            records_each(engine, NULL, &range, take_shelved, listing),
            TALLY_OK);
    }
    MUST(memcmp(listing->records, wanted->records[MODEL_TABLES - 1],
                sizeof(listing->records)) == 0,
         "%s: app %u: listed records", what, app);
    free(listing);
}

static void check_recent(struct engine *engine, uint32_t app,
                         const struct model_app *wanted, const char *what)
{
    struct recent_user list[RECENT_MAX];
    uint32_t got[MODEL_USERS] = {0};
    unsigned count = engine_recent(engine, app, list);

    for (unsigned i = 0; i < count; i++)
        got[user_index(list[i].ordinal)] = list[i].seconds;
    MUST(memcmp(got, wanted->recent, sizeof(got)) == 0,
         "%s: app %u: latest users", what, app);
}

static bool take_listed(void *user, struct text name, struct text value)
{
    struct model *got = user;

    for (unsigned i = 0; i < MODEL_DOCUMENTS; i++) {
        if (text_equal(name, model_document_name(i))) {
            ck_assert(!got->documents[i].there);
            got->documents[i] = record_of(value);
        }
    }
    return true;
}

void model_check(struct engine *engine, const struct model *model,
                 const char *what)
{
    struct reader *reader = model_open(engine, model);
    struct model *got = calloc(1, sizeof(*got));

    MUST(model_position_of(engine) == model->position, "%s: position", what);
    model_check_reader(reader, model, what);
    reader_close(reader);
    ck_assert_int_eq(documents_each(engine, MODEL_KIND, take_listed, got),
                     TALLY_OK);
    MUST(memcmp(got->documents, model->documents, sizeof(got->documents)) == 0,
         "%s: listed documents", what);
    for (uint32_t app = 1; app <= MODEL_APPS; app++) {
        if (model->apps[app].dropped)
            continue;
        check_records(engine, app, &model->apps[app], what);
        check_shelves(engine, app, &model->apps[app], what);
        check_recent(engine, app, &model->apps[app], what);
    }
    free(got);
}
