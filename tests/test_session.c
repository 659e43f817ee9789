#include <stdlib.h>

#include "intake.h"
#include "metrics/session.h"

/* 2026-03-02 10:00 in Istanbul, where the app is. */
enum {
    START = 1772434800,
    DAY = 20514,
    LATER = DAY + 39, /* 2026-04-10 */
    MINUTE = 60,
    HOUR = 3600,
};

static void setup(void)
{
    struct intake_options options = {.zone = "Europe/Istanbul"};

    intake_open(&options);
}

static void teardown(void)
{
    intake_audit();
    intake_close();
}

/* A request of a device at START + `at`, without a timestamp. */
#define SEND(at, did, members)    \
    intake_ok(START + (at), "%s", \
              "{\"app_key\":\"k1\",\"device_id\":\"" did "\"," members "}")

#define BEGIN "\"begin_session\":1"
#define END "\"end_session\":1"
#define SECONDS(n) "\"session_duration\":" #n

static int64_t day(int32_t at, enum cell_field field)
{
    return intake_day(SET_USERS, NULL, at, field);
}

static int64_t bucket(enum set set, const char *number, int32_t at)
{
    return intake_day(set, number, at, CELL_U);
}

static int64_t ds(const char *number)
{
    return bucket(SET_DURATIONS, number, DAY);
}

static struct user user_of(const char *did)
{
    struct user user;

    ck_assert(intake_user(did, &user));
    return user;
}

/* Spec B.6.5. */
static void send_worked_sequence(void)
{
    SEND(0, "A",
         BEGIN ",\"country_code\":\"TR\",\"metrics\":{\"_os\":\"Android\","
               "\"_app_version\":\"1.0\"}");
    SEND(60, "A", SECONDS(60));
    SEND(80, "A", SECONDS(20) "," END);
    SEND(90, "A", BEGIN ",\"country_code\":\"TR\"");
    SEND(120, "A", SECONDS(30) "," END);
    SEND(30 * MINUTE, "A",
         BEGIN ",\"country_code\":\"TR\",\"metrics\":{\"_os\":\"Android\","
               "\"_app_version\":\"1.0\"}");
    SEND(31 * MINUTE, "A", SECONDS(60) "," END);
    SEND(23 * HOUR, "A",
         BEGIN ",\"country_code\":\"TR\",\"metrics\":{\"_os\":\"Android\","
               "\"_app_version\":\"1.1\"}");
    SEND(23 * HOUR + 5 * MINUTE, "A", SECONDS(300) "," END);
    SEND(25 * HOUR, "B",
         BEGIN ",\"country_code\":\"DE\",\"metrics\":{\"_os\":\"iOS\","
               "\"_app_version\":\"1.1\"}");
    SEND(39 * 24 * HOUR - 2 * HOUR, "A",
         BEGIN ",\"country_code\":\"TR\",\"metrics\":{\"_os\":\"Android\","
               "\"_app_version\":\"1.1\"}");
}

