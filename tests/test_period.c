#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/buffer.h"
#include "engine/date.h"
#include "metrics/period.h"

enum { TEXT_SIZE = 4096 };

static struct zones *zones;

static void create(void)
{
    zones = zones_create();
}

static void destroy(void)
{
    zones_destroy(zones);
}

static struct period parse(const char *zone_text, int64_t now,
                           const char *period)
{
    struct zone *zone = NULL;

    ck_assert_int_eq(zone_open(zones, zone_text, &zone), TALLY_OK);
    return period_parse(text_of(period), zone, now);
}

static void append(char *out, const char *text)
{
    size_t len = strlen(out);
    int added =
        snprintf(out + len, TEXT_SIZE - len, "%s%s", len ? " " : "", text);

    ck_assert_int_lt(added, (int)(TEXT_SIZE - len));
}

static void describe_cover(const struct cover *cover, char *out)
{
    char label[COVER_LABEL_SIZE];

    *out = '\0';
    for (unsigned i = 0; i < cover->count; i++) {
        cover_label(cover->list[i], label);
        append(out, label);
    }
}

static void describe_span(const struct span *span, char *out)
{
    char first[COVER_LABEL_SIZE];
    char last[COVER_LABEL_SIZE];

    cover_label((struct cover_bucket){COVER_DAY, span->first}, first);
    cover_label((struct cover_bucket){COVER_DAY, span->last}, last);
    snprintf(out, TEXT_SIZE, "%s..%s (%d)", first, last, span_days(span));
}

static void describe_unit(const struct period *period, char *out)
{
    char active[COVER_LABEL_SIZE];
    char previous[COVER_LABEL_SIZE];

    cover_label(period->active, active);
    cover_label(period->previous_active, previous);
    snprintf(out, TEXT_SIZE, "%s %s %d %d", active, previous, period->min,
             period->max);
}

static int by_day(const void *a, const void *b)
{
    const struct cover_bucket *left = a;
    const struct cover_bucket *right = b;

    return (left->day > right->day) - (left->day < right->day);
}

/* Documents are read in any order. */
static void describe_documents(struct cover *cover, char *out)
{
    qsort(cover->list, cover->count, sizeof(cover->list[0]), by_day);
    *out = '\0';
    for (unsigned i = 0; i < cover->count; i++) {
        struct date date = date_of_day(cover->list[i].day);
        char id[32];

        snprintf(id, sizeof(id), "%d:%d", date.year,
                 cover->list[i].unit == COVER_YEAR ? 0 : date.month);
        append(out, id);
    }
}

