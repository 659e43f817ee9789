#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "engine/date.h"
#include "engine/zone.h"

static struct zones *zones;

static void create(void)
{
    zones = zones_create();
}

static void destroy(void)
{
    zones_destroy(zones);
}

static struct zone *zone_of(const char *name)
{
    struct zone *zone = NULL;

    ck_assert_msg(zone_open(zones, name, &zone) == TALLY_OK, "%s", name);
    return zone;
}

static const char *const known[] = {
    "UTC",           "Etc/GMT",         "Etc/GMT+12",
    "Etc/GMT-14",    "Europe/Istanbul", "America/Argentina/Buenos_Aires",
    "Asia/Calcutta", "EST5EDT",         "America/Indiana/Indianapolis",
};

START_TEST(a_zone_of_the_database_is_opened_under_its_name)
{
    ck_assert_str_eq(zone_name(zone_of(known[_i])), known[_i]);
}
END_TEST

static const char *const unknown[] = {
    "",          "Nowhere/City",       "UTC+3",
    "+03:00",    "europe/istanbul",    "../../../etc/passwd",
    "Europe",    "/etc/localtime",     "Europe/../Europe/Paris",
    "zone.tab",  "posix/Europe/Paris", "<+03>-3",
    "localtime", "Europe/Istanbul ",   ":Europe/Istanbul",
};

START_TEST(any_other_name_is_refused)
{
    struct zone *untouched = NULL;

    ck_assert_int_eq(zone_open(zones, unknown[_i], &untouched),
                     TALLY_ERR_INVALID);
    ck_assert_ptr_null(untouched);
}
END_TEST

START_TEST(a_zone_is_opened_once)
{
    ck_assert_ptr_eq(zone_of("Europe/Paris"), zone_of("Europe/Paris"));
    ck_assert_ptr_ne(zone_of("Europe/Paris"), zone_of("Europe/Berlin"));
}
END_TEST

static const char *const places[] = {
    "UTC",
    "Europe/Istanbul",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "America/New_York",
    "America/St_Johns",
    "Africa/Casablanca",
    "Europe/Dublin",
    "EST5EDT",
    "Asia/Gaza",
};

/* Calls `visit` with the system's view of each half hour of 1970..2037. */
static void visit_times(const char *name,
                        void (*visit)(struct zone *zone, time_t utc,
                                      const struct tm *tm))
{
    struct zone *zone = zone_of(name);

    setenv("TZ", name, 1);
    tzset();
    for (time_t utc = 0; utc < INT64_C(2145916800); utc += 1800) {
        struct tm tm;

        localtime_r(&utc, &tm);
        visit(zone, utc, &tm);
    }
}

static int32_t day_of(const struct tm *tm)
{
    return date_to_day(tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday);
}

static void compare_local(struct zone *zone, time_t utc, const struct tm *tm)
{
    if (zone_local(zone, utc) != utc + tm->tm_gmtoff)
        ck_abort_msg("%s at %lld", zone_name(zone), (long long)utc);
}

START_TEST(local_time_agrees_with_the_system)
{
    visit_times(places[_i], compare_local);
}
END_TEST

/* The newest local day or hour that was seen, and when it began. */
struct sighting {
    int64_t local;
    int64_t start;
};

static struct sighting newest_day;
static struct sighting newest_hour;

/* What is seen first on a half hour began in the half hour before; what is
 * seen again began when it did. */
static void compare_start(struct sighting *newest, int64_t local, int64_t utc,
                          int64_t start)
{
    if (local > newest->local) {
        if (utc > 0 && (start > utc || start <= utc - 1800))
            ck_abort_msg("seen at %lld, began at %lld", (long long)utc,
                         (long long)start);
        *newest = (struct sighting){local, start};
    } else if (local == newest->local && start != newest->start) {
        ck_abort_msg("at %lld it began at %lld", (long long)utc,
                     (long long)start);
    }
}

static void compare_starts(struct zone *zone, time_t utc, const struct tm *tm)
{
    int32_t day = day_of(tm);
    int64_t hour = (int64_t)day * 24 + tm->tm_hour;

    zone_local(zone, utc);
    compare_start(&newest_hour, hour, utc, zone_hour_start(zone, hour));
    zone_local(zone, utc);
    compare_start(&newest_day, day, utc, zone_day_start(zone, day));
}

START_TEST(days_and_hours_start_at_their_first_second)
{
    newest_day.local = newest_hour.local = INT64_MIN;
    visit_times(places[_i], compare_starts);
}
END_TEST

static const struct {
    const char *zone;
    int year, month, day;
    int64_t utc;
} days[] = {
    {"UTC", 1970, 1, 1, 0},
    {"Europe/Istanbul", 2026, 3, 17, 1773694800},
    {"Europe/Istanbul", 2015, 11, 8, 1446930000},
    /* 00:00 does not exist, the day begins at 01:00. */
    {"America/Sao_Paulo", 2018, 11, 4, 1541300400},
    /* The clock goes back from 00:00 to 23:00 of the day before. */
    {"America/Sao_Paulo", 2018, 2, 18, 1518922800},
    /* At 00:01 it goes back to 23:01: the first midnight counts. */
    {"America/St_Johns", 2006, 10, 29, 1162089000},
    {"Asia/Kathmandu", 2026, 1, 1, 1767204900},
    {"Pacific/Apia", 2011, 12, 29, 1325152800},
    {"Pacific/Apia", 2011, 12, 31, 1325239200},
    /* A date that was left out begins where it was jumped over. */
    {"Pacific/Apia", 2011, 12, 30, 1325239200},
};