/* Spec C.8. */
static const struct {
    enum set set;
    const char *name;
    int32_t day;
    int64_t t, n, u, e, d;
} golden_days[] = {
    {SET_USERS, NULL, DAY, 2, 1, 1, 6, 170},
    {SET_USERS, NULL, DAY + 1, 2, 1, 2, 3, 300},
    {SET_USERS, NULL, LATER, 1, 0, 1, 1, 0},
    {SET_COUNTRIES, "TR", DAY, 2, 1, 1, 0, 0},
    {SET_COUNTRIES, "TR", DAY + 1, 1, 0, 1, 0, 0},
    {SET_COUNTRIES, "DE", DAY + 1, 1, 1, 1, 0, 0},
    {SET_COUNTRIES, "TR", LATER, 1, 0, 1, 0, 0},
    {SET_OS, "Android", DAY, 2, 1, 1, 0, 0},
    {SET_OS, "Android", DAY + 1, 1, 0, 1, 0, 0},
    {SET_OS, "iOS", DAY + 1, 1, 1, 1, 0, 0},
    {SET_APP_VERSIONS, "1:0", DAY, 2, 1, 1, 0, 0},
    {SET_APP_VERSIONS, "1:0", DAY + 1, 0, 0, 0, 0, 0},
    {SET_APP_VERSIONS, "1:1", DAY + 1, 2, 1, 2, 0, 0},
    {SET_APP_VERSIONS, "1:1", LATER, 1, 0, 1, 0, 0},
    {SET_FREQUENCY, "0", DAY, 1, 0, 1, 0, 0},
    {SET_FREQUENCY, "1", DAY, 1, 0, 1, 0, 0},
    {SET_FREQUENCY, "0", DAY + 1, 1, 0, 1, 0, 0},
    {SET_FREQUENCY, "1", DAY + 1, 1, 0, 1, 0, 0},
    {SET_FREQUENCY, "10", LATER, 1, 0, 1, 0, 0},
    {SET_DURATIONS, "2", DAY, 1, 0, 1, 0, 0},
    {SET_DURATIONS, "3", DAY, 1, 0, 1, 0, 0},
    {SET_DURATIONS, "4", DAY + 1, 1, 0, 1, 0, 0},
    {SET_LOYALTY, "0", DAY, 1, 0, 1, 0, 0},
    {SET_LOYALTY, "2", DAY + 1, 1, 0, 1, 0, 0},
};

START_TEST(the_worked_sequence_gives_the_golden_days)
{
    send_worked_sequence();
    for (size_t i = 0; i < sizeof(golden_days) / sizeof(golden_days[0]); i++) {
        const int64_t want[] = {golden_days[i].t, golden_days[i].n,
                                golden_days[i].e, golden_days[i].d,
                                golden_days[i].u};
        for (int field = 0; field < CELL_FIELDS; field++) {
            int64_t have =
                intake_day(golden_days[i].set, golden_days[i].name,
                           golden_days[i].day, (enum cell_field)field);
            ck_assert_msg(have == want[field], "row %zu field %d: %lld", i,
                          field, (long long)have);
        }
    }
}
END_TEST

static const struct {
    enum set set;
    const char *name;
    int64_t year, march, w9, april, w15;
} golden_years[] = {
    {SET_USERS, NULL, 2, 2, 2, 1, 1},
    {SET_COUNTRIES, "TR", 1, 1, 1, 1, 1},
    {SET_COUNTRIES, "DE", 1, 1, 1, 0, 0},
    {SET_FREQUENCY, "0", 2, 2, 2, 0, 0},
    {SET_FREQUENCY, "1", 2, 2, 2, 0, 0},
    {SET_FREQUENCY, "10", 1, 0, 0, 1, 1},
    {SET_DURATIONS, "2", 1, 1, 1, 0, 0},
    {SET_DURATIONS, "3", 1, 1, 1, 0, 0},
    {SET_DURATIONS, "4", 1, 1, 1, 0, 0},
    {SET_OS, "Android", 1, 1, 1, 1, 1},
    {SET_OS, "iOS", 1, 1, 1, 0, 0},
    {SET_APP_VERSIONS, "1:0", 1, 1, 1, 0, 0},
    {SET_APP_VERSIONS, "1:1", 2, 2, 2, 1, 1},
};

START_TEST(the_worked_sequence_gives_the_golden_years)
{
    send_worked_sequence();
    for (size_t i = 0; i < sizeof(golden_years) / sizeof(golden_years[0]);
         i++) {
        const int slots[] = {YEAR_U, YEAR_MONTH + 2, YEAR_WEEK + 8,
                             YEAR_MONTH + 3, YEAR_WEEK + 14};
        const int64_t want[] = {golden_years[i].year, golden_years[i].march,
                                golden_years[i].w9, golden_years[i].april,
                                golden_years[i].w15};
        for (int k = 0; k < 5; k++) {
            int64_t have = intake_year(golden_years[i].set,
                                       golden_years[i].name, 2026, slots[k]);
            ck_assert_msg(have == want[k], "row %zu slot %d: %lld", i, slots[k],
                          (long long)have);
        }
    }
}
END_TEST

