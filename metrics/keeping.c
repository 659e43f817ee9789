#include "metrics/keeping.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/date.h"
#include "engine/key.h"
#include "engine/memory.h"
#include "engine/pack.h"
#include "engine/series.h"
#include "metrics/id.h"
#include "metrics/moment.h"
#include "metrics/movement.h"

enum { SEEKS = 50 }; /* of records, in one step */

/* Where details begin. */

static int32_t kept(int32_t of_app, uint32_t standard)
{
    return of_app >= 0 ? of_app : (int32_t)standard;
}

struct horizon keeping_horizon(const struct app *app,
                               const struct settings *settings, int64_t now)
{
    struct moment moment = moment_at(app->zone, now);
    int32_t days = kept(app->keep_hours, settings->retention_hours);
    int32_t months = kept(app->keep_days, settings->retention_days);
    struct horizon horizon = {0};

    if (days > 0 && moment.day > days)
        horizon.hours = moment.day - days;
    if (months > 0) {
        int month = moment.date.year * 12 + moment.date.month - 1 - months;
        int32_t first = date_to_day(month / 12, month % 12 + 1, 1);
        horizon.days = first > 0 ? first : 0;
    }
    /* No hours without their day. */
    if (horizon.hours < horizon.days)
        horizon.hours = horizon.days;
    return horizon;
}