static const struct {
    const char *zone;
    int64_t now;
    const char *period;
    int64_t start_ms, end_ms;
    const char *current, *previous;
    const char *date_format;
    bool has_today;
    const char *unit; /* active, previous, min, max */
    const char *cover, *check;
    const char *previous_cover, *previous_check;
    const char *months, *years;
} periods[] = {
    {"Etc/GMT", 1684317601, "30days", 1681776000000, 1684367999999,
     "2023.4.18..2023.5.17 (30)", "2023.3.19..2023.4.17 (30)", "D MMM", true,
     "NA NA NA NA",
     "2023.4.18 2023.4.19 2023.4.20 2023.4.21 2023.4.22 2023.w17 2023.4.30 "
     "2023.5",
     "2023.w16 2023.w17 2023.w18 2023.5",
     "2023.w12 2023.w13 2023.w14 2023.w15 2023.4.16 2023.4.17",
     "2023.w12 2023.w13 2023.4", "2023:3 2023:4 2023:5", "2023:0"},
    {"Etc/GMT", 1684317601, "7days", 1683763200000, 1684367999999,
     "2023.5.11..2023.5.17 (7)", "2023.5.4..2023.5.10 (7)", "D MMM", true,
     "NA NA NA NA",
     "2023.5.11 2023.5.12 2023.5.13 2023.5.14 2023.5.15 2023.5.16 2023.5.17",
     "2023.w19 2023.w20",
     "2023.5.4 2023.5.5 2023.5.6 2023.5.7 2023.5.8 2023.5.9 2023.5.10",
     "2023.w18 2023.w19", "2023:5", "2023:0"},
    {"Etc/GMT", 1684317601, "hour", 1684281600000, 1684367999999,
     "2023.5.17..2023.5.17 (1)", "2023.5.16..2023.5.16 (1)", "HH:mm", true,
     "2023.5.17 2023.5.16 0 23", "2023.5.17", "2023.w20", "2023.5.16",
     "2023.w20", "2023:5", "2023:0"},
    {"Etc/GMT", 1684317601, "day", 1682899200000, 1684367999999,
     "2023.5.1..2023.5.17 (17)", "2023.4.1..2023.4.17 (17)", "D MMM", true,
     "2023.5 2023.4 1 31", "2023.5", "2023.5",
     "2023.4.1 2023.w14 2023.w15 2023.4.16 2023.4.17", "2023.4",
     "2023:4 2023:5", "2023:0"},
    {"Etc/GMT", 1684317601, "month", 1672531200000, 1684367999999,
     "2023.1.1..2023.5.17 (137)", "2022.1.1..2022.5.17 (137)", "MMM", true,
     "2023 2022 1 12", "2023.1 2023.2 2023.3 2023.4 2023.5",
     "2023.1 2023.2 2023.3 2023.4 2023.5",
     "2022.1 2022.2 2022.3 2022.4 2022.5.1 2022.5.2 2022.5.3 2022.5.4 2022.5.5 "
     "2022.5.6 2022.w19 2022.5.14 2022.5.15 2022.5.16 2022.5.17",
     "2022.1 2022.2 2022.3 2022.4 2022.5",
     "2022:1 2022:2 2022:3 2022:4 2022:5 2023:1 2023:2 2023:3 2023:4 2023:5",
     "2022:0 2023:0"},
    {"Etc/GMT", 1684317601, "yesterday", 1684195200000, 1684281599999,
     "2023.5.16..2023.5.16 (1)", "2023.5.15..2023.5.15 (1)", "D MMM, HH:mm",
     false, "2023.5.16 2023.5.15 0 23", "2023.5.16", "2023.w20", "2023.5.15",
     "2023.w20", "2023:5", "2023:0"},
    {"Etc/GMT", 1684317601, "60days", 1679184000000, 1684367999999,
     "2023.3.19..2023.5.17 (60)", "2023.1.18..2023.3.18 (60)", "D MMM", true,
     "NA NA NA NA",
     "2023.w12 2023.3.26 2023.3.27 2023.3.28 2023.3.29 2023.3.30 2023.3.31 "
     "2023.4 2023.5",
     "2023.w12 2023.w13 2023.4 2023.5",
     "2023.1.18 2023.1.19 2023.1.20 2023.1.21 2023.w4 2023.1.29 2023.1.30 "
     "2023.1.31 2023.2 2023.3.1 2023.3.2 2023.3.3 2023.3.4 2023.w10 2023.w11",
     "2023.w3 2023.w4 2023.w5 2023.2 2023.3",
     "2023:1 2023:2 2023:3 2023:4 2023:5", "2023:0"},
    {"Etc/GMT", 1684317601, "90days", 1676592000000, 1684367999999,
     "2023.2.17..2023.5.17 (90)", "2022.11.19..2023.2.16 (90)", "D MMM", true,
     "NA NA NA NA",
     "2023.2.17 2023.2.18 2023.w8 2023.2.26 2023.2.27 2023.2.28 2023.3 2023.4 "
     "2023.5",
     "2023.w7 2023.w8 2023.w9 2023.3 2023.4 2023.5",
     "2022.w47 2022.11.26 2022.11.27 2022.11.28 2022.11.29 2022.11.30 2022.12 "
     "2023.1 2023.2.1 2023.2.2 2023.2.3 2023.2.4 2023.w6 2023.2.12 2023.2.13 "
     "2023.2.14 2023.2.15 2023.2.16",
     "2022.w47 2022.w48 2022.12 2023.1 2023.2",
     "2022:11 2022:12 2023:1 2023:2 2023:3 2023:4 2023:5", "2022:0 2023:0"},
    {"Etc/GMT", 1684317601, "[1683453600000,1684058400000]", 1683417600000,
     1684108799999, "2023.5.7..2023.5.14 (8)", "2023.4.29..2023.5.6 (8)",
     "D MMM", false, "NA NA NA NA", "2023.w19 2023.5.14", "2023.w19 2023.w20",
     "2023.4.29 2023.w18", "2023.w17 2023.w18", "2023:4 2023:5", "2023:0"},
    {"Etc/GMT", 1684317601, "[1684231200000,1684231200000]", 1684195200000,
     1684281599999, "2023.5.16..2023.5.16 (1)", "2023.5.15..2023.5.15 (1)",
     "D MMM, HH:mm", false, "2023.5.16 2023.5.15 0 23", "2023.5.16", "2023.w20",
     "2023.5.15", "2023.w20", "2023:5", "2023:0"},
    {"Etc/GMT", 1675166401, "60days", 1670025600000, 1675209599999,
     "2022.12.3..2023.1.31 (60)", "2022.10.4..2022.12.2 (60)", "D MMM", true,
     "NA NA NA NA", "2022.w49 2022.w50 2022.w51 2022.w52 2022.w53 2023.1",
     "2022.12 2023.1",
     "2022.10.4 2022.10.5 2022.10.6 2022.10.7 2022.w41 2022.w42 2022.w43 "
     "2022.10.29 2022.10.30 2022.10.31 2022.11 2022.12.1 2022.12.2",
     "2022.10 2022.11 2022.w48", "2022:10 2022:11 2022:12 2023:1",
     "2022:0 2023:0"},
    {"Etc/GMT", 1677672001, "60days", 1672531200000, 1677715199999,
     "2023.1.1..2023.3.1 (60)", "2022.11.2..2022.12.31 (60)", "D MMM", true,
     "NA NA NA NA", "2023.1 2023.2 2023.3", "2023.1 2023.2 2023.3",
     "2022.11.2 2022.11.3 2022.11.4 2022.w45 2022.w46 2022.w47 2022.11.26 "
     "2022.11.27 2022.11.28 2022.11.29 2022.11.30 2022.12",
     "2022.11 2022.12", "2022:11 2022:12 2023:1 2023:2 2023:3",
     "2022:0 2023:0"},
    {"Etc/GMT", 1735646401, "30days", 1733097600000, 1735689599999,
     "2024.12.2..2024.12.31 (30)", "2024.11.2..2024.12.1 (30)", "D MMM", true,
     "NA NA NA NA", "2024.w49 2024.w50 2024.w51 2024.w52 2024.w53", "2024.12",
     "2024.11.2 2024.11.3 2024.w45 2024.w46 2024.w47 2024.w48",
     "2024.11 2024.w48", "2024:11 2024:12", "2024:0"},
    {"Etc/GMT", 1735732801, "30days", 1733184000000, 1735775999999,
     "2024.12.3..2025.1.1 (30)", "2024.11.3..2024.12.2 (30)", "D MMM", true,
     "NA NA NA NA",
     "2024.12.3 2024.12.4 2024.12.5 2024.12.6 2024.12.7 2024.12.8 2024.w50 "
     "2024.w51 2024.w52 2024.w53 2025.1",
     "2024.12 2025.1",
     "2024.11.3 2024.w45 2024.w46 2024.w47 2024.w48 2024.12.2",
     "2024.11 2024.w48 2024.w49", "2024:11 2024:12 2025:1", "2024:0 2025:0"},
    {"Europe/Istanbul", 1773741600, "prevMonth", 1769893200000, 1772312399999,
     "2026.2.1..2026.2.28 (28)", "2026.1.1..2026.1.28 (28)", "D MMM", false,
     "2026.2 2026.1 1 28", "2026.2", "2026.2",
     "2026.w1 2026.w2 2026.w3 2026.w4", "2026.1", "2026:1 2026:2", "2026:0"},
    {"Europe/Istanbul", 1773741600, "7weeks", 1769547600000, 1773781199999,
     "2026.1.28..2026.3.17 (49)", "2025.12.10..2026.1.27 (49)", "D MMM", true,
     "NA NA NA NA", "2026.1.28 2026.1.29 2026.1.30 2026.1.31 2026.2 2026.3",
     "2026.w4 2026.w5 2026.2 2026.3",
     "2025.w50 2025.w51 2025.w52 2025.w53 2026.w1 2026.w2 2026.w3 2026.1.22 "
     "2026.1.23 2026.1.24 2026.1.25 2026.1.26 2026.1.27",
     "2025.12 2026.1", "2025:12 2026:1 2026:2 2026:3", "2025:0 2026:0"},
    {"Europe/Istanbul", 1773741600, "3months", 1766005200000, 1773781199999,
     "2025.12.18..2026.3.17 (90)", "2025.9.19..2025.12.17 (90)", "D MMM", true,
     "NA NA NA NA",
     "2025.12.18 2025.12.19 2025.12.20 2025.12.21 2025.12.22 2025.12.23 "
     "2025.w52 2025.w53 2026.1 2026.2 2026.3",
     "2025.w51 2025.w52 2025.w53 2026.1 2026.2 2026.3",
     "2025.9.19 2025.9.20 2025.9.21 2025.9.22 2025.9.23 2025.w39 2025.10 "
     "2025.11 2025.12.1 2025.12.2 2025.w49 2025.w50 2025.12.17",
     "2025.w38 2025.w39 2025.10 2025.11 2025.12",
     "2025:9 2025:10 2025:11 2025:12 2026:1 2026:2 2026:3", "2025:0 2026:0"},
    {"Europe/Istanbul", 1773741600, "1days", 1773694800000, 1773781199999,
     "2026.3.17..2026.3.17 (1)", "2026.3.16..2026.3.16 (1)", "D MMM", true,
     "NA NA NA NA", "2026.3.17", "2026.w11", "2026.3.16", "2026.w11", "2026:3",
     "2026:0"},
    {"Europe/Istanbul", 1773741600, "day", 1772312400000, 1773781199999,
     "2026.3.1..2026.3.17 (17)", "2026.2.1..2026.2.17 (17)", "D MMM", true,
     "2026.3 2026.2 1 31", "2026.3", "2026.3",
     "2026.2.1 2026.2.2 2026.2.3 2026.2.4 2026.w6 2026.2.12 2026.2.13 "
     "2026.2.14 2026.2.15 2026.2.16 2026.2.17",
     "2026.2", "2026:2 2026:3", "2026:0"},
    {"Europe/Istanbul", 1773741600, "[1772013600000,1773309600000]",
     1771966800000, 1773349199999, "2026.2.25..2026.3.12 (16)",
     "2026.2.9..2026.2.24 (16)", "D MMM", false, "NA NA NA NA",
     "2026.2.25 2026.w9 2026.w10 2026.3.12", "2026.w8 2026.w9 2026.3",
     "2026.2.9 2026.2.10 2026.2.11 2026.w7 2026.2.19 2026.2.20 2026.2.21 "
     "2026.2.22 2026.2.23 2026.2.24",
     "2026.2", "2026:2 2026:3", "2026:0"},
    {"Europe/Istanbul", 1773741600, "[\"01-01-2026\",\"31-01-2026\"]",
     1767214800000, 1769893199999, "2026.1.1..2026.1.31 (31)",
     "2025.12.1..2025.12.31 (31)", "D MMM", false, "NA NA NA NA", "2026.1",
     "2026.1", "2025.12", "2025.12", "2025:12 2026:1", "2025:0 2026:0"},
    {"Europe/Istanbul", 1773741600,
     "[\"10-02-2026 12:00:00\",\"12-02-2026 01:00:00\"]", 1770670800000,
     1770929999999, "2026.2.10..2026.2.12 (3)", "2026.2.7..2026.2.9 (3)",
     "D MMM", false, "NA NA NA NA", "2026.2.10 2026.2.11 2026.2.12",
     "2026.w6 2026.w7", "2026.2.7 2026.2.8 2026.2.9", "2026.w6", "2026:2",
     "2026:0"},
    {"Europe/Istanbul", 1773741600, "[1773655200000,1773655200000]",
     1773608400000, 1773694799999, "2026.3.16..2026.3.16 (1)",
     "2026.3.15..2026.3.15 (1)", "D MMM, HH:mm", false,
     "2026.3.16 2026.3.15 0 23", "2026.3.16", "2026.w11", "2026.3.15",
     "2026.w11", "2026:3", "2026:0"},
    {"Etc/GMT", 1735736400, "7days", 1735171200000, 1735775999999,
     "2024.12.26..2025.1.1 (7)", "2024.12.19..2024.12.25 (7)", "D MMM", true,
     "NA NA NA NA",
     "2024.12.26 2024.12.27 2024.12.28 2024.12.29 2024.w53 2025.1",
     "2024.w52 2024.w53 2025.1",
     "2024.12.19 2024.12.20 2024.12.21 2024.12.22 2024.12.23 2024.12.24 "
     "2024.12.25",
     "2024.w51 2024.w52", "2024:12 2025:1", "2024:0 2025:0"},
    {"America/New_York", 1782882000, "[\"07-03-2026\",\"09-03-2026\"]",
     1772859600000, 1773115199999, "2026.3.7..2026.3.9 (3)",
     "2026.3.4..2026.3.6 (3)", "D MMM", false, "NA NA NA NA",
     "2026.3.7 2026.3.8 2026.3.9", "2026.w10", "2026.3.4 2026.3.5 2026.3.6",
     "2026.w9 2026.w10", "2026:3", "2026:0"},
    {"America/New_York", 1793599200, "yesterday", 1793505600000, 1793595599999,
     "2026.11.1..2026.11.1 (1)", "2026.10.31..2026.10.31 (1)", "D MMM, HH:mm",
     false, "2026.11.1 2026.10.31 0 23", "2026.11.1", "2026.11", "2026.10.31",
     "2026.w44", "2026:10 2026:11", "2026:0"},
    {"America/New_York", 1793599200, "7days", 1793073600000, 1793681999999,
     "2026.10.27..2026.11.2 (7)", "2026.10.20..2026.10.26 (7)", "D MMM", true,
     "NA NA NA NA",
     "2026.10.27 2026.10.28 2026.10.29 2026.10.30 2026.10.31 2026.11",
     "2026.w43 2026.w44 2026.11",
     "2026.10.20 2026.10.21 2026.10.22 2026.10.23 2026.10.24 2026.10.25 "
     "2026.10.26",
     "2026.w42 2026.w43", "2026:10 2026:11", "2026:0"},
};

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

