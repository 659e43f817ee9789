#include "rulebook.h"

#include <glib.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

enum { MANY = 512, COOLDOWN = 15, A_DAY = 86400 };

enum {
    WHOLE = 1,
    COUNTRY,
    FREQUENCY,
    LOYALTY,
    DURATION,
    VERSION = 9,
    OS = 10,
    CITY = 15,
    SOURCE = 20,
    SETS
};

enum { T, N, E, D, U };

struct local {
    int year, month, week, yday, hour;
    int day; /* since 1970-01-01 */
};

struct person {
    struct person *merged_into;
    int sc, merges;
    int64_t fs, ls, lest, lbst, sd, tsd;
    bool open;
    int closed; /* bucket, -1: none */
    struct local closed_at;
    const char *values[SETS];
};

struct rulebook {
    char *zone;
    GHashTable *counters; /* line before the colon -> number */
    GHashTable *active;   /* "set name day" -> set of persons */
    struct person *persons[MANY];
    int person_count;
    struct person *devices[RULEBOOK_DEVICES];
};

struct rulebook *rulebook_create(const char *zone)
{
    struct rulebook *model = g_new0(struct rulebook, 1);

    model->zone = g_strdup(zone);
    model->counters =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    model->active = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                          (GDestroyNotify)g_hash_table_destroy);
    return model;
}

void rulebook_destroy(struct rulebook *model)
{
    for (int i = 0; i < model->person_count; i++)
        g_free(model->persons[i]);
    g_hash_table_destroy(model->counters);
    g_hash_table_destroy(model->active);
    g_free(model->zone);
    g_free(model);
}

static struct local local_of(const struct rulebook *model, int64_t seconds)
{
    time_t at = (time_t)seconds;
    struct tm tm;

    setenv("TZ", model->zone, 1);
    tzset();
    localtime_r(&at, &tm);
    struct tm noon = {
        .tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday};
    return (struct local){.year = tm.tm_year + 1900,
                          .month = tm.tm_mon,
                          .week = tm.tm_yday / 7,
                          .yday = tm.tm_yday,
                          .hour = tm.tm_hour,
                          .day = (int)(timegm(&noon) / A_DAY)};
}