static int32_t later(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* What is hidden already stays so. */
static enum tally_err next_horizon(struct tally *tally, const struct app *app,
                                   int64_t now, struct horizon *old,
                                   struct horizon *next)
{
    *next = keeping_horizon(app, &tally->settings, now);
    if (next->hours == 0)
        return TALLY_OK;
    enum tally_err err = horizon_get(tally->engine, app->number, old);
    if (!err && next->hours > 0)
        next->hours = later(next->hours, old->hours);
    if (!err && next->days > 0)
        next->days = later(next->days, old->days);
    return err;
}

/* Steps. */

void keeping_start(struct keeping *run, struct tally *tally, int64_t now)
{
    *run = (struct keeping){.tally = tally, .now = now};
}

static enum tally_err move_horizon(struct keeping *run)
{
    struct tally *tally = run->tally;

    batch_clear(&tally->batch);
    horizon_put(&tally->batch, run->app, &run->horizon);
    return tally_apply(tally);
}

static void leave_app(struct keeping *run)
{
    run->position++;
    run->app = 0;
}

static enum tally_err enter_app(struct keeping *run, const struct app *app)
{
    struct horizon old;
    struct horizon next;
    enum tally_err err = next_horizon(run->tally, app, run->now, &old, &next);
    if (err)
        return err;
    if (next.hours == 0) {
        leave_app(run);
        return TALLY_OK;
    }

    run->app = app->number;
    run->horizon = (struct horizon){later(next.hours, old.hours),
                                    later(next.days, old.days)};
    run->set = 0;
    run->day = 0;
    if (run->horizon.hours == old.hours && run->horizon.days == old.days)
        return TALLY_OK;
    err = move_horizon(run);
    if (err)
        run->app = 0;
    return err;
}

static bool is_first_of_month(int32_t day)
{
    return date_of_day(day).day == 1;
}

enum search {
    SEARCH_FOUND,
    SEARCH_GOES_ON,
    SEARCH_OVER,
};

/* Goes to the next day that has a record; found when it is before the horizon
 * and not its month's first. */
static enum tally_err find_day(struct keeping *run, enum search *search)
{
    bool found;
    enum tally_err err = movement_find(run->tally, TABLE_DAYS, run->app,
                                       &run->set, &run->day, &found);

    *search = SEARCH_OVER;
    if (err || !found)
        return err;
    bool is_before = run->day < run->horizon.days;
    if (!is_before && run->set == UINT32_MAX)
        return TALLY_OK;
    *search = SEARCH_GOES_ON;
    if (!is_before) {
        run->set++;
        run->day = 0;
    } else if (is_first_of_month(run->day)) {
        run->day++;
    } else {
        *search = SEARCH_FOUND;
    }
    return TALLY_OK;
}

/* The same for some records more. */
static enum tally_err find_some(struct keeping *run, enum search *search)
{
    enum tally_err err = TALLY_OK;

    *search = run->horizon.days > 0 ? SEARCH_GOES_ON : SEARCH_OVER;
    for (int i = 0; !err && *search == SEARCH_GOES_ON && i < SEEKS; i++)
        err = find_day(run, search);
    return err;
}

static enum tally_err move_day(struct keeping *run)
{
    struct date date = date_of_day(run->day);
    struct movement movement = {.tally = run->tally,
                                .app = run->app,
                                .set = run->set,
                                .day = run->day,
                                .to = date_to_day(date.year, date.month, 1),
                                .cells_max = KEEPING_CELLS};
    unsigned moved;
    enum tally_err err = movement_make(&movement, &moved);
    if (err)
        return err;

    run->moved += moved;
    if (moved == 0)
        run->day++;
    return TALLY_OK;
}

/* What an app is to lose, it loses first. */
static enum tally_err cut_app(struct keeping *run, const struct app *app)
{
    bool over;

    if (run->cutting.app != app->number || run->cutting.before != app->cut)
        cutting_start(&run->cutting, run->tally, app);
    return cutting_step(&run->cutting, &over);
}

enum tally_err keeping_step(struct keeping *run, bool *over)
{
    const struct app *app =
        registry_app_at(run->tally->registry, run->position);
    enum search search;

    *over = !app;
    if (!app)
        return TALLY_OK;
    if (app->cut_pending)
        return cut_app(run, app);
    if (run->app != app->number)
        return enter_app(run, app);
    enum tally_err err = find_some(run, &search);
    if (err || search == SEARCH_GOES_ON)
        return err;
    if (search == SEARCH_FOUND)
        return move_day(run);
    leave_app(run);
    return TALLY_OK;
}

/* Reports. */

struct extent {
    uint64_t records;
    uint64_t bytes;
};

struct line {
    uint32_t app;
    char id[ID_SIZE];
    struct horizon horizon;
    struct extent hours;
    struct extent days;
    struct extent activity;
};

struct keeping_report {
    struct reader *reader;
    struct line *lines;
    size_t count;
    size_t room;
    bool is_cut; /* there are more apps */
    enum tally_err err;
};

static void add_line(struct keeping_report *report, const struct app *app,
                     const struct horizon *horizon)
{
    report->lines = memory_one_more(report->lines, report->count, &report->room,
                                    sizeof(*report->lines));
    struct line *line = &report->lines[report->count++];
    *line = (struct line){.app = app->number, .horizon = *horizon};
    memcpy(line->id, app->id, ID_LEN);
}

struct keeping_report *keeping_plan(struct tally *tally, struct reader *reader,
                                    int64_t now)
{
    struct keeping_report *report = memory_alloc(sizeof(*report));
    const struct app *app;

    report->reader = reader;
    for (unsigned i = 0; (app = registry_app_at(tally->registry, i)); i++) {
        struct horizon old;
        struct horizon next;
        report->err = next_horizon(tally, app, now, &old, &next);
        report->is_cut = report->count == KEEPING_LISTED;
        if (report->err || report->is_cut)
            break;
        if (next.hours > 0)
            add_line(report, app, &next);
    }
    return report;
}

/* One kind of records of an app while they are counted. */
struct survey {
    uint32_t app;
    int32_t before;
    bool has_set;
    bool is_days; /* the first days of months stay */
    bool goes_on; /* with this set */
    uint32_t set;
    struct extent extent;
};

static bool count_record(void *user, struct text key, struct text value)
{
    struct survey *survey = user;
    struct unpack unpack = unpack_from(key);
    uint32_t app = unpack_u32(&unpack);
    uint32_t set = survey->has_set ? unpack_u32(&unpack) : 0;
    int32_t day = unpack_u16(&unpack);

    if (app != survey->app || unpack.bad)
        return false;
    if (day >= survey->before) {
        survey->goes_on = survey->has_set && set < UINT32_MAX;
        survey->set = set + 1;
        return false;
    }
    if (survey->is_days && is_first_of_month(day))
        return true;
    survey->extent.records++;
    survey->extent.bytes += key.len + value.len;
    return true;
}

static enum tally_err measure(struct reader *reader, enum table table,
                              struct survey *survey, struct extent *sum)
{
    enum tally_err err = TALLY_OK;

    do {
        struct key key = survey->has_set
                             ? key_hours(survey->app, survey->set, 0)
                             : key_app(survey->app);
        survey->goes_on = false;
        err =
            reader_stored(reader, table, key_text(&key), count_record, survey);
    } while (!err && survey->goes_on);
    sum->records += survey->extent.records;
    sum->bytes += survey->extent.bytes;
    return err;
}

static enum tally_err measure_app(struct reader *reader, struct line *line)
{
    const struct horizon *horizon = &line->horizon;
    struct {
        enum table table;
        struct survey survey;
        struct extent *sum;
    } kinds[] = {
        {TABLE_HOURS,
         {.before = horizon->hours, .has_set = true},
         &line->hours},
        {TABLE_DAYS,
         {.before = horizon->days, .has_set = true, .is_days = true},
         &line->days},
        {TABLE_ACTIVE, {.before = horizon->days}, &line->activity},
        {TABLE_COLUMNS,
         {.before = horizon->days, .has_set = true},
         &line->activity},
    };
    enum tally_err err = TALLY_OK;

    for (size_t i = 0; !err && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        kinds[i].survey.app = line->app;
        err = measure(reader, kinds[i].table, &kinds[i].survey, kinds[i].sum);
    }
    return err;
}

enum tally_err keeping_measure(struct keeping_report *report)
{
    enum tally_err err = report->err;

    for (size_t i = 0; !err && i < report->count; i++)
        err = measure_app(report->reader, &report->lines[i]);
    return err;
}

static void write_day(struct json *json, const char *name, int32_t day)
{
    struct date date = date_of_day(day);
    char text[40];

    snprintf(text, sizeof(text), "%d-%02d-%02d", date.year, date.month,
             date.day);
    if (day > 0)
        json_member_string(json, name, text);
}

static void write_extent(struct json *json, const char *name,
                         const struct extent *extent)
{
    json_key_string(json, name);
    json_open_object(json);
    json_member_int(json, "records", (int64_t)extent->records);
    json_member_int(json, "bytes", (int64_t)extent->bytes);
    json_close_object(json);
}

void keeping_write(const struct keeping_report *report, bool is_dry,
                   struct json *json)
{
    json_open_object(json);
    json_member_bool(json, "dry_run", is_dry);
    json_member_bool(json, "is_cut", report->is_cut);
    json_key_string(json, "apps");
    json_open_array(json);
    for (size_t i = 0; i < report->count; i++) {
        const struct line *line = &report->lines[i];
        json_open_object(json);
        json_member_string(json, "_id", line->id);
        write_day(json, "hours_from", line->horizon.hours);
        write_day(json, "days_from", line->horizon.days);
        write_extent(json, "hours", &line->hours);
        write_extent(json, "days", &line->days);
        write_extent(json, "activity", &line->activity);
        json_close_object(json);
    }
    json_close_array(json);
    json_close_object(json);
}

void keeping_report_destroy(struct keeping_report *report)
{
    if (!report)
        return;

    free(report->lines);
    free(report);
}
