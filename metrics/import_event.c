#include "metrics/import_event.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/counter.h"
#include "engine/date.h"
#include "engine/dictionary.h"
#include "metrics/document.h"
#include "metrics/event_series.h"
#include "metrics/event_set.h"
#include "metrics/id.h"
#include "metrics/import_event_list.h"
#include "metrics/import_month.h"
#include "metrics/set.h"
#include "metrics/value.h"

enum { SEGMENT_SIZE = 256 };

#define WHOLE "no-segment"

/* One document of a month. */
struct sheet {
    struct import *import;
    const struct app *app;
    uint32_t event;
    char segment[SEGMENT_SIZE]; /* empty: of the event itself */
    int year;
    int month;
};

/* "<app>_<hash>_..." of events_data names both. */
static bool read_owner(struct import *import, const char *id)
{
    char hash[IMPORT_HASH_SIZE];
    char app[ID_SIZE] = "";
    const struct app *found = NULL;

    if (import->file.kind->rest_len > 0) {
        snprintf(hash, sizeof(hash), "%.40s", import->file.rest);
    } else {
        if (!id || strlen(id) < ID_LEN + 1 + IMPORT_HASH_SIZE)
            return false;
        snprintf(app, sizeof(app), "%.24s", id);
        snprintf(hash, sizeof(hash), "%.40s", id + ID_LEN + 1);
        found = registry_app(import->tally->registry, text_of(app));
        if (!found)
            return false;
    }
    if (strcmp(hash, import->event_hash) != 0)
        import_event_list_find(import, found, hash);
    return import->event != 0;
}

/* What stands before the month in the document's id, unless `s` says it. */
static void read_segment(const cJSON *document, const char *id, bool has_owner,
                         char segment[static SEGMENT_SIZE])
{
    const char *said = document_string(document, "s");
    const char *month = document_string(document, "m");
    size_t skipped = has_owner ? ID_LEN + 1 + IMPORT_HASH_SIZE : 0;
    char behind[16];

    snprintf(behind, sizeof(behind), "_%s", month);
    snprintf(segment, SEGMENT_SIZE, "%s", said ? said : WHOLE);
    if (!said && id && strlen(id) > skipped) {
        const char *end = strstr(id + skipped, behind);
        snprintf(segment, SEGMENT_SIZE, "%.*s",
                 end ? (int)(end - id - (ptrdiff_t)skipped) : 0, id + skipped);
    }
    if (strcmp(segment, WHOLE) == 0)
        segment[0] = '\0';
}

static bool open_sheet(struct import *import, const cJSON *document,
                       struct sheet *sheet)
{
    const char *id = mongo_id(document_find(document, "_id"));

    *sheet = (struct sheet){.import = import};
    if (!import_month_read(document_string(document, "m"), &sheet->year,
                           &sheet->month)) {
        import_leave(import, IMPORT_NO_MONTH, id);
        return false;
    }
    if (sheet->month == IMPORT_MONTH_ZERO)
        return false;
    if (!read_owner(import, id)) {
        import_leave(import, IMPORT_NO_EVENT, id);
        return false;
    }
    read_segment(document, id, import->file.kind->rest_len == 0,
                 sheet->segment);
    sheet->app = import_app(import, import->event_app->id);
    sheet->event = import->event;
    return sheet->app != NULL;
}

/* Numbers. */

static int64_t units_of(const struct sheet *sheet, const cJSON *item)
{
    double number = cJSON_IsNumber(item) ? item->valuedouble : 0;
    int64_t whole = 0;

    if (!cJSON_IsNumber(item) && mongo_int(item, &whole))
        number = (double)whole;
    const char *digits = document_string(item, "$numberDouble");
    if (digits)
        number = strtod(digits, NULL);
    if (!(fabs(number) < 1e13)) {
        import_leave(sheet->import, IMPORT_NUMBER, item->string);
        return 0;
    }
    return (int64_t)llround(number * EVENT_PER_ONE);
}

/* The counters among the members of an object. */
static struct event_sum read_sum(const struct sheet *sheet, const cJSON *object)
{
    struct event_sum sum = {0};
    const cJSON *c = document_find(object, "c");
    const cJSON *s = document_find(object, "s");
    const cJSON *dur = document_find(object, "dur");

    if (c && (!mongo_int(c, &sum.c) || sum.c > COUNT_ADD_MAX || sum.c < 0)) {
        import_leave(sheet->import, IMPORT_NUMBER, "c");
        sum.c = 0;
    }
    if (s)
        sum.s = units_of(sheet, s);
    if (dur)
        sum.dur = units_of(sheet, dur);
    return sum;
}

static void take_off(struct event_sum *rest, const struct event_sum *part)
{
    struct event_sum minus = {-part->c, -part->s, -part->dur};

    event_sum_add(rest, &minus);
}

/* Counting. */

static void count_one(const struct sheet *sheet, struct count count)
{
    bool is_empty = true;

    for (int i = 0; i < COUNT_FIELDS; i++)
        is_empty &= count.add[i] == 0;
    if (is_empty)
        return;
    count.app = sheet->app->number;
    effect_count(&sheet->import->tally->batch, &count);
    sheet->import->report.counters++;
}

/* Where a sum counts. */
struct place {
    uint32_t set; /* of the counts; durations are beside it */
    uint32_t value;
    int32_t hour;
    bool no_hour;
};