START_TEST(a_day_starts_at_its_first_instant)
{
    int32_t day = date_to_day(days[_i].year, days[_i].month, days[_i].day);

    ck_assert_int_eq(zone_day_start(zone_of(days[_i].zone), day), days[_i].utc);
}
END_TEST

static const struct {
    const char *zone;
    int year, month, day, hour;
    int64_t utc;
} hours[] = {
    {"UTC", 1970, 1, 1, 5, 18000},
    {"America/New_York", 2026, 11, 1, 0, 1793505600},
    /* Repeated: the first 01:00. */
    {"America/New_York", 2026, 11, 1, 1, 1793509200},
    {"America/New_York", 2026, 11, 1, 2, 1793516400},
    /* Skipped: where 03:00 begins. */
    {"America/New_York", 2026, 3, 8, 2, 1772953200},
    {"America/New_York", 2026, 3, 8, 3, 1772953200},
    /* Half an hour back, from 02:00 to 01:30, and on, from 02:00 to 02:30. */
    {"Australia/Lord_Howe", 2026, 4, 5, 1, 1775311200},
    {"Australia/Lord_Howe", 2026, 4, 5, 2, 1775316600},
    {"Australia/Lord_Howe", 2026, 10, 4, 2, 1791041400},
};

START_TEST(an_hour_starts_at_its_first_occurrence)
{
    int64_t day = date_to_day(hours[_i].year, hours[_i].month, hours[_i].day);

    ck_assert_int_eq(
        zone_hour_start(zone_of(hours[_i].zone), day * 24 + hours[_i].hour),
        hours[_i].utc);
}
END_TEST

START_TEST(before_1970_a_zone_is_as_far_off_as_it_was_then)
{
    const int32_t day = date_to_day(1965, 6, 1);
    const int64_t utc = (int64_t)day * 86400;

    ck_assert_int_eq(zone_day_start(zone_of("UTC"), day), utc);
    ck_assert_int_eq(zone_day_start(zone_of("Pacific/Apia"), day),
                     utc + 11 * 3600);
    ck_assert_int_eq(zone_local(zone_of("Pacific/Apia"), utc), utc - 11 * 3600);
}
END_TEST

START_TEST(answers_do_not_depend_on_the_question_before)
{
    struct zone *zone = zone_of("America/New_York");
    const int64_t times[] = {0, 1793512800, 1772953199, 1793512799, 1772953200};
    const int64_t locals[] = {-18000, 1793494800, 1772935199, 1793498399,
                              1772938800};

    for (int i = 0; i < 5; i++) {
        for (int j = 0; j < 5; j++) {
            ck_assert_int_eq(zone_local(zone, times[i]), locals[i]);
            ck_assert_int_eq(zone_local(zone, times[j]), locals[j]);
            ck_assert_int_eq(zone_day_start(zone, 20758), 1793505600);
        }
    }
}
END_TEST

START_TEST(the_last_second_of_the_calendar_has_a_local_time)
{
    ck_assert_int_eq(zone_local(zone_of("Asia/Kathmandu"), 253402300799),
                     253402300799 + 20700);
    ck_assert_int_eq(zone_day_start(zone_of("UTC"), DATE_LAST_DAY),
                     253402214400);
}
END_TEST

START_TEST(the_environment_does_not_matter)
{
    setenv("TZDIR", "/nowhere", 1);
    struct zone *zone = zone_of("Asia/Kathmandu");

    unsetenv("TZDIR");
    ck_assert_int_eq(zone_local(zone, 1767204900), 1767225600);
}
END_TEST

START_TEST(destroying_nothing_is_allowed)
{
    zones_destroy(NULL);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

static Suite *zone_suite(void)
{
    Suite *suite = suite_create("zone");
    TCase *tcase = tcase_create("zone");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, create, destroy);
    tcase_add_loop_test(tcase, a_zone_of_the_database_is_opened_under_its_name,
                        0, COUNT(known));
    tcase_add_loop_test(tcase, any_other_name_is_refused, 0, COUNT(unknown));
    tcase_add_test(tcase, a_zone_is_opened_once);
    tcase_add_loop_test(tcase, local_time_agrees_with_the_system, 0,
                        COUNT(places));
    tcase_add_loop_test(tcase, days_and_hours_start_at_their_first_second, 0,
                        COUNT(places));
    tcase_add_loop_test(tcase, a_day_starts_at_its_first_instant, 0,
                        COUNT(days));
    tcase_add_loop_test(tcase, an_hour_starts_at_its_first_occurrence, 0,
                        COUNT(hours));
    tcase_add_test(tcase, before_1970_a_zone_is_as_far_off_as_it_was_then);
    tcase_add_test(tcase, answers_do_not_depend_on_the_question_before);
    tcase_add_test(tcase, the_last_second_of_the_calendar_has_a_local_time);
    tcase_add_test(tcase, the_environment_does_not_matter);
    tcase_add_test(tcase, destroying_nothing_is_allowed);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(zone_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
