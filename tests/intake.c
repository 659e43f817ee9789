#include "intake.h"

#include <glib.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/crowd.h"
#include "engine/dictionary.h"
#include "engine/inventory.h"
#include "engine/key.h"
#include "engine/pack.h"
#include "engine/reader.h"
#include "engine/series.h"
#include "metrics/audit.h"
#include "metrics/bulk.h"
#include "metrics/ingest.h"
#include "metrics/kind.h"
#include "metrics/profile.h"
#include "scratch.h"

enum { ARENA = 4 << 20, OUT = 64 * 1024, REPORT = 64 * 1024 };

struct engine *intake_engine;
struct tally *intake_tally;
int intake_status;
bool intake_never_turns;
uint32_t intake_app;

static const char *dir;
static struct intake_options options;
static struct arena *arena;
static struct buffer out;

static void open_engine(void)
{
    struct engine_options engine = {.dir = dir,
                                    .slot_bytes = 1 << 20,
                                    .overlay_bytes = options.overlay_bytes};
    char reason[256];
    enum tally_err err = engine_open(&engine, &intake_engine, reason);

    ck_assert_msg(err == TALLY_OK, "%s", reason);
    ck_assert_int_eq(tally_open(intake_engine, &intake_tally), TALLY_OK);
}

static uint32_t put_app(const char *id, const char *key, const char *zone,
                        const char *more)
{
    char json[1024];
    uint32_t number;

    batch_clear(&intake_tally->batch);
    ck_assert_int_eq(
        dictionary_next_app(intake_engine, &intake_tally->batch, &number),
        TALLY_OK);
    int len = snprintf(
        json, sizeof(json),
        "{\"_number\":%u,\"_id\":\"%s\",\"name\":\"%s\",\"key\":\"%s\","
        "\"country\":\"TR\",\"timezone\":\"%s\",\"category\":\"6\","
        "\"type\":\"mobile\"%s}",
        number, id, key, key, zone, more ? more : "");
    ck_assert_int_lt(len, (int)sizeof(json));
    effect_put_document(&intake_tally->batch, KIND_APP, text_of(id),
                        text_of(json));
    enum tally_err err =
        engine_apply(intake_engine, &intake_tally->batch, NULL);
    if (err == TALLY_ERR_FULL) {
        intake_checkpoint();
        err = engine_apply(intake_engine, &intake_tally->batch, NULL);
    }
    ck_assert_int_eq(err, TALLY_OK);
    ck_assert_int_eq(
        registry_accept(intake_tally->registry, &intake_tally->batch),
        TALLY_OK);
    batch_clear(&intake_tally->batch);
    return number;
}

void intake_open(const struct intake_options *chosen)
{
    options = chosen ? *chosen : (struct intake_options){0};
    dir = scratch_create();
    arena = arena_create(ARENA);
    buffer_init(&out, OUT);
    open_engine();
    intake_app = put_app("5b0000000000000000000001", "k1",
                         options.zone ? options.zone : "UTC", options.more);
}

static void close_engine(void)
{
    tally_close(intake_tally);
    engine_close(intake_engine);
}

void intake_close(void)
{
    close_engine();
    arena_destroy(arena);
    buffer_finish(&out);
    scratch_remove();
}

void intake_reopen(void)
{
    struct settings settings = intake_tally->settings;

    close_engine();
    open_engine();
    intake_tally->settings = settings;
}

void intake_checkpoint(void)
{
    ck_assert_int_eq(engine_checkpoint_wait(intake_engine, INTAKE_WAIT_MS),
                     TALLY_OK);
}

uint32_t intake_add_app(const char *id, const char *key, const char *zone,
                        const char *more)
{
    return put_app(id, key, zone ? zone : "UTC", more);
}

typedef int (*call_fn)(struct tally *tally, const struct ingest *request,
                       struct buffer *answer);

static const char *call(call_fn fn, int64_t now, struct params *params,
                        const char *body)
{
    struct ingest request = {.arena = arena,
                             .params = params,
                             .body = text_of(body),
                             .now = now * 1000};

    buffer_clear(&out);
    intake_status = fn(intake_tally, &request, &out);
    buffer_add_byte(&out, '\0');
    if (!intake_never_turns)
        engine_turn(intake_engine);
    return out.at;
}