/* `t` says how often something came: at least once, when it is not known. */
static void count_sum(const struct sheet *sheet, const struct place *place,
                      const struct event_sum *sum)
{
    struct count count = {.set = place->set,
                          .value = place->value,
                          .hour = place->hour,
                          .no_hour = place->no_hour};
    struct count duration = count;

    count.add[COUNT_T] = sum->c;
    count.add[COUNT_E] = sum->c;
    count.add[COUNT_D] = sum->s;
    count_one(sheet, count);
    duration.set |= EVENT_DURATIONS;
    duration.add[COUNT_D] = sum->dur;
    count_one(sheet, duration);
}

/* The key itself takes its place in the year. */
static enum tally_err count_key(const struct sheet *sheet, int32_t hour,
                                const struct event_sum *sum)
{
    struct tally *tally = sheet->import->tally;
    struct count count = {.set = SET_EVENTS, .hour = hour};
    char copy[VALUE_MAX + 1];
    struct text key;
    enum tally_err err = dictionary_string(tally->engine, sheet->app->number,
                                           SET_EVENTS, sheet->event, &key);

    if (err || sum->c == 0)
        return err;
    memcpy(copy, key.at, key.len);
    key.at = copy;
    err = dictionary_count(tally->engine, &tally->batch, sheet->app->number,
                           SET_EVENTS, key, sheet->year, 0, &count.value);
    if (err)
        return err;
    count.add[COUNT_T] = sum->c;
    count.add[COUNT_E] = sum->c;
    count.add[COUNT_D] = sum->s;
    count_one(sheet, count);
    return TALLY_OK;
}

static void take_whole_day(const struct sheet *sheet, const cJSON *object,
                           int32_t day)
{
    struct event_sum rest = read_sum(sheet, object);
    struct place place = {.set = event_set(sheet->event, 0, EVENT_COUNTS)};
    const cJSON *item;

    sheet->import->err = count_key(sheet, day * HOUR_ROWS, &rest);
    cJSON_ArrayForEach(item, object)
    {
        int hour = import_month_number(item->string);
        if (hour < 0 || hour >= HOUR_ROWS || !cJSON_IsObject(item))
            continue;
        struct event_sum sum = read_sum(sheet, item);
        place.hour = day * HOUR_ROWS + hour;
        count_sum(sheet, &place, &sum);
        take_off(&rest, &sum);
    }
    place.hour = day * HOUR_ROWS;
    place.no_hour = true;
    count_sum(sheet, &place, &rest);
}

/* The segment's id; it takes its place in the year when it comes on a day. */
static enum tally_err name_segment(const struct sheet *sheet, uint32_t *segment)
{
    struct tally *tally = sheet->import->tally;
    struct value name;

    if (!value_plain(text_of(sheet->segment), &name))
        return TALLY_ERR_NOT_FOUND;
    enum tally_err err = dictionary_name(
        tally->engine, &tally->batch, sheet->app->number,
        event_set(sheet->event, 0, EVENT_COUNTS), value_text(&name), segment);
    return !err && *segment > EVENT_SEGMENT_ID_MAX ? TALLY_ERR_NOT_FOUND : err;
}

static enum tally_err count_segment(const struct sheet *sheet,
                                    const cJSON *values, int32_t day)
{
    struct tally *tally = sheet->import->tally;
    struct count count = {.set = event_set(sheet->event, 0, EVENT_COUNTS),
                          .hour = day * HOUR_ROWS};
    struct value name;
    const cJSON *item;

    cJSON_ArrayForEach(item, values) count.add[COUNT_T] +=
        read_sum(sheet, item).c;
    if (!value_plain(text_of(sheet->segment), &name) ||
        count.add[COUNT_T] <= 0 || count.add[COUNT_T] > COUNT_ADD_MAX)
        return TALLY_OK;
    enum tally_err err = dictionary_count(
        tally->engine, &tally->batch, sheet->app->number, count.set,
        value_text(&name), sheet->year, 0, &count.value);
    if (!err)
        count_one(sheet, count);
    return err;
}

static enum tally_err count_value(const struct sheet *sheet, const cJSON *item,
                                  int32_t day)
{
    struct tally *tally = sheet->import->tally;
    struct event_sum sum = read_sum(sheet, item);
    struct place place = {.hour = day * HOUR_ROWS};
    uint32_t segment;
    struct value name;

    if (sum.c == 0 || !value_plain(text_of(item->string), &name))
        return TALLY_OK;
    enum tally_err err = name_segment(sheet, &segment);
    if (err)
        return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
    place.set = event_set(sheet->event, segment, EVENT_COUNTS);
    err = dictionary_count(tally->engine, &tally->batch, sheet->app->number,
                           place.set, value_text(&name), sheet->year, 0,
                           &place.value);
    if (!err)
        count_sum(sheet, &place, &sum);
    return err;
}

static void take_values(const struct sheet *sheet, const cJSON *values,
                        int32_t day)
{
    struct import *import = sheet->import;
    const cJSON *item;

    if (import_step(import))
        import->err = count_segment(sheet, values, day);
    cJSON_ArrayForEach(item, values)
    {
        if (cJSON_IsObject(item) && import_step(import))
            import->err = count_value(sheet, item, day);
    }
}

void import_event_take(struct import *import, const cJSON *document)
{
    struct sheet sheet;
    const cJSON *item;

    if (!open_sheet(import, document, &sheet))
        return;
    cJSON_ArrayForEach(item, document_find(document, "d"))
    {
        int number = import_month_number(item->string);
        if (number < 1 || !cJSON_IsObject(item) ||
            number > date_days_in_month(sheet.year, sheet.month)) {
            import_leave(import, IMPORT_NO_DAY, item->string);
            continue;
        }
        int32_t day = date_to_day(sheet.year, sheet.month, number);
        if (sheet.segment[0] != '\0')
            take_values(&sheet, item, day);
        else if (import_step(import))
            take_whole_day(&sheet, item, day);
    }
}
