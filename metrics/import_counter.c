#include "metrics/import_counter.h"

#include <stdio.h>
#include <string.h>

#include "engine/counter.h"
#include "engine/date.h"
#include "engine/dictionary.h"
#include "engine/key.h"
#include "metrics/document.h"
#include "metrics/import_month.h"
#include "metrics/set.h"
#include "metrics/value.h"

enum { BUCKETS = 16 };

/* One document of a collection. */
struct sheet {
    struct import *import;
    const struct app *app;
    bool is_whole;              /* of the collection `users` */
    struct metric_list metrics; /* of the collection */
    int year;
    int month; /* IMPORT_MONTH_ZERO: of the year */
};

static const struct {
    const char *name;
    enum count_field field;
} counters[] = {
    {"t", COUNT_T}, {"n", COUNT_N}, {"u", COUNT_U_DAY},
    {"d", COUNT_D}, {"e", COUNT_E},
};

static const struct {
    const char *name;
    enum set set;
} ranges[] = {
    {"f", SET_FREQUENCY},
    {"l", SET_LOYALTY},
    {"ds", SET_DURATIONS},
};

static void leave(const struct sheet *sheet, enum import_reason reason,
                  const char *what)
{
    import_leave(sheet->import, reason, what);
}

static void count(const struct sheet *sheet, struct count *count)
{
    bool is_empty = true;

    for (int i = 0; i < COUNT_FIELDS; i++) {
        if (count->add[i] != 0)
            is_empty = false;
        if (i != COUNT_D &&
            (count->add[i] > COUNT_ADD_MAX || count->add[i] < -COUNT_ADD_MAX)) {
            leave(sheet, IMPORT_NUMBER, sheet->app->key);
            return;
        }
    }
    if (is_empty)
        return;
    count->app = sheet->app->number;
    effect_count(&sheet->import->tally->batch, count);
    sheet->import->report.counters++;
}

/* Adds one counter of an object; `u` goes to the field `unique`. What is no
 * counter is the caller's. */
static bool read_counter(const struct sheet *sheet, const cJSON *item,
                         enum count_field unique, int64_t *add)
{
    int64_t number;

    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
        if (strcmp(item->string, counters[i].name) != 0)
            continue;
        if (!mongo_int(item, &number))
            return false;
        if (number > INT64_MAX / 64 || number < 0)
            leave(sheet, IMPORT_NUMBER, item->string);
        else
            add[counters[i].field == COUNT_U_DAY ? unique
                                                 : counters[i].field] += number;
        return true;
    }
    return false;
}

static bool is_range(const struct sheet *sheet, const char *name)
{
    for (size_t i = 0; sheet->is_whole && i < 3; i++) {
        if (strcmp(name, ranges[i].name) == 0)
            return true;
    }
    return false;
}

/* Where the counters of a level go. */
struct level {
    int32_t day;
    enum count_field unique;
};

/* {"0": 5, "3": 1} of f, l or ds. At a day sessions count as well. */
static void take_range(const struct sheet *sheet, const cJSON *range,
                       const struct level *level)
{
    const cJSON *item;
    enum set set = SET_FREQUENCY;

    for (size_t i = 0; i < 3; i++) {
        if (strcmp(range->string, ranges[i].name) == 0)
            set = ranges[i].set;
    }
    cJSON_ArrayForEach(item, range)
    {
        struct count counted = {.set = set,
                                .value =
                                    (uint32_t)import_month_number(item->string),
                                .hour = level->day * HOUR_ROWS};
        int64_t number;
        if (counted.value >= BUCKETS) {
            leave(sheet, IMPORT_BUCKET, item->string);
            continue;
        }
        if (!mongo_int(item, &number) || number < 0) {
            leave(sheet, IMPORT_NUMBER, item->string);
            continue;
        }
        counted.value++;
        counted.add[level->unique] = number;
        if (level->unique == COUNT_U_DAY)
            counted.add[COUNT_T] = number;
        count(sheet, &counted);
    }
}

/* Values. */

/* The first set of the collection that has the value; a collection of one set
 * has every value. */
static enum tally_err find_value(const struct sheet *sheet, struct text name,
                                 uint32_t *set, uint32_t *value)
{
    struct engine *engine = sheet->import->tally->engine;
    const struct metric_list *metrics = &sheet->metrics;
    enum tally_err err = TALLY_ERR_NOT_FOUND;

    for (unsigned i = 0; i < metrics->count && err == TALLY_ERR_NOT_FOUND;
         i++) {
        *set = metrics->at[i]->set;
        err = dictionary_find(engine, sheet->app->number, *set, name, value);
    }
    if (err == TALLY_ERR_NOT_FOUND && metrics->count == 1)
        *value = 0;
    return err == TALLY_ERR_NOT_FOUND && metrics->count == 1 ? TALLY_OK : err;
}

