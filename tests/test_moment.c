#include <check.h>
#include <stdlib.h>

#include "metrics/moment.h"

enum { HOUR = 3600, A_DAY = 86400 };

static struct zones *zones;

static void setup(void)
{
    zones = zones_create();
}

static void teardown(void)
{
    zones_destroy(zones);
}

static struct moment at(const char *name, int64_t seconds)
{
    struct zone *zone;

    ck_assert_int_eq(zone_open(zones, name, &zone), TALLY_OK);
    return moment_at(zone, seconds);
}

/* NOW is 2026-03-02 10:00:00.500 UTC. */
#define NOW INT64_C(1772445600)

static const struct {
    const char *timestamp;
    int64_t seconds;
} timestamps[] = {
    {"1772445000", 1772445000},
    {"1772445000123", 1772445000},
    {"1772445000.9", 1772445000},
    {"1772445000123.5", 1772445000},
    {" 1772445000 ", 1772445000},
    {"1772445601", NOW},
    {"1772445600999", NOW},
    {"9999999999", NOW},
    {"9999999999999", NOW},
    {"", NOW},
    {"0", NOW},
    {"177244500", NOW},
    {"17724450001", NOW},
    {"177244500012", NOW},
    {"17724450001234", NOW},
    {"-1772445000", NOW},
    {"1772445000x", NOW},
    {"1772445000.1.2", NOW},
    {"1e9", NOW},
    {"abc", NOW},
    {"1000000000", 1000000000},
    {"0000000001", 1},
};

START_TEST(a_timestamp_has_10_or_13_digits_and_is_not_in_the_future)
{
    ck_assert_int_eq(
        moment_seconds(text_of(timestamps[_i].timestamp), NOW * 1000 + 500),
        timestamps[_i].seconds);
}
END_TEST

START_TEST(a_moment_lies_in_local_hours_and_days)
{
    struct moment moment = at("Asia/Kolkata", NOW);

    ck_assert_int_eq(moment.day, 20514);
    ck_assert_int_eq(moment.hour, 20514 * 24 + 15);
    ck_assert_int_eq(moment.date.year, 2026);
    ck_assert_int_eq(moment.date.month, 3);
    ck_assert_int_eq(moment.date.day, 2);
    ck_assert_int_eq(moment.date.week, 9);
    moment = at("Pacific/Auckland", NOW + HOUR);
    ck_assert_int_eq(moment.day, 20515);
    ck_assert_int_eq(moment.hour, 20515 * 24);
}
END_TEST

/* The second at which each level of a moment begins. */
static const struct {
    const char *zone;
    int64_t at;
    int64_t starts[MOMENT_LEVELS]; /* hour, day, week, month, year */
} levels[] = {
    /* Monday, 2026-03-02 10:30: week 9 began on February 26th. */
    {"UTC", NOW + 1800, {NOW, 1772409600, 1772064000, 1772323200, 1767225600}},
    /* 2027-01-02 00:15: the first week is of the new year alone. */
    {"UTC",
     1798848900,
     {1798848000, 1798848000, 1798761600, 1798761600, 1798761600}},
    /* 2026-12-31: week 53 has one day. */
    {"UTC",
     1798675200 + 12 * HOUR,
     {1798675200 + 12 * HOUR, 1798675200, 1798675200, 1796083200, 1767225600}},
    /* Berlin, 2026-03-29 12:00 summer time: the day began at midnight winter
     * time, 11 hours ago. Week 13 began on March 26th. */
    {"Europe/Berlin",
     1774778400,
     {1774778400, 1774738800, 1774479600, 1772319600, 1767222000}},
    /* Berlin, 2026-10-25, 02:30 for the second time: the hour began with its
     * first occurrence, an hour and a half ago. */
    {"Europe/Berlin",
     1792891800,
     {1792886400, 1792879200, 1792620000, 1790805600, 1767222000}},
    /* Beirut, 2026-03-29: there is no midnight, the day begins at 01:00. */
    {"Asia/Beirut",
     1774735200 + 9 * HOUR,
     {1774735200 + 9 * HOUR, 1774735200, 1774476000, 1772316000, 1767218400}},
};

START_TEST(a_level_is_new_to_whoever_came_before_its_start)
{
    struct moment moment = at(levels[_i].zone, levels[_i].at);

    for (int level = 0; level < MOMENT_LEVELS; level++) {
        uint32_t start = (uint32_t)levels[_i].starts[level];
        ck_assert_msg(
            moment_is_first(&moment, (enum moment_level)level, start - 1),
            "level %d began before %u", level, start);
        ck_assert_msg(
            !moment_is_first(&moment, (enum moment_level)level, start),
            "level %d began after %u", level, start);
    }
}
END_TEST

/* A property: levels contain each other, in any zone at any time. */
START_TEST(who_is_new_to_a_level_is_new_to_those_in_it)
{
    static const char *const names[] = {"UTC", "Europe/Berlin",
                                        "America/New_York", "Asia/Beirut",
                                        "Australia/Lord_Howe"};
    uint32_t state = 7;

    for (int i = 0; i < 4000; i++) {
        state = state * 1664525u + 1013904223u;
        struct moment moment =
            at(names[i % 5], 1767225600 + state % (400u * A_DAY));
        state = state * 1664525u + 1013904223u;
        uint32_t before = moment.seconds - state % (40u * A_DAY);
        bool first[MOMENT_LEVELS];
        for (int level = 0; level < MOMENT_LEVELS; level++)
            first[level] =
                moment_is_first(&moment, (enum moment_level)level, before);
        ck_assert(!first[MOMENT_YEAR] || first[MOMENT_MONTH]);
        ck_assert(!first[MOMENT_YEAR] || first[MOMENT_WEEK]);
        ck_assert(!first[MOMENT_MONTH] || first[MOMENT_DAY]);
        ck_assert(!first[MOMENT_WEEK] || first[MOMENT_DAY]);
        ck_assert(!first[MOMENT_DAY] || first[MOMENT_HOUR]);
        ck_assert(!moment_is_first(&moment, MOMENT_HOUR, moment.seconds));
    }
}
END_TEST

#define COUNT_OF(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *moment_suite(void)
{
    Suite *suite = suite_create("moment");
    TCase *tcase = tcase_create("moment");

    tcase_add_unchecked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(
        tcase, a_timestamp_has_10_or_13_digits_and_is_not_in_the_future, 0,
        COUNT_OF(timestamps));
    tcase_add_test(tcase, a_moment_lies_in_local_hours_and_days);
    tcase_add_loop_test(tcase, a_level_is_new_to_whoever_came_before_its_start,
                        0, COUNT_OF(levels));
    tcase_add_test(tcase, who_is_new_to_a_level_is_new_to_those_in_it);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(moment_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
