/*
 * sizes.c - how many bytes does the base take on disk?
 *
 *   sizes DIR [--users N] [--sessions M]
 *
 * Fills DIR (which must not exist) through the rules with requests as SDKs
 * send them: N users (200 000) with M sessions (600 000), each a
 * begin_session with nine metrics, country and city and an end_session,
 * spread over the hours of 30 days. New users come all the time; the others'
 * sessions are of any of those there are. Device ids are UUIDs; values are
 * skewed, a few are frequent and most are rare. Checkpoints as the engine
 * makes them, and one at the end.
 *
 * A live counter is a number that is stored and not zero: t, n, e, d or u of
 * a value of a set (or of the set as a whole) on a day, or of the whole in an
 * hour; u of a value in a week, a month or a year, and its t in the year.
 * What reads add up from days (t and n of months and years) is not stored and
 * does not count.
 *
 * Prints one JSON object: bytes a live counter (pages of HOURS, DAYS and
 * YEARS; and of keys and values alone), bytes a user (pages of all tables; and
 * without those three and who was active, which grow with time), and of each
 * table its records, bytes of keys and values, and bytes of pages. Pages are
 * not full: LMDB fills those that grow at random places by about two thirds.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/stand.h"
#include "engine/inventory.h"
#include "engine/series.h"
#include "engine/store.h"
#include "metrics/set.h"

enum {
    DAYS = 30,
    START = 1775001600, /* 2026-04-01 00:00 UTC */
    QUERY_MAX = 1024,
    SESSION_S = 90,
    REQUESTS_A_TURN = 100,
    USERS = 200000,
    SESSIONS_A_USER = 3,
};

struct sizes {
    struct stand stand;
    unsigned users;
    unsigned sessions;
    uint64_t random;
    uint64_t counters;
    struct reader *reader;
};