START_TEST(a_period_has_its_days_and_unit)
{
    struct period period =
        parse(periods[_i].zone, periods[_i].now, periods[_i].period);
    char text[TEXT_SIZE];

    ck_assert_int_eq(period.start_ms, periods[_i].start_ms);
    ck_assert_int_eq(period.end_ms, periods[_i].end_ms);
    describe_span(&period.current, text);
    ck_assert_str_eq(text, periods[_i].current);
    describe_span(&period.previous, text);
    ck_assert_str_eq(text, periods[_i].previous);
    ck_assert_str_eq(period_date_format(&period), periods[_i].date_format);
    ck_assert_int_eq(period_has_today(&period), periods[_i].has_today);
    if (strncmp(periods[_i].unit, "NA", 2) == 0) {
        ck_assert(period.is_special);
        return;
    }
    ck_assert(!period.is_special);
    describe_unit(&period, text);
    ck_assert_str_eq(text, periods[_i].unit);
}
END_TEST

START_TEST(a_period_has_its_cover)
{
    struct period period =
        parse(periods[_i].zone, periods[_i].now, periods[_i].period);
    char text[TEXT_SIZE];
    struct cover cover;

    cover_span(&period.current, period.today, &cover);
    describe_cover(&cover, text);
    ck_assert_str_eq(text, periods[_i].cover);
    cover_check(&period.current, period.today, &cover);
    describe_cover(&cover, text);
    ck_assert_str_eq(text, periods[_i].check);
    cover_span(&period.previous, period.today, &cover);
    describe_cover(&cover, text);
    ck_assert_str_eq(text, periods[_i].previous_cover);
    cover_check(&period.previous, period.today, &cover);
    describe_cover(&cover, text);
    ck_assert_str_eq(text, periods[_i].previous_check);
}
END_TEST