const char *intake_send(int64_t now, const char *json)
{
    struct params params = {0};

    arena_reset(arena);
    ck_assert_msg(params_add_json(&params, arena, text_of(json)) == TALLY_OK,
                  "%s", json);
    return call(ingest, now, &params, json);
}

void intake_ok(int64_t now, const char *format, ...)
{
    char json[8192];
    va_list list;

    va_start(list, format);
    int len = vsnprintf(json, sizeof(json), format, list);
    va_end(list);
    ck_assert_int_lt(len, (int)sizeof(json));
    const char *answer = intake_send(now, json);
    /* A busy disk may leave no room for a while. */
    for (int ms = 0; intake_status == 503 && ms < INTAKE_WAIT_MS; ms++) {
        usleep(1000);
        answer = intake_send(now, json);
    }
    ck_assert_str_eq(answer, INTAKE_SUCCESS);
    ck_assert_int_eq(intake_status, 200);
}

static void set_param(struct params *params, const char *name,
                      const char *value)
{
    struct param param = {
        .name = text_of(name), .value = text_of(value), .kind = PARAM_TEXT};

    ck_assert_int_eq(params_set(params, arena, param), TALLY_OK);
}

const char *intake_bulk_signed(int64_t now, const char *key,
                               const char *requests, const char *checksum256)
{
    struct params params = {0};

    arena_reset(arena);
    set_param(&params, "app_key", key);
    set_param(&params, "requests", requests);
    if (checksum256)
        set_param(&params, "checksum256", checksum256);
    return call(bulk, now, &params, requests);
}

const char *intake_bulk(int64_t now, const char *requests)
{
    return intake_bulk_signed(now, "k1", requests, NULL);
}

/* Counters. */

static struct reader *open_reader(void)
{
    struct reader *reader;

    ck_assert_int_eq(reader_open(intake_engine, &reader), TALLY_OK);
    return reader;
}

static bool find_value(enum set set, const char *name, uint32_t *value)
{
    bool bucket =
        set == SET_FREQUENCY || set == SET_LOYALTY || set == SET_DURATIONS;

    if (!name)
        *value = 0;
    else if (bucket)
        *value = (uint32_t)strtoul(name, NULL, 10) + 1;
    else
        return dictionary_find(intake_engine, intake_app, set, text_of(name),
                               value) == TALLY_OK;
    return true;
}

struct wanted {
    uint32_t value; /* or hour */
    int column;
    int64_t found;
};

static void take_day(void *user, const struct series_cell *cell)
{
    struct wanted *wanted = user;

    if (cell->value == wanted->value)
        wanted->found = cell->at[wanted->column];
}

static void take_hour(void *user, const struct series_cell *cell)
{
    struct wanted *wanted = user;

    if (cell->hour == wanted->value)
        wanted->found = cell->at[wanted->column];
}

static void take_year(void *user, const struct series_year *row)
{
    struct wanted *wanted = user;

    if (row->value == wanted->value)
        wanted->found = row->at[wanted->column];
}

int64_t intake_day(enum set set, const char *name, int32_t day,
                   enum cell_field field)
{
    struct wanted wanted = {.column = field};
    struct reader *reader = open_reader();

    series_capture(reader, intake_app, set);
    if (find_value(set, name, &wanted.value))
        ck_assert_int_eq(
            series_days(reader, intake_app, set, day, day, take_day, &wanted),
            TALLY_OK);
    reader_close(reader);
    return wanted.found;
}

int64_t intake_hour(int32_t day, unsigned hour, enum cell_field field)
{
    struct wanted wanted = {.value = hour, .column = field};
    struct reader *reader = open_reader();

    series_capture(reader, intake_app, SET_USERS);
    ck_assert_int_eq(series_hours(reader, intake_app, SET_USERS, day, day,
                                  take_hour, &wanted),
                     TALLY_OK);
    reader_close(reader);
    return wanted.found;
}

int64_t intake_year(enum set set, const char *name, int year, int slot)
{
    struct wanted wanted = {.column = slot};
    struct reader *reader = open_reader();

    series_capture(reader, intake_app, set);
    if (find_value(set, name, &wanted.value))
        ck_assert_int_eq(series_years(reader, intake_app, set, year, year,
                                      take_year, &wanted),
                         TALLY_OK);
    reader_close(reader);
    return wanted.found;
}

/* One line a counter, by the names of values: their ids depend on order. */
struct dump {
    GPtrArray *lines;
    struct reader *reader;
    enum set set;
};

