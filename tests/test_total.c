#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/date.h"
#include "engine/key.h"
#include "metrics/set.h"
#include "metrics/total.h"
#include "scene.h"

static struct buffer out;

static void setup(void)
{
    scene_open();
    buffer_init(&out, 1 << 20);
}

static void teardown(void)
{
    buffer_finish(&out);
    scene_close();
}

static void ck_total(const char *metric, const struct period *period,
                     bool with_previous, const char *expected)
{
    struct total total = {.app = SCENE_APP,
                          .metric =
                              catalog_by_name(scene_catalog(), text_of(metric)),
                          .period = period,
                          .with_previous = with_previous};
    struct reader *reader = scene_reader();
    struct json json;

    buffer_clear(&out);
    json_init(&json, &out, JSON_DATA);
    total_capture(&total, reader);
    ck_assert_int_eq(total_write(&total, reader, &json), TALLY_OK);
    reader_close(reader);
    scene_ck_json(buffer_text(&out), expected);
}

/* The same from the overlay and from the base. */
static void expect(const char *metric, const struct period *period,
                   const char *expected)
{
    ck_total(metric, period, false, expected);
    scene_checkpoint();
    ck_total(metric, period, false, expected);
}

/* A session that is no news to anyone: the user was here in that hour. */
static void visit(uint32_t ordinal, int month, int day, const char *os)
{
    struct scene_session session = {
        .ordinal = ordinal,
        .hour = scene_hour(2026, month, day, 12),
        .counts = SCENE_LATE,
        .sets = {SET_OS},
        .values = {os},
    };

    scene_session(&session);
}

START_TEST(nobody_is_an_empty_list)
{
    struct period period = scene_period("30days", 2026, 3, 17);

    ck_total("users", &period, true, "[]");
    ck_total("os", &period, true, "[]");
}
END_TEST

START_TEST(users_count_once_in_a_period)
{
    struct period period = scene_period("7days", 2026, 3, 17);

    visit(1, 3, 11, "iOS");
    visit(1, 3, 12, "iOS");
    visit(1, 3, 17, "iOS");
    visit(2, 3, 17, "iOS");
    visit(3, 3, 10, "iOS");
    expect("users", &period, "[{\"_id\":\"users\",\"u\":2}]");
    expect("", &period, "[{\"_id\":\"users\",\"u\":2}]");
    expect("nosuch", &period, "[{\"_id\":\"users\",\"u\":2}]");
    expect("os", &period, "[{\"_id\":\"iOS\",\"u\":2}]");
}
END_TEST

START_TEST(a_user_counts_for_each_value)
{
    struct period period = scene_period("7days", 2026, 3, 17);

    visit(1, 3, 15, "iOS");
    visit(1, 3, 16, "Android");
    visit(1, 3, 17, "iOS");
    visit(1, 3, 17, "Android");
    visit(2, 3, 17, "Android");
    visit(3, 2, 17, "Windows");
    expect("platforms", &period,
           "[{\"_id\":\"iOS\",\"u\":1},{\"_id\":\"Android\",\"u\":2}]");
}
END_TEST

START_TEST(the_previous_period_is_told_on_request)
{
    struct period period = scene_period("hour", 2026, 3, 17);

    visit(1, 3, 16, "iOS");
    visit(2, 3, 16, "iOS");
    visit(2, 3, 17, "iOS");
    visit(2, 3, 17, "Android");
    visit(1, 3, 16, "Windows");
    ck_total("users", &period, true, "[{\"_id\":\"users\",\"u\":1,\"pu\":2}]");
    ck_total("os", &period, true,
             "[{\"_id\":\"iOS\",\"u\":1,\"pu\":2},"
             "{\"_id\":\"Android\",\"u\":1,\"pu\":0},"
             "{\"_id\":\"Windows\",\"u\":0,\"pu\":1}]");
}
END_TEST

START_TEST(merged_users_count_once)
{
    struct period period = scene_period("7days", 2026, 3, 17);
    struct key key = key_user(SCENE_APP, 1);
    struct text other = TEXT("\0\0\0\2");

    visit(1, 3, 16, "iOS");
    visit(2, 3, 17, "iOS");
    visit(1, 3, 17, "Android");
    effect_put(scene_batch(), TABLE_ALIASES, key_text(&key), other);
    scene_apply();
    expect("users", &period, "[{\"_id\":\"users\",\"u\":1}]");
    expect("os", &period,
           "[{\"_id\":\"iOS\",\"u\":1},{\"_id\":\"Android\",\"u\":1}]");
}
END_TEST