/* The id under which the value counts. Uniques alone take no place in the
 * year: that is for what has sessions. */
static enum tally_err identify(const struct sheet *sheet, struct text name,
                               struct count *counted)
{
    struct tally *tally = sheet->import->tally;
    enum tally_err err =
        find_value(sheet, name, &counted->set, &counted->value);

    if (!err && counted->add[COUNT_T] != 0)
        return dictionary_count(tally->engine, &tally->batch,
                                sheet->app->number, counted->set, name,
                                sheet->year, 0, &counted->value);
    return !err && counted->value == 0 ? TALLY_ERR_NOT_FOUND : err;
}

static void take_value(const struct sheet *sheet, const cJSON *item,
                       const struct level *level)
{
    struct count counted = {.hour = level->day * HOUR_ROWS};
    struct value name;
    const cJSON *counter;
    bool is_day = level->unique == COUNT_U_DAY;

    if (!value_plain(text_of(item->string), &name))
        return;
    cJSON_ArrayForEach(counter, item)
    {
        if ((is_day || strcmp(counter->string, "u") == 0) &&
            !read_counter(sheet, counter, level->unique, counted.add))
            leave(sheet, IMPORT_COUNTER, counter->string);
    }
    enum tally_err err = identify(sheet, value_text(&name), &counted);
    if (err == TALLY_ERR_NOT_FOUND)
        leave(sheet, IMPORT_NO_LIST, item->string);
    else if (err)
        sheet->import->err = err;
    else
        count(sheet, &counted);
}

/* "3" or "w11"; false for what is none: a part of the year itself. */
static bool find_level(const struct sheet *sheet, const cJSON *item,
                       struct level *level)
{
    int number = import_month_number(item->string);

    if (!cJSON_IsObject(item))
        return false;
    if (number >= 1 && number <= 12) {
        *level =
            (struct level){date_to_day(sheet->year, number, 1), COUNT_U_MONTH};
        return true;
    }
    number =
        item->string[0] == 'w' ? import_month_number(item->string + 1) : -1;
    if (number < 1 || number > DATE_LAST_WEEK)
        return false;
    *level = (struct level){date_week_first(sheet->year, number), COUNT_U_WEEK};
    return true;
}

static bool is_number(const cJSON *item)
{
    int64_t number;

    return mongo_int(item, &number);
}

/* False for counters, for hours, for what is a level of its own. */
static bool is_part(const struct sheet *sheet, const cJSON *item,
                    const struct level *level)
{
    struct level other;

    if (!cJSON_IsObject(item) || !item->child || is_number(item))
        return false;
    if (sheet->is_whole && import_month_number(item->string) >= 0)
        return false;
    return level->unique != COUNT_U_YEAR || !find_level(sheet, item, &other);
}

/* Ranges and values of one day, month, week or year. */
static void take_parts(const struct sheet *sheet, const cJSON *object,
                       const struct level *level)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, object)
    {
        if (!is_part(sheet, item, level))
            continue;
        if (!import_step(sheet->import))
            continue;
        if (is_range(sheet, item->string))
            take_range(sheet, item, level);
        else
            take_value(sheet, item, level);
    }
}

/* Months. */

/* Adds the hour and takes it off what is left of the day. */
static void take_hour(const struct sheet *sheet, const cJSON *object,
                      int32_t hour, int64_t *rest)
{
    struct count counted = {.set = SET_USERS, .hour = hour};
    const cJSON *item;

    cJSON_ArrayForEach(item, object)
    {
        if (!read_counter(sheet, item, COUNT_U_HOUR, counted.add))
            leave(sheet, IMPORT_COUNTER, item->string);
    }
    for (int i = 0; i < COUNT_FIELDS; i++)
        rest[i] -= i == COUNT_U_HOUR ? 0 : counted.add[i];
    count(sheet, &counted);
}

/* The whole of a day: its hours, and what the day has more than they. */
static void take_whole_day(const struct sheet *sheet, const cJSON *object,
                           int32_t day)
{
    struct count counted = {
        .set = SET_USERS, .hour = day * HOUR_ROWS, .no_hour = true};
    const cJSON *item;

    cJSON_ArrayForEach(item, object)
    {
        int hour = import_month_number(item->string);
        if (hour >= 0 && hour < HOUR_ROWS && cJSON_IsObject(item))
            take_hour(sheet, item, day * HOUR_ROWS + hour, counted.add);
        else if (is_number(item) &&
                 !read_counter(sheet, item, COUNT_U_DAY, counted.add))
            leave(sheet, IMPORT_COUNTER, item->string);
    }
    count(sheet, &counted);
}