static const char *name_of(enum set set, uint32_t value, char name[300])
{
    struct text string;

    if (dictionary_string(intake_engine, intake_app, set, value, &string) ==
        TALLY_OK)
        snprintf(name, 300, "%.*s", (int)string.len, string.at);
    else
        snprintf(name, 300, "#%u", value);
    return name;
}

static void add_line(struct dump *dump, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    g_ptr_array_add(dump->lines, g_strdup_vprintf(format, list));
    va_end(list);
}

static void dump_day(void *user, const struct series_cell *cell)
{
    struct dump *dump = user;
    char name[300];

    for (int i = 0; i < CELL_FIELDS; i++) {
        if (cell->at[i] != 0)
            add_line(dump, "day %d %s %d %d: %" PRId64, dump->set,
                     name_of(dump->set, cell->value, name), cell->day, i,
                     cell->at[i]);
    }
}

static void dump_hour(void *user, const struct series_cell *cell)
{
    for (int i = 0; i < CELL_FIELDS; i++) {
        if (cell->at[i] != 0)
            add_line(user, "hour %d %u %d: %" PRId64, cell->day, cell->hour, i,
                     cell->at[i]);
    }
}

static void dump_year(void *user, const struct series_year *row)
{
    struct dump *dump = user;
    char name[300];

    for (int i = 0; i < YEAR_SLOTS; i++) {
        if (row->at[i] != 0)
            add_line(dump, "year %d %s %d %d: %" PRId64, dump->set,
                     name_of(dump->set, row->value, name), row->year, i,
                     row->at[i]);
    }
}

static void take_active(void *user, uint32_t value, uint32_t ordinal)
{
    g_hash_table_add(user, GSIZE_TO_POINTER((gsize)value << 32 | ordinal));
}

static void dump_active(void *user, int32_t day)
{
    struct dump *dump = user;
    GHashTable *pairs = g_hash_table_new(NULL, NULL);
    GHashTable *users = g_hash_table_new(NULL, NULL);
    GHashTableIter each;
    gpointer key;
    gpointer count;
    char name[300];

    ck_assert_int_eq(crowd_marks(dump->reader, intake_app, dump->set, day, day,
                                 take_active, pairs),
                     TALLY_OK);
    g_hash_table_iter_init(&each, pairs);
    while (g_hash_table_iter_next(&each, &key, NULL)) {
        gpointer value = GSIZE_TO_POINTER(GPOINTER_TO_SIZE(key) >> 32);
        gsize seen = GPOINTER_TO_SIZE(g_hash_table_lookup(users, value));
        g_hash_table_insert(users, value, GSIZE_TO_POINTER(seen + 1));
    }
    g_hash_table_iter_init(&each, users);
    while (g_hash_table_iter_next(&each, &key, &count))
        add_line(dump, "active %d %s %d: %zu", dump->set,
                 name_of(dump->set, (uint32_t)GPOINTER_TO_SIZE(key), name), day,
                 GPOINTER_TO_SIZE(count));
    g_hash_table_destroy(pairs);
    g_hash_table_destroy(users);
}

