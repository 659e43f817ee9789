#include "metrics/active.h"

#include "engine/date.h"
#include "metrics/window.h"

enum { WINDOWS = 3, LONGEST = 30, PARTS_MAX = FILTER_MEMBERS_MAX + 1 };

static const struct {
    const char *key;
    unsigned days;
} kinds[WINDOWS] = {{"d", 1}, {"w", 7}, {"m", LONGEST}};

/* The days going by. Each part of the filter has windows of its own. */
struct course {
    const struct active *active;
    struct reader *reader;
    struct window *windows[WINDOWS][PARTS_MAX];
    struct ordinals day;
    struct ordinals users;
};

/* Sums of the days of a month so far. */
struct sums {
    int32_t days;
    uint64_t users[WINDOWS];
};

static struct span whole_span(const struct active *active)
{
    struct span span = active->period->current;

    span.first -= LONGEST - 1;
    return span;
}

void active_capture(const struct active *active, struct reader *reader)
{
    struct span span = whole_span(active);

    filter_capture(active->filter, reader, &span);
}

static enum tally_err push_day(struct course *course, int32_t day)
{
    const struct filter *filter = course->active->filter;
    struct span span = {day, day, SPAN_WHOLE};
    enum tally_err err = TALLY_OK;

    for (unsigned part = 0; !err && part < filter_parts(filter); part++) {
        ordinals_clear(&course->day);
        err = filter_member_users(filter, part, course->reader, &span,
                                  &course->day);
        for (int i = 0; i < WINDOWS; i++)
            window_push(course->windows[i][part], &course->day);
    }
    return err;
}

static uint64_t count_users(struct course *course, int kind)
{
    unsigned parts = filter_parts(course->active->filter);

    ordinals_clear(&course->users);
    window_users(course->windows[kind][0], &course->users);
    for (unsigned part = 1; part < parts; part++) {
        ordinals_clear(&course->day);
        window_users(course->windows[kind][part], &course->day);
        ordinals_meet(&course->users, &course->day);
    }
    return ordinals_count(&course->users);
}

/* The row of sums over some days: their average, rounded. */
static void write_row(struct json *json, struct cover_bucket bucket,
                      struct sums *sums)
{
    char label[COVER_LABEL_SIZE];
    uint64_t days = (uint64_t)sums->days;

    cover_label(bucket, label);
    json_key_string(json, label);
    json_open_object(json);
    for (int i = 0; i < WINDOWS; i++)
        json_member_int(json, kinds[i].key,
                        (int64_t)((sums->users[i] + days / 2) / days));
    json_close_object(json);
    *sums = (struct sums){0};
}

static bool ends_row(const struct period *period, int32_t day)
{
    return period->kind != PERIOD_MONTH || day == period->current.last ||
           date_of_day(day + 1).day == 1;
}

static enum tally_err write_days(struct course *course, struct json *json)
{
    const struct period *period = course->active->period;
    struct span span = whole_span(course->active);
    struct sums sums = {0};

    for (int32_t day = span.first; day <= span.last; day++) {
        enum tally_err err = push_day(course, day);
        if (err)
            return err;
        if (day < period->current.first)
            continue;
        sums.days++;
        for (int i = 0; i < WINDOWS; i++)
            sums.users[i] += count_users(course, i);
        enum cover_unit unit =
            period->kind == PERIOD_MONTH ? COVER_MONTH : COVER_DAY;
        if (ends_row(period, day))
            write_row(json, (struct cover_bucket){unit, day}, &sums);
    }
    return TALLY_OK;
}

enum tally_err active_write(const struct active *active, struct reader *reader,
                            struct json *json)
{
    struct course course = {.active = active, .reader = reader};
    unsigned parts = filter_parts(active->filter);

    for (unsigned i = 0; i < WINDOWS * parts; i++)
        course.windows[i / parts][i % parts] =
            window_create(kinds[i / parts].days);
    json_open_object(json);
    json_member_bool(json, "calculating", false);
    json_key_string(json, "data");
    json_open_object(json);
    enum tally_err err = write_days(&course, json);
    json_close_object(json);
    json_close_object(json);
    for (unsigned i = 0; i < WINDOWS * parts; i++)
        window_destroy(course.windows[i / parts][i % parts]);
    ordinals_finish(&course.day);
    ordinals_finish(&course.users);
    return err;
}