START_TEST(a_period_touches_its_months_and_years)
{
    struct period period =
        parse(periods[_i].zone, periods[_i].now, periods[_i].period);
    char text[TEXT_SIZE];
    struct cover cover;

    period_months(&period, &cover);
    describe_documents(&cover, text);
    ck_assert_str_eq(text, periods[_i].months);
    period_years(&period, &cover);
    describe_documents(&cover, text);
    ck_assert_str_eq(text, periods[_i].years);
}
END_TEST

/* 2026-03-17 10:00 UTC */
static const int64_t spring = INT64_C(1773741600);

static const struct {
    const char *period;
    const char *same_as;
} synonyms[] = {
    {"", "30days"},
    {"nonsense", "30days"},
    {"[bad,", "30days"},
    {"0days", "30days"},
    {"[1773741600000,1773309600000]", "30days"},
    {"days", "30days"},
    {"7dayss", "30days"},
    {"7 days", "30days"},
    {"-7days", "30days"},
    {"HOUR", "30days"},
    {"prevmonth", "30days"},
    {"999999999999999999999days", "30days"},
    {"07days", "7days"},
    {"1weeks", "7days"},
    {"2months", "60days"},
    {"4000days", "3660days"},
    {"999999999999999days", "3660days"},
    {"99999weeks", "3654days"},
    {"99999months", "3660days"},
    {"[]", "30days"},
    {"[1773309600000]", "30days"},
    {"[1773309600000,1773309600000", "30days"},
    {"[1773309600000,1773309600000] x", "30days"},
    {"[1773309600000,1773309600000,1]", "30days"},
    {"[-1,1773309600000]", "30days"},
    {"[null,null]", "30days"},
    {"[1773309600000,999999999999999]", "30days"},
    {"[1773309600000,99999999999999999999]", "30days"},
    {"[1773309600000,300000000000000]", "30days"},
    {"[\"31-02-2026\",\"01-03-2026\"]", "30days"},
    {"[\"00-02-2026\",\"01-03-2026\"]", "30days"},
    {"[\"01-13-2026\",\"01-03-2027\"]", "30days"},
    {"[\"01-02-1969\",\"01-03-2026\"]", "30days"},
    {"[\"01-02-2026 24:00:00\",\"01-03-2026\"]", "30days"},
    {"[\"01-02-2026 10:00\",\"01-03-2026\"]", "30days"},
    {"[\"01-02-2026,\"01-03-2026\"]", "30days"},
    {" [ \"11-03-2026\" , \"17-03-2026\" ] ", "7days"},
    {"[\"11-3-2026\",1773741600]", "7days"},
    {"[0,1773741600]", "3660days"},
    {"[0,253402300799999]", "3660days"},
    {"{\"since\":1773187200000}", "7days"},
    {" { \"since\" : 1773187200 } ", "7days"},
    {"{\"since\":0}", "3660days"},
    {"{\"since\":1773741601}", "30days"},
    {"{\"since\":\"x\"}", "30days"},
    {"{\"since\":1773187200000", "30days"},
};