static gint compare_lines(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void dump_counters(struct dump *dump)
{
    enum tally_err err = series_days(dump->reader, intake_app, dump->set, 0,
                                     65535, dump_day, dump);

    if (!err)
        err = series_hours(dump->reader, intake_app, dump->set, 0, 65535,
                           dump_hour, dump);
    if (!err)
        err = series_years(dump->reader, intake_app, dump->set, 1970, 2149,
                           dump_year, dump);
    ck_assert_int_eq(err, TALLY_OK);
}

/* A day may come twice, and so its lines. */
static void drop_repeats(GPtrArray *lines)
{
    g_ptr_array_sort(lines, compare_lines);
    for (guint i = lines->len; i > 1; i--) {
        if (strcmp(lines->pdata[i - 1], lines->pdata[i - 2]) == 0)
            g_ptr_array_remove_index(lines, i - 1);
    }
}

static void capture_day(void *user, int32_t day)
{
    struct dump *dump = user;

    crowd_capture(dump->reader, intake_app, dump->set, day, day);
}

static void each_day(struct dump *dump, inventory_day_fn fn)
{
    ck_assert_int_eq(
        inventory_days(intake_engine, intake_app, dump->set, fn, dump),
        TALLY_OK);
}

char *intake_dump(void)
{
    struct dump dump = {.lines = g_ptr_array_new_with_free_func(g_free),
                        .reader = open_reader()};

    for (dump.set = 0; dump.set < SET_CORE_END; dump.set++) {
        series_capture(dump.reader, intake_app, dump.set);
        each_day(&dump, capture_day);
    }
    for (dump.set = 0; dump.set < SET_CORE_END; dump.set++) {
        dump_counters(&dump);
        each_day(&dump, dump_active);
    }
    reader_close(dump.reader);
    drop_repeats(dump.lines);
    g_ptr_array_add(dump.lines, NULL);
    char *text = g_strjoinv("\n", (char **)dump.lines->pdata);
    g_ptr_array_free(dump.lines, TRUE);
    return text;
}

struct active {
    uint32_t value;
    GHashTable *ordinals;
};

static void take_mark(void *user, uint32_t value, uint32_t ordinal)
{
    struct active *active = user;

    if (value == active->value)
        g_hash_table_add(active->ordinals, GUINT_TO_POINTER(ordinal));
}

int intake_active(enum set set, const char *name, int32_t day)
{
    struct active active = {.ordinals = g_hash_table_new(NULL, NULL)};
    struct reader *reader = open_reader();
    uint32_t stored = name ? set : 0;

    crowd_capture(reader, intake_app, stored, day, day);
    if (find_value(set, name, &active.value))
        ck_assert_int_eq(crowd_marks(reader, intake_app, stored, day, day,
                                     take_mark, &active),
                         TALLY_OK);
    reader_close(reader);
    int count = (int)g_hash_table_size(active.ordinals);
    g_hash_table_destroy(active.ordinals);
    return count;
}

/* Users. */

uint32_t intake_ordinal(const char *did)
{
    uint8_t hash[IDENTITY_HASH_SIZE];
    struct text record;

    identity_device_hash(intake_tally->secret, text_of(did), hash);
    struct key key = key_hash(intake_app, hash);
    if (engine_get(intake_engine, TABLE_IDS, key_text(&key), &record) !=
        TALLY_OK)
        return 0;
    struct unpack unpack = unpack_from(record);
    return unpack_u32(&unpack);
}

uint32_t intake_users(uint32_t app)
{
    struct key key = key_sequence(app, 0, 0);
    struct text record;

    if (engine_get(intake_engine, TABLE_SEQUENCES, key_text(&key), &record) !=
        TALLY_OK)
        return 0;
    struct unpack unpack = unpack_from(record);
    return unpack_u32(&unpack);
}

static bool count_record(void *user, struct text key, struct text value)
{
    (void)key;
    (void)value;
    ++*(unsigned *)user;
    return true;
}

unsigned intake_records(enum table table)
{
    struct text all = {NULL, 0};
    struct reader *reader = open_reader();
    unsigned count = 0;

    reader_capture_table(reader, table, all);
    ck_assert_int_eq(reader_records(reader, table, all, count_record, &count),
                     TALLY_OK);
    reader_close(reader);
    return count;
}

bool intake_user(const char *did, struct user *user)
{
    struct key key = key_user(intake_app, intake_ordinal(did));
    struct text record;

    if (engine_get(intake_engine, TABLE_USERS, key_text(&key), &record) !=
        TALLY_OK)
        return false;
    ck_assert_int_eq(user_read(record, user), TALLY_OK);
    return true;
}

const char *intake_value(const char *did, enum set set)
{
    static char name[300];
    struct key key = key_user(intake_app, intake_ordinal(did));
    struct user user;
    struct profile profile;
    struct text record;

    ck_assert(intake_user(did, &user));
    const struct user_value *value = user_value(&user, set);
    if (!value)
        return "";
    if (value->value != 0)
        return name_of(set, value->value, name);
    ck_assert_int_eq(
        engine_get(intake_engine, TABLE_COLD, key_text(&key), &record),
        TALLY_OK);
    arena_reset(arena);
    ck_assert_int_eq(profile_read(record, arena, &profile), TALLY_OK);
    struct text text = profile_text(&profile, set);
    snprintf(name, sizeof(name), "%.*s", (int)text.len, text.at);
    return name;
}

void intake_audit(void)
{
    struct buffer report;

    buffer_init(&report, REPORT);
    int broken = audit(intake_tally, &report);
    ck_assert_msg(broken == 0, "%d broken:\n%.*s", broken, (int)report.len,
                  report.at);
    buffer_finish(&report);
}
