#include "bench/reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/active.h"
#include "metrics/breakdown.h"
#include "metrics/dashboard.h"
#include "metrics/filter.h"
#include "metrics/retention.h"
#include "metrics/set.h"
#include "metrics/ticks.h"
#include "metrics/timeobject.h"
#include "metrics/total.h"

enum {
    FILTERED_VALUES = 10,
    ANSWER_MAX = 64 << 20,
};

void must(enum tally_err err, const char *what)
{
    if (!err)
        return;
    fprintf(stderr, "%s: %s\n", what, tally_err_text(err));
    exit(EXIT_FAILURE);
}

static struct reader *open_reader(struct bench *bench)
{
    struct reader *reader;

    must(reader_open(bench->engine, &reader), "reading");
    return reader;
}

static struct period period_of(struct bench *bench, const char *text)
{
    int64_t now = (int64_t)(FIRST_DAY + DAYS - 1) * 86400 + 3600;

    return period_parse(text_of(text), bench->zone, now);
}

/* What a read gives: bytes of JSON, or users. */
static size_t write_object(struct bench *bench, const char *collection,
                           const char *text)
{
    struct period period = period_of(bench, text);
    struct timeobject object = {.app = APP,
                                .collection = collection,
                                .metrics =
                                    catalog_list(bench->catalog, collection),
                                .mode = TIMEOBJECT_PERIOD,
                                .period = &period};
    struct reader *reader = open_reader(bench);
    struct buffer out;
    struct json json;

    buffer_init(&out, ANSWER_MAX);
    json_init(&json, &out, JSON_DATA);
    timeobject_capture(&object, reader);
    must(timeobject_write(&object, reader, &json), "writing");
    size_t len = out.len;
    buffer_finish(&out);
    reader_close(reader);
    return len;
}

static size_t read_object(struct bench *bench)
{
    return write_object(bench, "devices", "hour");
}

static size_t read_days30(struct bench *bench)
{
    return write_object(bench, "devices", "30days");
}

static size_t read_year(struct bench *bench)
{
    return write_object(bench, "devices", "month");
}

static size_t read_users(struct bench *bench)
{
    return write_object(bench, "users", "hour");
}

static size_t read_whole(struct bench *bench)
{
    struct span span = {FIRST_DAY, FIRST_DAY + DAYS - 1, SPAN_WHOLE};
    struct reader *reader = open_reader(bench);
    uint64_t users;

    total_capture_span(reader, APP, 0, &span);
    must(total_users(reader, APP, &span, &users), "counting");
    reader_close(reader);
    return (size_t)users;
}

static size_t read_values(struct bench *bench)
{
    struct span span = {FIRST_DAY, FIRST_DAY + DAYS - 1, SPAN_WHOLE};
    struct reader *reader = open_reader(bench);
    struct total_values values;

    total_capture_span(reader, APP, SET_DEVICES, &span);
    must(total_values(reader, APP, SET_DEVICES, &span, &values), "counting");
    size_t users = total_of_value(&values, 1);
    total_values_finish(&values);
    reader_close(reader);
    return users;
}

/* The bytes of an answer, and its end. */
static size_t finish_answer(struct reader *reader, struct buffer *out)
{
    size_t len = out->len;

    buffer_finish(out);
    reader_close(reader);
    return len;
}

static size_t read_sessions(struct bench *bench)
{
    struct period period = period_of(bench, "day");
    struct ticks ticks = ticks_create(&period);
    struct reader *reader = open_reader(bench);
    struct buffer out;
    struct json json;

    buffer_init(&out, ANSWER_MAX);
    json_init(&json, &out, JSON_DATA);
    ticks_capture(reader, APP);
    must(ticks_read(&ticks, reader, APP), "reading ticks");
    ticks_write(&ticks, &json);
    ticks_finish(&ticks);
    return finish_answer(reader, &out);
}

static size_t read_metric(struct bench *bench)
{
    struct period period = period_of(bench, "30days");
    struct breakdown_question question = {APP, SET_DEVICES, &period, true};
    struct reader *reader = open_reader(bench);
    struct breakdown breakdown;
    struct buffer out;
    struct json json;

    buffer_init(&out, ANSWER_MAX);
    json_init(&json, &out, JSON_DATA);
    breakdown_capture(&question, reader);
    must(breakdown_read(&question, reader, &breakdown), "reading a metric");
    breakdown_sort(&breakdown, BREAKDOWN_U);
    breakdown_write(&breakdown, &json);
    breakdown_finish(&breakdown);
    return finish_answer(reader, &out);
}