START_TEST(the_worked_sequence_gives_the_golden_hours_and_users)
{
    static const struct {
        int32_t day;
        unsigned hour;
        int64_t at[CELL_FIELDS]; /* t n e d u */
    } hours[] = {
        {DAY, 10, {2, 1, 6, 170, 1}},
        {DAY + 1, 9, {1, 0, 2, 300, 1}},
        {DAY + 1, 11, {1, 1, 1, 0, 1}},
        {LATER, 8, {1, 0, 1, 0, 1}},
    };

    send_worked_sequence();
    for (size_t i = 0; i < sizeof(hours) / sizeof(hours[0]); i++) {
        for (int field = 0; field < CELL_FIELDS; field++)
            ck_assert_int_eq(intake_hour(hours[i].day, hours[i].hour,
                                         (enum cell_field)field),
                             hours[i].at[field]);
    }
    struct user a = user_of("A");
    ck_assert_uint_eq(a.sc, 4);
    ck_assert_uint_eq(a.tsd, 470);
    ck_assert_uint_eq(a.fs, 1772434800);
    ck_assert_uint_eq(a.ls, 1775797200);
    ck_assert_uint_eq(a.lest, 1772517900);
    ck_assert(a.is_open);
    ck_assert_str_eq(intake_value("A", SET_APP_VERSIONS), "1:1");
    struct user b = user_of("B");
    ck_assert_uint_eq(b.sc, 1);
    ck_assert_uint_eq(b.fs, 1772524800);
    ck_assert_uint_eq(b.ls, 1772524800);
}
END_TEST

START_TEST(a_resumed_session_takes_its_bucket_back_where_it_was_counted)
{
    /* It ends on one day and goes on on the next. */
    int64_t midnight = 14 * HOUR;

    SEND(midnight - 60, "A", BEGIN);
    SEND(midnight - 5, "A", SECONDS(55) "," END);
    ck_assert_int_eq(ds("2"), 1);
    SEND(midnight + 5, "A", BEGIN);
    ck_assert_int_eq(ds("2"), 0);
    ck_assert_int_eq(intake_year(SET_DURATIONS, "2", 2026, YEAR_WEEK + 8), 0);
    ck_assert_int_eq(day(DAY + 1, CELL_T), 0);
    ck_assert_int_eq(day(DAY + 1, CELL_E), 0);
    SEND(midnight + 30, "A", SECONDS(20) "," END);
    ck_assert_int_eq(ds("3"), 0);
    ck_assert_int_eq(bucket(SET_DURATIONS, "3", DAY + 1), 1);
    ck_assert_int_eq(intake_year(SET_DURATIONS, "3", 2026, YEAR_U), 1);
    ck_assert_uint_eq(user_of("A").sc, 1);
}
END_TEST

START_TEST(a_bucket_is_taken_back_once_only)
{
    SEND(0, "A", BEGIN);
    SEND(20, "A", SECONDS(20) "," END);
    SEND(25, "A", BEGIN);
    SEND(26, "A", BEGIN);
    SEND(27, "A", BEGIN);
    ck_assert_int_eq(ds("1"), 0);
    SEND(28, "A", END);
    ck_assert_int_eq(ds("1"), 1);
    ck_assert_int_eq(day(DAY, CELL_T), 1);
}
END_TEST

static const struct {
    int at; /* the second begin, after an end at 100 s */
    const char *members;
    int64_t sessions;
} extensions[] = {
    {100, BEGIN, 1},
    {114, BEGIN, 1},
    {115, BEGIN, 2},
    {114, BEGIN ",\"ignore_cooldown\":1", 2},
    {114, BEGIN ",\"ignore_cooldown\":0", 1},
    /* Not before the end, but not before the session either. */
    {50, BEGIN, 1},
    /* Older than the session: late data. */
    {-1, BEGIN, 2},
};

START_TEST(a_session_is_extended_within_the_cooldown)
{
    SEND(0, "A", BEGIN);
    SEND(100, "A", SECONDS(100) "," END);
    intake_ok(START + 1000,
              "{\"app_key\":\"k1\",\"device_id\":\"A\",\"timestamp\":%d,%s}",
              START + extensions[_i].at, extensions[_i].members);
    ck_assert_int_eq(day(DAY, CELL_T), extensions[_i].sessions);
    ck_assert_uint_eq(user_of("A").sc, extensions[_i].sessions);
    ck_assert_int_eq(ds("3"), extensions[_i].sessions == 2);
    ck_assert(user_of("A").is_open);
}
END_TEST