static void take_month(const struct sheet *sheet, const cJSON *days)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, days)
    {
        int number = import_month_number(item->string);
        struct level level = {
            date_to_day(sheet->year, sheet->month, number > 0 ? number : 1),
            COUNT_U_DAY};
        if (number < 1 ||
            number > date_days_in_month(sheet->year, sheet->month) ||
            !cJSON_IsObject(item)) {
            leave(sheet, IMPORT_NO_DAY, item->string);
            continue;
        }
        if (sheet->is_whole && import_step(sheet->import))
            take_whole_day(sheet, item, level.day);
        take_parts(sheet, item, &level);
    }
}

/* Years. */

static void take_whole_level(const struct sheet *sheet, const cJSON *object,
                             const struct level *level)
{
    struct count counted = {
        .set = SET_USERS, .hour = level->day * HOUR_ROWS, .no_hour = true};
    const cJSON *unique = document_find(object, "u");
    int64_t number;

    if (!sheet->is_whole || !unique || !import_step(sheet->import))
        return;
    if (!mongo_int(unique, &number) || number < 0) {
        leave(sheet, IMPORT_NUMBER, "u");
        return;
    }
    counted.add[level->unique] = number;
    count(sheet, &counted);
}

static void take_year(const struct sheet *sheet, const cJSON *levels)
{
    struct level level = {date_to_day(sheet->year, 1, 1), COUNT_U_YEAR};
    const cJSON *item;

    take_whole_level(sheet, levels, &level);
    take_parts(sheet, levels, &level);
    cJSON_ArrayForEach(item, levels)
    {
        if (!find_level(sheet, item, &level))
            continue;
        take_whole_level(sheet, item, &level);
        take_parts(sheet, item, &level);
    }
}

/* Documents. */

static bool open_sheet(struct import *import, const cJSON *document,
                       struct sheet *sheet)
{
    char id[25] = "";
    const char *app = mongo_id(document_find(document, "a"));
    const char *name = mongo_id(document_find(document, "_id"));

    *sheet = (struct sheet){
        .import = import,
        .is_whole = strcmp(import->file.collection, "users") == 0,
        .metrics =
            catalog_list(import->tally->catalog, import->file.collection),
    };
    if (!import_month_read(document_string(document, "m"), &sheet->year,
                           &sheet->month)) {
        import_leave(import, IMPORT_NO_MONTH, name);
        return false;
    }
    if (!app && name && snprintf(id, sizeof(id), "%s", name) >= 24)
        app = id;
    sheet->app = import_app(import, app);
    return sheet->app != NULL;
}

void import_counter_take(struct import *import, const cJSON *document)
{
    struct sheet sheet;
    const cJSON *parts = document_find(document, "d");

    if (!open_sheet(import, document, &sheet) || !cJSON_IsObject(parts))
        return;
    if (sheet.month == IMPORT_MONTH_ZERO)
        take_year(&sheet, parts);
    else
        take_month(&sheet, parts);
}

static void name_value(const struct sheet *sheet, uint32_t set,
                       const char *string)
{
    struct tally *tally = sheet->import->tally;
    struct value name;
    uint32_t value;

    if (!string || !value_plain(text_of(string), &name) ||
        !import_step(sheet->import))
        return;
    sheet->import->err =
        dictionary_name(tally->engine, &tally->batch, sheet->app->number, set,
                        value_text(&name), &value);
}

/* A list is an array of names, or an object that has them as keys. */
static void name_values(const struct sheet *sheet, uint32_t set,
                        const cJSON *list)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, list) name_value(
        sheet, set, item->string ? item->string : cJSON_GetStringValue(item));
}

void import_counter_name(struct import *import, const cJSON *document)
{
    static const char *const lists[] = {"meta_v2", "meta"};
    struct sheet sheet;

    if (!open_sheet(import, document, &sheet) ||
        sheet.month != IMPORT_MONTH_ZERO)
        return;
    for (unsigned i = 0; i < sheet.metrics.count; i++) {
        const struct metric *metric = sheet.metrics.at[i];
        for (size_t j = 0; j < 2; j++)
            name_values(
                &sheet, metric->set,
                document_find(document_find(document, lists[j]), metric->name));
    }
}