static size_t read_dashboard(struct bench *bench)
{
    struct dashboard dashboard = {
        .app = APP,
        .count = 3,
        .parts = {{TEXT("30days"), period_of(bench, "30days")},
                  {TEXT("7days"), period_of(bench, "7days")},
                  {TEXT("today"), period_of(bench, "hour")}}};
    struct reader *reader = open_reader(bench);
    struct buffer out;
    struct json json;

    buffer_init(&out, ANSWER_MAX);
    json_init(&json, &out, JSON_DATA);
    dashboard_capture(&dashboard, reader);
    must(dashboard_write(&dashboard, reader, &json), "writing a dashboard");
    return finish_answer(reader, &out);
}

static size_t read_filtered(struct bench *bench)
{
    struct filter filter = {
        .app = APP, .count = 1, .members = {{.set = SET_DEVICES}}};
    struct span span = {FIRST_DAY, FIRST_DAY + DAYS - 1, SPAN_WHOLE};
    struct reader *reader = open_reader(bench);
    struct ordinals users = {0};

    while (filter.members[0].count < FILTERED_VALUES) {
        uint32_t value = 1 + filter.members[0].count;
        filter.members[0].values[filter.members[0].count++] = value;
    }
    filter_capture(&filter, reader, &span);
    must(filter_users(&filter, reader, &span, &users), "filtering");
    size_t count = (size_t)ordinals_count(&users);
    ordinals_finish(&users);
    reader_close(reader);
    return count;
}

static size_t read_active(struct bench *bench)
{
    struct filter filter = {.app = APP};
    int64_t now = (int64_t)(FIRST_DAY + DAYS - 1) * 86400 + 3600;
    struct period period = period_parse(TEXT("30days"), bench->zone, now);
    struct active active = {&filter, &period};
    struct reader *reader = open_reader(bench);
    struct buffer out;
    struct json json;

    buffer_init(&out, ANSWER_MAX);
    json_init(&json, &out, JSON_DATA);
    active_capture(&active, reader);
    must(active_write(&active, reader, &json), "writing");
    size_t len = out.len;
    buffer_finish(&out);
    reader_close(reader);
    return len;
}

static size_t write_retention(struct bench *bench, const char *period,
                              const char *type, const char *span)
{
    int64_t now = (int64_t)(FIRST_DAY + DAYS - 1) * 86400 + 3600;
    struct retention_request request = {.period = text_of(period),
                                        .type = text_of(type),
                                        .span = text_of(span)};
    struct filter filter = {.app = APP};
    struct retention retention = {.filter = &filter};
    struct reader *reader = open_reader(bench);
    struct buffer out;
    struct json json;

    if (retention_read(&request, bench->zone, now, &retention))
        must(TALLY_ERR_INVALID, "asking");
    buffer_init(&out, ANSWER_MAX);
    json_init(&json, &out, JSON_DATA);
    retention_capture(&retention, reader);
    must(retention_write(&retention, reader, &json), "writing");
    size_t len = out.len;
    buffer_finish(&out);
    reader_close(reader);
    return len;
}

static size_t read_full(struct bench *bench)
{
    return write_retention(bench, "adaily", "full", "30");
}

static size_t read_classic(struct bench *bench)
{
    return write_retention(bench, "adaily", "classic", "30");
}

static size_t read_unbound(struct bench *bench)
{
    return write_retention(bench, "adaily", "unbounded", "30");
}

static size_t read_weeks(struct bench *bench)
{
    return write_retention(bench, "aweekly", "full", "52");
}

const struct reading reading_table[] = {
    {"object", read_object, "object_bytes"},
    {"days30", read_days30, "days30_bytes"},
    {"year", read_year, "year_bytes"},
    {"users", read_users, "users_bytes"},
    {"whole", read_whole, "whole_users"},
    {"values", read_values, "first_value_users"},
    {"sessions", read_sessions, "sessions_bytes"},
    {"metric", read_metric, "metric_bytes"},
    {"dashboard", read_dashboard, "dashboard_bytes"},
    {"filtered", read_filtered, "filtered_users"},
    {"active", read_active, "active_bytes"},
    {"full", read_full, "full_bytes"},
    {"classic", read_classic, "classic_bytes"},
    {"unbound", read_unbound, "unbound_bytes"},
    {"weeks", read_weeks, "weeks_bytes"},
};

const size_t reading_count = sizeof(reading_table) / sizeof(reading_table[0]);