START_TEST(other_spellings_mean_the_same_days)
{
    struct period period = parse("UTC", spring, synonyms[_i].period);
    struct period same = parse("UTC", spring, synonyms[_i].same_as);

    ck_assert_int_eq(period.current.first, same.current.first);
    ck_assert_int_eq(period.current.last, same.current.last);
    ck_assert_int_eq(period.previous.first, same.previous.first);
    ck_assert_int_eq(period.kind, same.kind);
    ck_assert_int_eq(period.start_ms, same.start_ms);
    ck_assert_int_eq(period.end_ms, same.end_ms);
}
END_TEST

START_TEST(two_times_of_one_day_are_a_special_day)
{
    struct period period = parse(
        "UTC", spring, "[\"16-03-2026 01:00:00\",\"16-03-2026 02:00:00\"]");

    ck_assert(period.is_special);
    ck_assert_int_eq(span_days(&period.current), 1);
}
END_TEST

static const struct {
    int64_t now; /* UTC noon */
    const char *period;
    const char *current, *previous;
} clamped[] = {
    /* 2026-03-31, 2024-02-29, 2025-03-01, 2025-02-28, 2026-01-15 */
    {1774958400, "day", "2026.3.1..2026.3.31 (31)", "2026.2.1..2026.2.28 (28)"},
    {1709208000, "month", "2024.1.1..2024.2.29 (60)",
     "2023.1.1..2023.2.28 (59)"},
    {1740830400, "month", "2025.1.1..2025.3.1 (60)", "2024.1.1..2024.3.1 (60)"},
    {1740744000, "month", "2025.1.1..2025.2.28 (59)",
     "2024.1.1..2024.2.28 (59)"},
    {1768478400, "day", "2026.1.1..2026.1.15 (15)",
     "2025.12.1..2025.12.15 (15)"},
    {1768478400, "prevMonth", "2025.12.1..2025.12.31 (31)",
     "2025.11.1..2025.11.30 (30)"},
};