/* splitmix64: what a user is like follows from the number. */
static uint64_t mix(uint64_t value)
{
    value += 0x9e3779b97f4a7c15u;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

static uint32_t random_below(struct sizes *sizes, uint32_t limit)
{
    sizes->random = mix(sizes->random);
    return (uint32_t)(sizes->random >> 32) % limit;
}

/* A property of a user, 0 to count - 1, small ones much more often. */
static unsigned trait(unsigned user, unsigned which, unsigned count)
{
    double share = (double)(mix(((uint64_t)which << 32) + user) >> 11) / 0x1p53;

    return (unsigned)(share * share * share * count);
}

enum { TRAIT_OS, TRAIT_MODEL, TRAIT_SYSTEM, TRAIT_CARRIER, TRAIT_COUNTRY };

static const char *const countries[] = {"DE", "TR", "US", "FR", "GB", "IT",
                                        "ES", "NL", "PL", "AT", "CH", "BR",
                                        "IN", "JP", "CA", "MX", "SE", "BE"};
static const char *const locales[] = {
    "de_DE", "tr_TR", "en_US", "fr_FR", "en_GB", "it_IT",
    "es_ES", "nl_NL", "pl_PL", "de_AT", "de_CH", "pt_BR",
    "en_IN", "ja_JP", "en_CA", "es_MX", "sv_SE", "fr_BE"};

enum { COUNTRIES = sizeof(countries) / sizeof(countries[0]) };

/* A phone follows from its model, the rest from the user. */
static int write_metrics(char *at, size_t room, unsigned user, int day)
{
    unsigned model = trait(user, TRAIT_MODEL, 800);
    unsigned country = trait(user, TRAIT_COUNTRY, COUNTRIES);
    bool apple = model % 4 == 0;

    return snprintf(
        at, room,
        "%%7B%%22_os%%22%%3A%%22%s%%22%%2C%%22_os_version%%22%%3A%%22%u.%u"
        "%%22%%2C%%22_device%%22%%3A%%22%s%u%%22%%2C%%22_manufacturer%%22%%3A"
        "%%22%s%u%%22%%2C%%22_resolution%%22%%3A%%22%ux%u%%22%%2C"
        "%%22_carrier%%22%%3A%%22Mobile%%20Network%%20%u%%22%%2C"
        "%%22_app_version%%22%%3A%%223.%d.%u%%22%%2C%%22_locale%%22%%3A"
        "%%22%s%%22%%2C%%22_density%%22%%3A%%22%s%u%%22%%7D",
        apple ? "iOS" : "Android", 17 - trait(user, TRAIT_SYSTEM, 9),
        trait(user, TRAIT_SYSTEM, 40) % 6, apple ? "iPhone" : "SM-S", model,
        apple ? "Apple%20" : "Maker%20", apple ? 0 : model % 24,
        720 + 60 * (model % 9), 1280 + 80 * (model % 16),
        trait(user, TRAIT_CARRIER, 120), day / 10, user % 3, locales[country],
        apple ? "@" : "XXHDPI", apple ? 2 + model % 2 : model % 4);
}

static int write_device(char *at, size_t room, unsigned user)
{
    uint64_t a = mix(user);
    uint64_t b = mix(a);

    return snprintf(
        at, room,
        "%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-a%03" PRIx64 "-%012" PRIx64,
        a >> 32, a >> 16 & 0xffff, a & 0xfff, b >> 52, b & 0xffffffffffff);
}

static void take(struct sizes *sizes, const char *query, size_t len, int64_t ms)
{
    int status = 503;

    while (status == 503) { /* the engine is full: a checkpoint is under way */
        status = stand_take(&sizes->stand, (struct text){query, len}, ms);
        if (status == 503)
            stand_must(
                engine_checkpoint_wait(sizes->stand.engine, STAND_WAIT_MS),
                "checkpoint");
    }
    if (status != 200) {
        fprintf(stderr, "%d %.*s\n", status, (int)sizes->stand.out.len,
                sizes->stand.out.at);
        exit(EXIT_FAILURE);
    }
}

static void begin_session(struct sizes *sizes, unsigned user, int64_t ms,
                          int day)
{
    char query[QUERY_MAX];
    unsigned country = trait(user, TRAIT_COUNTRY, COUNTRIES);
    int len = snprintf(query, sizeof(query),
                       "app_key=" STAND_APP_KEY
                       "&begin_session=1&country_code=%s&city=City%%20%u"
                       "&sdk_name=java-native-android&sdk_version=24.7.0&t=0"
                       "&tz=120&rr=0&timestamp=%" PRId64 "&device_id=",
                       countries[country], trait(user, TRAIT_CARRIER, 200), ms);

    len += write_device(query + len, sizeof(query) - (size_t)len, user);
    len += snprintf(query + len, sizeof(query) - (size_t)len, "&metrics=");
    len += write_metrics(query + len, sizeof(query) - (size_t)len, user, day);
    take(sizes, query, (size_t)len, ms);
}

static void end_session(struct sizes *sizes, unsigned user, int64_t ms)
{
    char query[QUERY_MAX];
    int len = snprintf(query, sizeof(query),
                       "app_key=" STAND_APP_KEY
                       "&end_session=1&session_duration=%u&rr=0"
                       "&timestamp=%" PRId64 "&device_id=",
                       1 + random_below(sizes, SESSION_S), ms);

    len += write_device(query + len, sizeof(query) - (size_t)len, user);
    take(sizes, query, (size_t)len, ms);
}

static void fill(struct sizes *sizes)
{
    const int64_t span = INT64_C(86400000) * DAYS;
    unsigned known = 0;

    for (unsigned i = 0; i < sizes->sessions; i++) {
        int64_t ms = span * i / sizes->sessions;
        bool comes = (uint64_t)i * sizes->users / sizes->sessions >= known;
        unsigned user = comes ? known++ : random_below(sizes, known);
        int day = (int)(ms / 86400000);
        ms += INT64_C(1000) * START;
        begin_session(sizes, user, ms, day);
        end_session(sizes, user, ms + SESSION_S * 1000);
        if (i % REQUESTS_A_TURN == 0)
            engine_turn(sizes->stand.engine);
    }
    stand_must(engine_checkpoint_wait(sizes->stand.engine, STAND_WAIT_MS),
               "checkpoint");
}

static void add_counters(struct sizes *sizes, const int64_t *at, int count)
{
    for (int i = 0; i < count; i++)
        sizes->counters += at[i] != 0;
}

static void take_cell(void *user, const struct series_cell *cell)
{
    add_counters(user, cell->at, CELL_FIELDS);
}

static void take_year(void *user, const struct series_year *row)
{
    add_counters(user, row->at, YEAR_SLOTS);
}

static void count_set(struct sizes *sizes, uint32_t set)
{
    struct reader *reader = sizes->reader;

    stand_must(
        series_days(reader, STAND_APP, set, 0, UINT16_MAX, take_cell, sizes),
        "reading");
    stand_must(
        series_hours(reader, STAND_APP, set, 0, UINT16_MAX, take_cell, sizes),
        "reading");
    stand_must(
        series_years(reader, STAND_APP, set, 0, UINT16_MAX, take_year, sizes),
        "reading");
}

static void count(struct sizes *sizes)
{
    stand_must(reader_open(sizes->stand.engine, &sizes->reader), "reading");
    for (uint32_t set = SET_USERS; set < SET_CORE_END; set++)
        count_set(sizes, set);
    reader_close(sizes->reader);
}

static void report(struct sizes *sizes)
{
    struct inventory_extent tables[TABLE_COUNT];
    uint64_t total = 0;
    uint64_t data = 0;

    for (int i = 0; i < TABLE_COUNT; i++) {
        stand_must(
            inventory_extent(sizes->stand.engine, (enum table)i, &tables[i]),
            "walking");
        total += tables[i].page_bytes;
        if (i <= TABLE_YEARS) /* the tables of counters come first */
            data += tables[i].key_bytes + tables[i].value_bytes;
    }
    uint64_t counters = tables[TABLE_HOURS].page_bytes +
                        tables[TABLE_DAYS].page_bytes +
                        tables[TABLE_YEARS].page_bytes;
    uint64_t activity =
        tables[TABLE_ACTIVE].page_bytes + tables[TABLE_COLUMNS].page_bytes;
    printf("{\"users\":%u,\"sessions\":%u,\"days\":%d,"
           "\"counters_live\":%" PRIu64 ",\"counter_bytes\":%" PRIu64
           ",\"bytes_per_counter\":%.2f,\"data_per_counter\":%.2f,\"table_"
           "bytes\":%" PRIu64
           ",\"bytes_per_user\":%.1f,\"bytes_per_user_itself\":%.1f,"
           "\"activity_bytes_per_session\":%.1f,\"file_bytes\":%" PRIu64
           ",\"tables\":{",
           sizes->users, sizes->sessions, DAYS, sizes->counters, counters,
           (double)counters / (double)sizes->counters,
           (double)data / (double)sizes->counters, total,
           (double)total / sizes->users,
           (double)(total - counters - activity) / sizes->users,
           (double)activity / sizes->sessions,
           engine_state(sizes->stand.engine).base_bytes);
    for (int i = 0; i < TABLE_COUNT; i++)
        printf("%s\"%s\":{\"records\":%" PRIu64 ",\"key_bytes\":%" PRIu64
               ",\"value_bytes\":%" PRIu64 ",\"page_bytes\":%" PRIu64 "}",
               i ? "," : "", store_table_name((enum table)i), tables[i].records,
               tables[i].key_bytes, tables[i].value_bytes,
               tables[i].page_bytes);
    puts("}}");
}

/* False for what is no number from 1 to 100 000 000. */
static bool read_number(const char *text, unsigned *number)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    *number = (unsigned)value;
    return *end == '\0' && value > 0 && value <= 100000000;
}

static bool read_arguments(struct sizes *sizes, int argc, char **argv)
{
    bool good = argc >= 2 && argc % 2 == 0;

    sizes->users = USERS;
    for (int i = 2; good && i < argc; i += 2) {
        if (strcmp(argv[i], "--users") == 0)
            good = read_number(argv[i + 1], &sizes->users);
        else
            good = strcmp(argv[i], "--sessions") == 0 &&
                   read_number(argv[i + 1], &sizes->sessions);
    }
    if (sizes->sessions == 0)
        sizes->sessions = SESSIONS_A_USER * sizes->users;
    return good && sizes->sessions >= sizes->users;
}

int main(int argc, char **argv)
{
    struct sizes sizes = {.random = 1};

    if (!read_arguments(&sizes, argc, argv)) {
        fputs("usage: sizes DIR [--users N] [--sessions M], M >= N\n", stderr);
        return 2;
    }
    struct engine_options options = {.dir = argv[1]};
    stand_open(&sizes.stand, &options);
    fill(&sizes);
    count(&sizes);
    report(&sizes);
    stand_close(&sizes.stand);
    return EXIT_SUCCESS;
}