START_TEST(a_span_may_lack_a_day_or_begin_before_time)
{
    int32_t day = date_to_day(2026, 3, 15);
    static const struct {
        int first, last, without;
        unsigned users;
    } cases[] = {
        {-1, 1, 0, 2},          {-1, 0, 0, 1}, {0, 1, 0, 1},
        {0, 0, 0, 0},           {-1, 1, 5, 3}, {-30000, 1, -30000, 3},
        {-30000, -25000, 5, 0},
    };
    struct reader *reader;

    visit(1, 3, 14, "iOS");
    visit(2, 3, 15, "iOS");
    visit(3, 3, 16, "iOS");
    reader = scene_reader();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span span = {day + cases[i].first, day + cases[i].last,
                            day + cases[i].without};
        struct total_values values;
        uint64_t users;
        total_capture_span(reader, SCENE_APP, 0, &span);
        total_capture_span(reader, SCENE_APP, SET_OS, &span);
        ck_assert_int_eq(total_users(reader, SCENE_APP, &span, &users),
                         TALLY_OK);
        ck_assert_uint_eq(users, cases[i].users);
        ck_assert_int_eq(
            total_values(reader, SCENE_APP, SET_OS, &span, &values), TALLY_OK);
        ck_assert_uint_eq(total_of_value(&values, 1), cases[i].users);
        total_values_finish(&values);
    }
    reader_close(reader);
}
END_TEST

/* The array of total_users with a filter. */
static void ck_filtered(const char *filter, const char *metric,
                        const struct period *period, const char *expected)
{
    struct filter read;
    struct total total = {.app = SCENE_APP,
                          .metric =
                              catalog_by_name(scene_catalog(), text_of(metric)),
                          .period = period,
                          .with_previous = true,
                          .filter = &read};
    struct reader *reader = scene_reader();
    enum tally_err err;
    struct json json;

    ck_assert_ptr_null(filter_read(scene_catalog(), scene_engine(), SCENE_APP,
                                   text_of(filter), &read, &err));
    ck_assert_int_eq(err, TALLY_OK);
    buffer_clear(&out);
    json_init(&json, &out, JSON_DATA);
    total_capture(&total, reader);
    ck_assert_int_eq(total_write(&total, reader, &json), TALLY_OK);
    reader_close(reader);
    scene_ck_json(buffer_text(&out), expected);
}

START_TEST(a_filter_asks_for_values_within_the_period)
{
    struct period period = scene_period("7days", 2026, 3, 17);

    for (int round = 0; round < 2; round++) {
        visit(1, 3, 15, "iOS");
        visit(1, 3, 16, "Android");
        visit(2, 3, 17, "Android");
        visit(3, 3, 5, "iOS");
        visit(4, 3, 16, "Windows");
        ck_filtered("{\"os\":\"Android\"}", "users", &period,
                    "[{\"_id\":\"users\",\"u\":2,\"pu\":0}]");
        ck_filtered("{\"os\":\"iOS\",\"p\":[\"Android\",\"Windows\"]}", "users",
                    &period, "[{\"_id\":\"users\",\"u\":1,\"pu\":0}]");
        ck_filtered("{\"platforms\":[\"Windows\",\"iOS\"]}", "os", &period,
                    "[{\"_id\":\"iOS\",\"u\":1,\"pu\":1},"
                    "{\"_id\":\"Android\",\"u\":1,\"pu\":0},"
                    "{\"_id\":\"Windows\",\"u\":1,\"pu\":0}]");
        ck_filtered("{\"os\":\"BeOS\"}", "os", &period, "[]");
        ck_filtered("{\"os\":\"Android\",\"cc\":[]}", "os", &period, "[]");
        ck_filtered("{}", "users", &period,
                    "[{\"_id\":\"users\",\"u\":3,\"pu\":1}]");
        scene_checkpoint();
    }
}
END_TEST

START_TEST(a_filtered_user_counts_as_who_it_is_now)
{
    struct period period = scene_period("7days", 2026, 3, 17);
    struct key key = key_user(SCENE_APP, 1);
    struct text other = TEXT("\0\0\0\2");

    visit(1, 3, 16, "iOS");
    visit(2, 3, 17, "Android");
    ck_filtered("{\"os\":\"iOS\",\"p\":\"Android\"}", "users", &period, "[]");
    effect_put(scene_batch(), TABLE_ALIASES, key_text(&key), other);
    scene_apply();
    ck_filtered("{\"os\":\"iOS\",\"p\":\"Android\"}", "users", &period,
                "[{\"_id\":\"users\",\"u\":1,\"pu\":0}]");
}
END_TEST