START_TEST(nothing_is_extended_before_the_first_session)
{
    SEND(0, "A", END);
    SEND(5, "A", BEGIN);
    ck_assert_int_eq(day(DAY, CELL_T), 1);
    ck_assert_int_eq(day(DAY, CELL_N), 1);
    ck_assert_int_eq(ds("0"), 0);
}
END_TEST

START_TEST(an_end_without_a_session_counts_no_bucket)
{
    SEND(0, "A", BEGIN);
    SEND(5, "A", END);
    SEND(100, "A", END);
    ck_assert_int_eq(ds("0"), 1);
    ck_assert_uint_eq(user_of("A").lest, START + 100);
    /* The end at 100 s allows to resume all the same. */
    SEND(110, "A", BEGIN);
    ck_assert_int_eq(day(DAY, CELL_T), 1);
    ck_assert_int_eq(ds("0"), 0);
}
END_TEST

START_TEST(a_session_of_no_seconds_is_in_bucket_0)
{
    SEND(0, "A", BEGIN);
    SEND(1, "A", END);
    ck_assert_int_eq(ds("0"), 1);
}
END_TEST

START_TEST(a_new_begin_closes_what_was_never_ended)
{
    SEND(0, "A", BEGIN);
    SEND(60, "A", SECONDS(40));
    SEND(25 * HOUR, "A", BEGIN);
    ck_assert_int_eq(ds("2"), 0);
    ck_assert_int_eq(bucket(SET_DURATIONS, "2", DAY + 1), 1);
    ck_assert_uint_eq(user_of("A").sd, 0);
    ck_assert_uint_eq(user_of("A").tsd, 40);
}
END_TEST

START_TEST(seconds_of_a_begin_belong_to_what_it_closes)
{
    SEND(0, "A", BEGIN "," SECONDS(5));
    ck_assert_int_eq(day(DAY, CELL_E), 2);
    ck_assert_uint_eq(user_of("A").sd, 5);
    SEND(100, "A", BEGIN "," SECONDS(26));
    ck_assert_int_eq(ds("2"), 1);
    ck_assert_uint_eq(user_of("A").sd, 0);
    ck_assert_int_eq(day(DAY, CELL_E), 4);
    ck_assert_int_eq(day(DAY, CELL_D), 31);
}
END_TEST

START_TEST(seconds_of_a_begin_after_an_end_belong_to_the_new_session)
{
    SEND(0, "A", BEGIN "," SECONDS(100));
    SEND(50, "A", END);
    SEND(100, "A", BEGIN "," SECONDS(7));
    ck_assert_uint_eq(user_of("A").sd, 7);
    SEND(120, "A", END);
    ck_assert_int_eq(ds("0"), 1);
    ck_assert_int_eq(ds("3"), 1);
}
END_TEST

static const struct {
    const char *members;
    int64_t e;
    int64_t d;
} durations[] = {
    {SECONDS(60), 1, 60},
    {"\"session_duration\":\"60\"", 1, 60},
    {"\"session_duration\":\"0\"", 0, 0},
    {"\"session_duration\":\"abc\"", 0, 0},
    {"\"session_duration\":\"1.5\"", 0, 0},
    {SECONDS(-5), 1, 30},
    {SECONDS(86400), 1, 86400},
    {SECONDS(86401), 1, 86400},
    {SECONDS(99999999999999999999), 1, 86400},
    {"\"session_duration\":\"\"", 1, 0},
    {"\"events\":[]", 1, 0},
    {END, 1, 0},
    {END "," SECONDS(10), 1, 10},
    {"\"begin_session\":0", 1, 0},
    {"\"begin_session\":\"0\"", 1, 0},
    {"\"begin_session\":\"false\"", 1, 0},
    {"\"begin_session\":\"\"", 1, 0},
    {"\"end_session\":\"0\"", 1, 0},
    {BEGIN "," END, 1, 0},
    {BEGIN "," SECONDS(10), 2, 10},
};