START_TEST(days_are_compared_with_the_same_number_clamped)
{
    struct period period = parse("UTC", clamped[_i].now, clamped[_i].period);
    char text[TEXT_SIZE];

    describe_span(&period.current, text);
    ck_assert_str_eq(text, clamped[_i].current);
    describe_span(&period.previous, text);
    ck_assert_str_eq(text, clamped[_i].previous);
}
END_TEST

START_TEST(the_leap_day_is_compared_with_no_day)
{
    struct period period = parse("UTC", 1740830400, "month");

    ck_assert(!span_has(&period.previous, date_to_day(2024, 2, 29)));
    ck_assert(span_has(&period.previous, date_to_day(2024, 2, 28)));
    ck_assert(span_has(&period.previous, date_to_day(2024, 3, 1)));
}
END_TEST

static const struct {
    const char *period;
    const char *json;
} objects[] = {
    {"7days", "{\"start\":1683763200000,\"end\":1684367999999,\"currentPeri"
              "odArr\":[\"2023.5.11\",\"2023.5.12\",\"2023.5.13\",\"2023.5."
              "14\",\"2023.5.15\",\"2023.5.16\",\"2023.5.17\"],\"previousPe"
              "riodArr\":[\"2023.5.4\",\"2023.5.5\",\"2023.5.6\",\"2023.5.7"
              "\",\"2023.5.8\",\"2023.5.9\",\"2023.5.10\"],\"dateString\":"
              "\"D MMM\",\"isSpecialPeriod\":true,\"daysInPeriod\":7,\"peri"
              "odContainsToday\":true,\"uniquePeriodArr\":[\"2023.5.11\",\""
              "2023.5.12\",\"2023.5.13\",\"2023.5.14\",\"2023.5.15\",\"2023"
              ".5.16\",\"2023.5.17\"],\"uniquePeriodCheckArr\":[\"2023.w19"
              "\",\"2023.w20\"],\"previousUniquePeriodArr\":[\"2023.5.4\","
              "\"2023.5.5\",\"2023.5.6\",\"2023.5.7\",\"2023.5.8\",\"2023.5"
              ".9\",\"2023.5.10\"],\"previousUniquePeriodCheckArr\":[\"2023"
              ".w18\",\"2023.w19\"],\"activePeriod\":\"NA\",\"previousPerio"
              "d\":\"NA\",\"periodMax\":\"NA\",\"periodMin\":\"NA\",\"reqMo"
              "nthDbDateIds\":[\"2023:5\"],\"reqZeroDbDateIds\":[\"2023:0\""
              "]}"},
    {"yesterday", "{\"start\":1684195200000,\"end\":1684281599999,\"currentPeri"
                  "odArr\":[\"2023.5.16\"],\"previousPeriodArr\":[\"2023.5.15\""
                  "],\"dateString\":\"D MMM, HH:mm\",\"isSpecialPeriod\":false,"
                  "\"daysInPeriod\":1,\"periodContainsToday\":false,\"uniquePer"
                  "iodArr\":[\"2023.5.16\"],\"uniquePeriodCheckArr\":[\"2023.w2"
                  "0\"],\"previousUniquePeriodArr\":[\"2023.5.15\"],\"previousU"
                  "niquePeriodCheckArr\":[\"2023.w20\"],\"activePeriod\":\"2023"
                  ".5.16\",\"previousPeriod\":\"2023.5.15\",\"periodMax\":23,\""
                  "periodMin\":0,\"reqMonthDbDateIds\":[\"2023:5\"],\"reqZeroDb"
                  "DateIds\":[\"2023:0\"]}"},
};