START_TEST(a_bad_filter_is_told)
{
    static const struct {
        const char *json;
        const char *wrong;
    } cases[] = {
        {"[]", "JSON object"},
        {"os", "JSON object"},
        {"{\"os\":1}", "string"},
        {"{\"os\":null}", "string"},
        {"{\"os\":{\"$in\":[]}}", "string"},
        {"{\"os\":[\"a\",[\"b\"]]}", "string"},
        {"{\"nosuch\":\"a\"}", "metric"},
    };
    struct filter filter;
    enum tally_err err;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *wrong =
            filter_read(scene_catalog(), scene_engine(), SCENE_APP,
                        text_of(cases[i].json), &filter, &err);
        ck_assert_ptr_nonnull(wrong);
        ck_assert_ptr_nonnull(strstr(wrong, cases[i].wrong));
    }
}
END_TEST

/* A filter object of `members` members, or of one with `values` values. */
static bool is_taken(int members, int values)
{
    struct buffer json;
    struct filter filter;
    enum tally_err err;

    buffer_init(&json, 1 << 16);
    buffer_add_string(&json, "{\"os\":[");
    for (int i = 0; i < values; i++)
        buffer_add_string(&json, i ? ",\"x\"" : "\"x\"");
    buffer_add_string(&json, "]");
    for (int i = 1; i < members; i++)
        buffer_add_string(&json, ",\"p\":\"x\"");
    buffer_add_string(&json, "}");
    const char *wrong = filter_read(scene_catalog(), scene_engine(), SCENE_APP,
                                    buffer_text(&json), &filter, &err);
    buffer_finish(&json);
    return !wrong && filter.count == (unsigned)members;
}

START_TEST(a_filter_is_bounded)
{
    ck_assert(is_taken(FILTER_MEMBERS_MAX, FILTER_VALUES_MAX));
    ck_assert(!is_taken(FILTER_MEMBERS_MAX + 1, 1));
    ck_assert(!is_taken(1, FILTER_VALUES_MAX + 1));
}
END_TEST

/* Many users with changing values, against counting by a table. */
START_TEST(many_changes_are_counted_exactly)
{
    enum { USERS = 2000, VALUES = 7, DAYS = 10, STRIDE = 1024 };
    struct period period = scene_period("10days", 2026, 3, 17);
    static bool had[VALUES + 1][USERS];
    uint32_t expected[VALUES + 1] = {0};
    uint32_t state = 1;

    for (uint32_t value = 1; value <= VALUES; value++) {
        char name[2] = {(char)('a' + value), '\0'};
        ck_assert_uint_eq(scene_value(SET_OS, text_of(name), 2026), value);
    }
    for (int day = 0; day < DAYS; day++) {
        for (uint32_t user = 0; user < USERS; user++) {
            state = state * 1103515245 + 12345;
            struct mark mark = {
                .app = SCENE_APP,
                .ordinal = 1 + user * STRIDE,
                .set = SET_OS,
                .value = 1 + (state >> 16) % VALUES,
                .day = date_to_day(2026, 3, 8 + day),
            };
            expected[mark.value] += !had[mark.value][user];
            had[mark.value][user] = true;
            effect_mark(scene_batch(), &mark);
            mark.set = 0;
            mark.value = 0;
            effect_mark(scene_batch(), &mark);
        }
        scene_apply();
        if (day == DAYS / 2)
            scene_checkpoint();
    }

    struct reader *reader = scene_reader();
    struct total_values values;
    uint64_t users;
    total_capture_span(reader, SCENE_APP, 0, &period.current);
    total_capture_span(reader, SCENE_APP, SET_OS, &period.current);
    ck_assert_int_eq(total_users(reader, SCENE_APP, &period.current, &users),
                     TALLY_OK);
    ck_assert_uint_eq(users, USERS);
    ck_assert_int_eq(
        total_values(reader, SCENE_APP, SET_OS, &period.current, &values),
        TALLY_OK);
    for (uint32_t value = 1; value <= VALUES; value++)
        ck_assert_uint_eq(total_of_value(&values, value), expected[value]);
    ck_assert_uint_eq(total_of_value(&values, UINT32_MAX), 0);
    total_values_finish(&values);
    reader_close(reader);
}
END_TEST

static Suite *total_suite(void)
{
    Suite *suite = suite_create("total");
    TCase *tcase = tcase_create("total");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, nobody_is_an_empty_list);
    tcase_add_test(tcase, users_count_once_in_a_period);
    tcase_add_test(tcase, a_user_counts_for_each_value);
    tcase_add_test(tcase, the_previous_period_is_told_on_request);
    tcase_add_test(tcase, merged_users_count_once);
    tcase_add_test(tcase, a_span_may_lack_a_day_or_begin_before_time);
    tcase_add_test(tcase, a_filter_asks_for_values_within_the_period);
    tcase_add_test(tcase, a_filtered_user_counts_as_who_it_is_now);
    tcase_add_test(tcase, a_bad_filter_is_told);
    tcase_add_test(tcase, a_filter_is_bounded);
    tcase_add_test(tcase, many_changes_are_counted_exactly);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(total_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