START_TEST(requests_and_seconds_are_counted)
{
    intake_ok(START, "{\"app_key\":\"k1\",\"device_id\":\"A\",%s}",
              durations[_i].members);
    ck_assert_int_eq(day(DAY, CELL_E), durations[_i].e);
    ck_assert_int_eq(day(DAY, CELL_D), durations[_i].d);
    ck_assert_int_eq(intake_hour(DAY, 10, CELL_E), durations[_i].e);
    ck_assert_uint_eq(user_of("A").tsd, (uint64_t)durations[_i].d);
}
END_TEST

START_TEST(a_late_begin_counts_but_is_nobodys_first)
{
    SEND(0, "A", BEGIN);
    intake_ok(START + 60,
              "{\"app_key\":\"k1\",\"device_id\":\"A\",\"begin_session\":1"
              ",\"timestamp\":%d,\"country_code\":\"FR\"}",
              START - 48 * HOUR);
    ck_assert_int_eq(day(DAY - 2, CELL_T), 1);
    ck_assert_int_eq(day(DAY - 2, CELL_E), 1);
    ck_assert_int_eq(day(DAY - 2, CELL_U), 0);
    ck_assert_int_eq(day(DAY - 2, CELL_N), 0);
    ck_assert_int_eq(intake_day(SET_COUNTRIES, "FR", DAY - 2, CELL_T), 1);
    ck_assert_int_eq(intake_day(SET_COUNTRIES, "FR", DAY - 2, CELL_U), 0);
    ck_assert_int_eq(bucket(SET_FREQUENCY, "1", DAY - 2), 0);
    ck_assert_int_eq(intake_active(SET_USERS, NULL, DAY - 2), 1);
    ck_assert_int_eq(intake_active(SET_COUNTRIES, "FR", DAY - 2), 1);
    /* It closes the open session at its own time. */
    ck_assert_int_eq(bucket(SET_DURATIONS, "0", DAY - 2), 1);
    struct user user = user_of("A");
    ck_assert_uint_eq(user.sc, 2);
    ck_assert_uint_eq(user.ls, START);
    ck_assert_uint_eq(user.fs, START);
    ck_assert(user.is_open);
}
END_TEST

START_TEST(after_late_data_the_present_day_goes_on)
{
    SEND(0, "A", BEGIN);
    intake_ok(START + 60,
              "{\"app_key\":\"k1\",\"device_id\":\"A\",\"begin_session\":1"
              ",\"timestamp\":%d}",
              START - 48 * HOUR);
    SEND(HOUR, "A", BEGIN);
    ck_assert_int_eq(day(DAY, CELL_U), 1);
    ck_assert_int_eq(intake_hour(DAY, 11, CELL_U), 1);
    ck_assert_int_eq(intake_active(SET_USERS, NULL, DAY), 1);
    ck_assert_int_eq(bucket(SET_FREQUENCY, "1", DAY), 1);
    ck_assert_int_eq(bucket(SET_LOYALTY, "2", DAY), 0);
}
END_TEST

START_TEST(a_session_later_than_the_clock_counts_as_of_now)
{
    SEND(0, "A", BEGIN);
    /* The clock goes back by an hour. */
    SEND(-HOUR, "A", BEGIN);
    ck_assert_uint_eq(user_of("A").ls, START - HOUR);
    ck_assert_int_eq(day(DAY, CELL_T), 2);
    ck_assert_int_eq(bucket(SET_FREQUENCY, "1", DAY), 1);
}
END_TEST

/* Buckets of C.3 and C.4. */