static void add(struct rulebook *model, int64_t number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add(struct rulebook *model, int64_t number, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    char *line = g_strdup_vprintf(format, list);
    va_end(list);
    int64_t sum =
        (int64_t)GPOINTER_TO_SIZE(g_hash_table_lookup(model->counters, line));
    g_hash_table_insert(model->counters, line,
                        GSIZE_TO_POINTER((gsize)(sum + number)));
}

/* Slots of a year: 0 the year, 1.. months, 13.. weeks, 66 sessions. */
static void add_day(struct rulebook *model, int set, const char *name,
                    const struct local *at, int field, int64_t number)
{
    add(model, number, "day %d %s %d %d", set, name, at->day, field);
    if (field == T)
        add(model, number, "year %d %s %d 66", set, name, at->year);
}

static void add_whole(struct rulebook *model, const struct local *at, int field,
                      int64_t number)
{
    add_day(model, WHOLE, "#0", at, field, number);
    add(model, number, "hour %d %d %d", at->day, at->hour, field);
}

/* The levels above the hour. */
struct levels {
    bool day, week, month, year;
};

static const struct levels all_levels = {true, true, true, true};

static void add_unique(struct rulebook *model, int set, const char *name,
                       const struct local *at, struct levels levels, int number)
{
    if (levels.day)
        add_day(model, set, name, at, U, number);
    if (levels.week)
        add(model, number, "year %d %s %d %d", set, name, at->year,
            13 + at->week);
    if (levels.month)
        add(model, number, "year %d %s %d %d", set, name, at->year,
            1 + at->month);
    if (levels.year)
        add(model, number, "year %d %s %d 0", set, name, at->year);
}

static void add_bucket(struct rulebook *model, int set, int bucket,
                       const struct local *at, struct levels levels, int number)
{
    char name[16];

    g_snprintf(name, sizeof(name), "#%d", bucket + 1);
    add_day(model, set, name, at, T, number);
    add_unique(model, set, name, at, levels, number);
}

static void mark(struct rulebook *model, int set, const char *name, int day,
                 struct person *person)
{
    char *key = g_strdup_printf("active %d %s %d", set, name, day);
    GHashTable *persons = g_hash_table_lookup(model->active, key);

    if (!persons) {
        persons = g_hash_table_new(NULL, NULL);
        g_hash_table_insert(model->active, g_strdup(key), persons);
    }
    g_hash_table_add(persons, person);
    g_free(key);
}

/* Merges, spec B.12 and 0.4.22. */

static void merge(struct person *into, struct person *old)
{
    bool old_wins = old->ls > into->ls;
    struct person winner = old_wins ? *old : *into;
    struct person other = old_wins ? *into : *old;

    if (other.fs && (!winner.fs || other.fs < winner.fs))
        winner.fs = other.fs;
    winner.lest = MAX(winner.lest, other.lest);
    winner.lbst = MAX(winner.lbst, other.lbst);
    winner.sc += other.sc;
    winner.tsd += other.tsd;
    winner.merges += other.merges + 1;
    for (int i = 0; i < SETS; i++) {
        if (!winner.values[i])
            winner.values[i] = other.values[i];
    }
    winner.merged_into = NULL;
    *into = winner;
    old->merged_into = into;
}

static struct person *find(struct rulebook *model,
                           const struct rulebook_request *request)
{
    struct person **own = &model->devices[request->device];
    struct person **old =
        request->old_device < 0 || request->old_device == request->device
            ? NULL
            : &model->devices[request->old_device];

    if (old && *old && *own) {
        merge(*own, *old);
        *old = NULL;
    } else if (old && *old) {
        *own = *old;
        *old = NULL;
    }
    if (!*own) {
        *own = g_new0(struct person, 1);
        (*own)->closed = -1;
        g_assert(model->person_count < MANY);
        model->persons[model->person_count++] = *own;
    }
    return *own;
}

/* Sessions, spec B.6.3 and 0.4.2. */

static int duration_bucket(int64_t seconds)
{
    if (seconds <= 10)
        return 0;
    if (seconds <= 30)
        return 1;
    if (seconds <= 60)
        return 2;
    if (seconds <= 180)
        return 3;
    if (seconds <= 600)
        return 4;
    if (seconds <= 1800)
        return 5;
    return seconds <= 3600 ? 6 : 7;
}

static int frequency_bucket(int64_t seconds)
{
    if (seconds < 192 * 3600)
        return 1 + (int)(seconds / A_DAY);
    return seconds < 360 * 3600 ? 9 : 10;
}

static int loyalty_bucket(int sessions)
{
    static const int firsts[] = {2, 3, 6, 10, 20, 50, 100, 500};
    int bucket = 0;

    while (bucket < 8 && sessions >= firsts[bucket])
        bucket++;
    return bucket;
}

/* A new session's part in the counting of values. */
struct start {
    bool is_new; /* a session at all */
    bool is_first;
    bool is_late;
    struct levels unique;
};

/* Spec C.5. */
static void see(struct rulebook *model, struct person *person, int set,
                const char *value, bool may_count, const struct start *start,
                const struct local *at)
{
    bool changed =
        !person->values[set] || !g_str_equal(person->values[set], value);

    person->values[set] = value;
    if (!start->is_new || !may_count)
        return;
    add_day(model, set, value, at, T, 1);
    mark(model, set, value, at->day, person);
    if (start->is_first)
        add_day(model, set, value, at, N, 1);
    if (start->is_late)
        return;
    bool everywhere = start->is_first || (changed && set != CITY);
    add_unique(model, set, value, at, everywhere ? all_levels : start->unique,
               1);
}

static void see_all(struct rulebook *model, struct person *person,
                    const struct rulebook_request *request,
                    const struct start *start, const struct local *at)
{
    if (request->begins) {
        const char *country = request->country ? request->country : "Unknown";
        const char *city = request->city ? request->city : "Unknown";
        see(model, person, COUNTRY, country, true, start, at);
        see(model, person, CITY, city, g_str_equal(country, "TR"), start, at);
    }
    if (request->os) {
        see(model, person, OS, request->os, true, start, at);
        if (!person->values[SOURCE])
            see(model, person, SOURCE, request->os, true, start, at);
    }
    if (request->version)
        see(model, person, VERSION, request->version, true, start, at);
}

static void close_session(struct rulebook *model, struct person *person,
                          const struct local *at)
{
    add_bucket(model, DURATION, duration_bucket(person->sd), at, all_levels, 1);
    person->open = false;
}

static void extend(struct rulebook *model, struct person *person,
                   int64_t seconds)
{
    if (person->closed >= 0)
        add_bucket(model, DURATION, person->closed, &person->closed_at,
                   all_levels, -1);
    person->closed = -1;
    person->open = true;
    person->lbst = seconds;
}

static void end(struct rulebook *model, struct person *person, int64_t seconds,
                const struct local *at)
{
    if (person->open) {
        close_session(model, person, at);
        person->closed = duration_bucket(person->sd);
        person->closed_at = *at;
    }
    person->lest = seconds;
}

static void count_start(struct rulebook *model, struct person *person,
                        const struct start *start, bool new_hour,
                        int64_t seconds, const struct local *at)
{
    add_whole(model, at, T, 1);
    add_whole(model, at, E, 1);
    mark(model, 0, "#0", at->day, person);
    if (start->is_first)
        add_whole(model, at, N, 1);
    if (start->is_late)
        return;
    if (new_hour)
        add(model, 1, "hour %d %d %d", at->day, at->hour, U);
    add_unique(model, WHOLE, "#0", at, start->unique, 1);
    add_bucket(model, FREQUENCY,
               start->is_first ? 0 : frequency_bucket(seconds - person->ls), at,
               all_levels, 1);
    struct levels unique = start->unique;
    if (unique.day || unique.week || unique.month || unique.year)
        add_bucket(model, LOYALTY, loyalty_bucket(person->sc), at, unique, 1);
}

static struct start begin(struct rulebook *model, struct person *person,
                          int64_t seconds, int64_t duration,
                          const struct local *at)
{
    struct start start = {.is_new = true,
                          .is_first = person->sc == 0,
                          .is_late = person->sc > 0 && seconds < person->ls};
    struct local last = local_of(model, person->ls);
    bool year = start.is_first || last.year != at->year;
    bool day = start.is_first || last.day != at->day;

    if (person->open) {
        close_session(model, person, at);
        person->sd = 0;
    } else {
        person->sd = duration;
    }
    start.unique = (struct levels){.day = day,
                                   .week = year || last.week != at->week,
                                   .month = year || last.month != at->month,
                                   .year = year};
    person->sc++;
    count_start(model, person, &start, day || last.hour != at->hour, seconds,
                at);
    if (start.is_first)
        person->fs = seconds;
    if (!start.is_late)
        person->ls = seconds;
    person->lbst = seconds;
    person->open = true;
    person->closed = -1;
    return start;
}

void rulebook_take(struct rulebook *model,
                   const struct rulebook_request *request)
{
    struct person *person = find(model, request);
    struct local at = local_of(model, request->seconds);
    struct start start = {0};
    int64_t seconds = request->seconds;
    int64_t duration = 0;

    if (request->has_duration && request->duration != 0) {
        duration = request->duration < 0 ? 30 : MIN(request->duration, A_DAY);
        person->sd += duration;
        person->tsd += duration;
        add_whole(model, &at, E, 1);
        add_whole(model, &at, D, duration);
    }
    bool extends = person->sc > 0 && person->lest > 0 &&
                   !request->ignores_cooldown && seconds >= person->ls &&
                   seconds - person->lest < COOLDOWN;
    if (request->begins && extends)
        extend(model, person, seconds);
    else if (request->begins)
        start = begin(model, person, seconds, duration, &at);
    else if (request->ends)
        end(model, person, seconds, &at);
    if (!request->begins && !request->has_duration)
        add_whole(model, &at, E, 1);
    see_all(model, person, request, &start, &at);
}

/* Output. */

static struct person *root_of(struct person *person)
{
    while (person->merged_into)
        person = person->merged_into;
    return person;
}

static guint count_roots(GHashTable *persons)
{
    GHashTable *roots = g_hash_table_new(NULL, NULL);
    GHashTableIter each;
    gpointer person;

    g_hash_table_iter_init(&each, persons);
    while (g_hash_table_iter_next(&each, &person, NULL))
        g_hash_table_add(roots, root_of(person));
    guint count = g_hash_table_size(roots);
    g_hash_table_destroy(roots);
    return count;
}

static gint compare_lines(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *rulebook_dump(const struct rulebook *model)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter each;
    gpointer key;
    gpointer value;

    g_hash_table_iter_init(&each, model->counters);
    while (g_hash_table_iter_next(&each, &key, &value)) {
        if (value)
            g_ptr_array_add(lines,
                            g_strdup_printf("%s: %" PRId64, (char *)key,
                                            (int64_t)GPOINTER_TO_SIZE(value)));
    }
    g_hash_table_iter_init(&each, model->active);
    while (g_hash_table_iter_next(&each, &key, &value))
        g_ptr_array_add(
            lines, g_strdup_printf("%s: %u", (char *)key, count_roots(value)));
    g_ptr_array_sort(lines, compare_lines);
    g_ptr_array_add(lines, NULL);
    char *text = g_strjoinv("\n", (char **)lines->pdata);
    g_ptr_array_free(lines, TRUE);
    return text;
}

static const char *shown(const struct person *person, int set)
{
    return person->values[set] ? person->values[set] : "";
}

char *rulebook_user(const struct rulebook *model, int device)
{
    const struct person *person = model->devices[device];

    if (!person)
        return g_strdup("");
    return g_strdup_printf(
        "sc %d merges %d fs %" PRId64 " ls %" PRId64 " lest %" PRId64
        " lbst %" PRId64 " sd %" PRId64 " tsd %" PRId64
        " open %d cc %s cty %s p %s av %s src %s",
        person->sc, person->merges, person->fs, person->ls, person->lest,
        person->lbst, person->sd, person->tsd, person->open,
        shown(person, COUNTRY), shown(person, CITY), shown(person, OS),
        shown(person, VERSION), shown(person, SOURCE));
}