START_TEST(the_period_object_has_all_members)
{
    struct period period = parse("UTC", 1684317601, objects[_i].period);
    struct buffer buffer;
    struct json json;

    buffer_init(&buffer, 65536);
    json_init(&json, &buffer, JSON_DATA);
    period_write_json(&period, &json);
    buffer_add_byte(&buffer, '\0');
    ck_assert_str_eq(buffer.at, objects[_i].json);
    buffer_finish(&buffer);
}
END_TEST

START_TEST(a_year_is_written_as_a_number)
{
    struct period period = parse("UTC", 1684317601, "month");
    struct buffer buffer;
    struct json json;

    buffer_init(&buffer, 65536);
    json_init(&json, &buffer, JSON_DATA);
    period_write_json(&period, &json);
    buffer_add_byte(&buffer, '\0');
    ck_assert_ptr_nonnull(
        strstr(buffer.at, "\"activePeriod\":2023,\"previousPeriod\":2022,"
                          "\"periodMax\":12,\"periodMin\":1,"));
    buffer_finish(&buffer);
}
END_TEST

static Suite *period_suite(void)
{
    Suite *suite = suite_create("period");
    TCase *tcase = tcase_create("period");

    tcase_add_checked_fixture(tcase, create, destroy);
    tcase_add_loop_test(tcase, a_period_has_its_days_and_unit, 0,
                        COUNT(periods));
    tcase_add_loop_test(tcase, a_period_has_its_cover, 0, COUNT(periods));
    tcase_add_loop_test(tcase, a_period_touches_its_months_and_years, 0,
                        COUNT(periods));
    tcase_add_loop_test(tcase, other_spellings_mean_the_same_days, 0,
                        COUNT(synonyms));
    tcase_add_test(tcase, two_times_of_one_day_are_a_special_day);
    tcase_add_loop_test(tcase, days_are_compared_with_the_same_number_clamped,
                        0, COUNT(clamped));
    tcase_add_test(tcase, the_leap_day_is_compared_with_no_day);
    tcase_add_loop_test(tcase, the_period_object_has_all_members, 0,
                        COUNT(objects));
    tcase_add_test(tcase, a_year_is_written_as_a_number);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(period_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