static const struct {
    unsigned (*bucket)(uint64_t);
    uint64_t value;
    unsigned expected;
} buckets[] = {
    {session_duration_bucket, 0, 0},
    {session_duration_bucket, 10, 0},
    {session_duration_bucket, 11, 1},
    {session_duration_bucket, 30, 1},
    {session_duration_bucket, 31, 2},
    {session_duration_bucket, 60, 2},
    {session_duration_bucket, 61, 3},
    {session_duration_bucket, 180, 3},
    {session_duration_bucket, 181, 4},
    {session_duration_bucket, 600, 4},
    {session_duration_bucket, 601, 5},
    {session_duration_bucket, 1800, 5},
    {session_duration_bucket, 1801, 6},
    {session_duration_bucket, 3600, 6},
    {session_duration_bucket, 3601, 7},
    {session_duration_bucket, UINT64_C(1) << 40, 7},
};

START_TEST(durations_have_their_buckets)
{
    ck_assert_uint_eq(buckets[_i].bucket(buckets[_i].value),
                      buckets[_i].expected);
}
END_TEST

START_TEST(frequencies_have_their_buckets)
{
    /* Hours at which the next bucket begins. */
    static const uint32_t bounds[] = {24, 48, 72, 96, 120, 144, 168, 192, 360};

    ck_assert_uint_eq(session_frequency_bucket(0), 1);
    for (unsigned i = 0; i < 9; i++) {
        ck_assert_uint_eq(session_frequency_bucket(bounds[i] * HOUR - 1),
                          i + 1);
        ck_assert_uint_eq(session_frequency_bucket(bounds[i] * HOUR), i + 2);
    }
    ck_assert_uint_eq(session_frequency_bucket(744 * HOUR), 10);
    ck_assert_uint_eq(session_frequency_bucket(UINT32_MAX), 10);
}
END_TEST

START_TEST(loyalties_have_their_buckets)
{
    static const uint32_t firsts[] = {1, 2, 3, 6, 10, 20, 50, 100, 500};

    for (unsigned i = 0; i < 9; i++) {
        ck_assert_uint_eq(session_loyalty_bucket(firsts[i]), i);
        if (i > 0)
            ck_assert_uint_eq(session_loyalty_bucket(firsts[i] - 1), i - 1);
    }
    ck_assert_uint_eq(session_loyalty_bucket(UINT32_MAX), 8);
}
END_TEST

#define COUNT_OF(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *session_suite(void)
{
    Suite *suite = suite_create("session");
    TCase *rules = tcase_create("rules");
    TCase *tables = tcase_create("tables");

    tcase_add_checked_fixture(rules, setup, teardown);
    tcase_set_timeout(rules, 60);
    tcase_add_test(rules, the_worked_sequence_gives_the_golden_days);
    tcase_add_test(rules, the_worked_sequence_gives_the_golden_years);
    tcase_add_test(rules, the_worked_sequence_gives_the_golden_hours_and_users);
    tcase_add_test(
        rules, a_resumed_session_takes_its_bucket_back_where_it_was_counted);
    tcase_add_test(rules, a_bucket_is_taken_back_once_only);
    tcase_add_loop_test(rules, a_session_is_extended_within_the_cooldown, 0,
                        COUNT_OF(extensions));
    tcase_add_test(rules, nothing_is_extended_before_the_first_session);
    tcase_add_test(rules, an_end_without_a_session_counts_no_bucket);
    tcase_add_test(rules, a_session_of_no_seconds_is_in_bucket_0);
    tcase_add_test(rules, a_new_begin_closes_what_was_never_ended);
    tcase_add_test(rules, seconds_of_a_begin_belong_to_what_it_closes);
    tcase_add_test(rules,
                   seconds_of_a_begin_after_an_end_belong_to_the_new_session);
    tcase_add_loop_test(rules, requests_and_seconds_are_counted, 0,
                        COUNT_OF(durations));
    tcase_add_test(rules, a_late_begin_counts_but_is_nobodys_first);
    tcase_add_test(rules, after_late_data_the_present_day_goes_on);
    tcase_add_test(rules, a_session_later_than_the_clock_counts_as_of_now);
    suite_add_tcase(suite, rules);
    tcase_add_loop_test(tables, durations_have_their_buckets, 0,
                        COUNT_OF(buckets));
    tcase_add_test(tables, frequencies_have_their_buckets);
    tcase_add_test(tables, loyalties_have_their_buckets);
    suite_add_tcase(suite, tables);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(session_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
