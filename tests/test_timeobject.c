#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "metrics/set.h"
#include "metrics/timeobject.h"
#include "scene.h"

enum { ANSWER_MAX = 64 << 20 };

static struct buffer out;

static void setup(void)
{
    scene_open();
    buffer_init(&out, ANSWER_MAX);
}

static void teardown(void)
{
    buffer_finish(&out);
    scene_close();
}

static struct text write_escaped(const char *collection,
                                 enum timeobject_mode mode,
                                 const struct period *period,
                                 enum json_escape escape)
{
    struct timeobject object = {SCENE_APP, collection,
                                catalog_list(scene_catalog(), collection), mode,
                                period};
    struct reader *reader = scene_reader();
    struct json json;

    buffer_clear(&out);
    json_init(&json, &out, escape);
    timeobject_capture(&object, reader);
    ck_assert_int_eq(timeobject_write(&object, reader, &json), TALLY_OK);
    reader_close(reader);
    ck_assert(buffer_is_whole(&out));
    return buffer_text(&out);
}

static struct text write_object(const char *collection,
                                enum timeobject_mode mode,
                                const struct period *period)
{
    return write_escaped(collection, mode, period, JSON_DATA);
}

/* The same from the overlay and from the base. */
static void expect(const char *collection, enum timeobject_mode mode,
                   const struct period *period, const char *expected)
{
    scene_ck_json(write_object(collection, mode, period), expected);
    scene_checkpoint();
    scene_ck_json(write_object(collection, mode, period), expected);
}

static void hit(uint32_t ordinal, int32_t hour, uint8_t counts, uint32_t set,
                const char *value)
{
    struct scene_session session = {
        .ordinal = ordinal,
        .hour = hour,
        .counts = counts,
        .sets = {set},
        .values = {value},
    };

    scene_session(&session);
}

START_TEST(nothing_stored_is_an_empty_object)
{
    struct period period = scene_period("30days", 2026, 3, 17);

    for (int mode = TIMEOBJECT_PERIOD; mode <= TIMEOBJECT_FULL; mode++) {
        expect("users", (enum timeobject_mode)mode, &period, "{\"meta\":{}}");
        expect("devices", (enum timeobject_mode)mode, &period, "{\"meta\":{}}");
    }
}
END_TEST

START_TEST(a_session_is_seen_at_every_level)
{
    struct period period = scene_period("hour", 2026, 3, 17);

    hit(1, scene_hour(2026, 3, 17, 10), SCENE_ALL, SET_COUNTRIES, "TR");
    expect("users", TIMEOBJECT_PERIOD, &period,
           "{\"2026\":{\"3\":{\"17\":{"
           "\"10\":{\"t\":1,\"n\":1,\"e\":1,\"u\":1},"
           "\"t\":1,\"n\":1,\"e\":1,\"u\":1,\"TR\":{\"t\":1,\"n\":1,\"u\":1}},"
           "\"t\":1,\"n\":1,\"e\":1,\"u\":1,\"TR\":{\"t\":1,\"n\":1,\"u\":1}},"
           "\"w11\":{\"u\":1,\"TR\":{\"u\":1}},"
           "\"t\":1,\"n\":1,\"e\":1,\"u\":1,\"TR\":{\"t\":1,\"n\":1,\"u\":1}},"
           "\"meta\":{\"countries\":[\"TR\"]}}");
}
END_TEST

/* The worked sequence of spec B.6.5, as the counters of C.8. */

struct step {
    uint32_t set;
    const char *value; /* NULL: the whole; digits in a set of buckets */
    int month, day, hour;
    int64_t add[COUNT_FIELDS];
};

/*      t  n  e  d    uh ud uw um uy */
static const struct step golden[] = {
    {SET_USERS, NULL, 3, 2, 10, {2, 1, 6, 170, 1, 1, 1, 1, 1}},
    {SET_USERS, NULL, 3, 3, 9, {1, 0, 2, 300, 1, 1, 0, 0, 0}},
    {SET_USERS, NULL, 3, 3, 11, {1, 1, 1, 0, 1, 1, 1, 1, 1}},
    {SET_USERS, NULL, 4, 10, 8, {1, 0, 1, 0, 1, 1, 1, 1, 0}},
    {SET_COUNTRIES, "TR", 3, 2, 10, {2, 1, 0, 0, 0, 1, 1, 1, 1}},
    {SET_COUNTRIES, "TR", 3, 3, 9, {1, 0, 0, 0, 0, 1, 0, 0, 0}},
    {SET_COUNTRIES, "DE", 3, 3, 11, {1, 1, 0, 0, 0, 1, 1, 1, 1}},
    {SET_COUNTRIES, "TR", 4, 10, 8, {1, 0, 0, 0, 0, 1, 1, 1, 0}},
    {SET_FREQUENCY, "0", 3, 2, 10, {0, 0, 0, 0, 0, 1, 1, 1, 1}},
    {SET_FREQUENCY, "1", 3, 2, 10, {0, 0, 0, 0, 0, 1, 1, 1, 1}},
    {SET_FREQUENCY, "1", 3, 3, 9, {0, 0, 0, 0, 0, 1, 1, 1, 1}},
    {SET_FREQUENCY, "0", 3, 3, 11, {0, 0, 0, 0, 0, 1, 1, 1, 1}},
    {SET_FREQUENCY, "10", 4, 10, 8, {0, 0, 0, 0, 0, 1, 1, 1, 1}},
    {SET_DURATIONS, "3", 3, 2, 10, {0, 0, 0, 0, 0, 1, 1, 1, 1}},
    {SET_DURATIONS, "2", 3, 2, 10, {0, 0, 0, 0, 0, 1, 1, 1, 1}},
    {SET_DURATIONS, "4", 3, 3, 9, {0, 0, 0, 0, 0, 1, 1, 1, 1}},
    {SET_OS, "Android", 3, 2, 10, {2, 1, 0, 0, 0, 1, 1, 1, 1}},
    {SET_OS, "Android", 3, 3, 9, {1, 0, 0, 0, 0, 1, 0, 0, 0}},
    {SET_OS, "iOS", 3, 3, 11, {1, 1, 0, 0, 0, 1, 1, 1, 1}},
    {SET_OS, "Android", 4, 10, 8, {1, 0, 0, 0, 0, 1, 1, 1, 0}},
    {SET_APP_VERSIONS, "1:0", 3, 2, 10, {2, 1, 0, 0, 0, 1, 1, 1, 1}},
    {SET_APP_VERSIONS, "1:1", 3, 3, 9, {1, 0, 0, 0, 0, 1, 1, 1, 1}},
    {SET_APP_VERSIONS, "1:1", 3, 3, 11, {1, 1, 0, 0, 0, 1, 1, 1, 1}},
    {SET_APP_VERSIONS, "1:1", 4, 10, 8, {1, 0, 0, 0, 0, 1, 1, 1, 0}},
};

static void play(const struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct step *step = &steps[i];
        uint32_t value = 0;
        if (step->set >= SET_FREQUENCY && step->set <= SET_DURATIONS)
            value = (uint32_t)strtoul(step->value, NULL, 10) + 1;
        else if (step->value)
            value = scene_value(step->set, text_of(step->value), 2026);
        scene_count(step->set, value,
                    scene_hour(2026, step->month, step->day, step->hour),
                    step->add);
    }
}

static void play_golden(void)
{
    play(golden, sizeof(golden) / sizeof(golden[0]));
}

#define GOLDEN_DAYS                                              \
    "\"2\":{\"10\":{\"e\":6,\"t\":2,\"n\":1,\"u\":1,\"d\":170}," \
    "\"e\":6,\"t\":2,\"n\":1,\"u\":1,\"d\":170,"                 \
    "\"TR\":{\"t\":2,\"n\":1,\"u\":1},\"f\":{\"0\":1,\"1\":1},"  \
    "\"ds\":{\"3\":1,\"2\":1}},"                                 \
    "\"3\":{\"9\":{\"e\":2,\"t\":1,\"u\":1,\"d\":300},"          \
    "\"11\":{\"e\":1,\"t\":1,\"n\":1,\"u\":1},"                  \
    "\"e\":3,\"t\":2,\"n\":1,\"u\":2,\"d\":300,"                 \
    "\"TR\":{\"t\":1,\"u\":1},\"DE\":{\"t\":1,\"n\":1,\"u\":1}," \
    "\"f\":{\"1\":1,\"0\":1},\"ds\":{\"4\":1}}"

#define GOLDEN_DAY_10                                                  \
    "\"10\":{\"8\":{\"e\":1,\"t\":1,\"u\":1},\"e\":1,\"t\":1,\"u\":1," \
    "\"TR\":{\"t\":1,\"u\":1},\"f\":{\"10\":1}}"

#define GOLDEN_WEEKS                                             \
    "\"w9\":{\"u\":2,\"TR\":{\"u\":1},\"DE\":{\"u\":1},"         \
    "\"f\":{\"0\":2,\"1\":2},\"ds\":{\"2\":1,\"3\":1,\"4\":1}}," \
    "\"w15\":{\"u\":1,\"TR\":{\"u\":1},\"f\":{\"10\":1}}"

#define GOLDEN_META                            \
    "\"meta\":{\"countries\":[\"TR\",\"DE\"]," \
    "\"f-ranges\":[\"0\",\"1\",\"10\"],\"d-ranges\":[\"2\",\"3\",\"4\"]}"

static const char golden_users[] =
    "{\"2026\":{\"3\":{" GOLDEN_DAYS ","
    "\"u\":2,\"t\":4,\"n\":2,\"d\":470,\"e\":9,"
    "\"TR\":{\"u\":1,\"t\":3,\"n\":1},\"DE\":{\"u\":1,\"t\":1,\"n\":1},"
    "\"f\":{\"0\":2,\"1\":2},\"ds\":{\"2\":1,\"3\":1,\"4\":1}},"
    "\"4\":{" GOLDEN_DAY_10 ",\"u\":1,\"t\":1,\"e\":1,"
    "\"TR\":{\"u\":1,\"t\":1},\"f\":{\"10\":1}}," GOLDEN_WEEKS ","
    "\"u\":2,\"t\":5,\"n\":2,\"d\":470,\"e\":10,"
    "\"TR\":{\"u\":1,\"t\":4,\"n\":1},\"DE\":{\"u\":1,\"t\":1,\"n\":1},"
    "\"f\":{\"0\":2,\"1\":2,\"10\":1},\"ds\":{\"2\":1,\"3\":1,\"4\":1}"
    "}," GOLDEN_META "}";

START_TEST(the_golden_users_are_merged)
{
    struct period period = scene_period("month", 2026, 12, 31);

    play_golden();
    expect("users", TIMEOBJECT_PERIOD, &period, golden_users);
}
END_TEST

START_TEST(values_of_several_sets_stand_side_by_side)
{
    struct period period = scene_period("month", 2026, 4, 10);

    play_golden();
    expect("device_details", TIMEOBJECT_PERIOD, &period,
           "{\"2026\":{\"3\":{"
           "\"2\":{\"Android\":{\"t\":2,\"n\":1,\"u\":1},"
           "\"1:0\":{\"t\":2,\"n\":1,\"u\":1}},"
           "\"3\":{\"Android\":{\"t\":1,\"u\":1},"
           "\"iOS\":{\"t\":1,\"n\":1,\"u\":1},"
           "\"1:1\":{\"t\":2,\"n\":1,\"u\":2}},"
           "\"Android\":{\"t\":3,\"n\":1,\"u\":1},"
           "\"iOS\":{\"t\":1,\"n\":1,\"u\":1},"
           "\"1:0\":{\"t\":2,\"n\":1,\"u\":1},"
           "\"1:1\":{\"t\":2,\"n\":1,\"u\":2}},"
           "\"4\":{\"10\":{\"Android\":{\"t\":1,\"u\":1},"
           "\"1:1\":{\"t\":1,\"u\":1}},"
           "\"Android\":{\"t\":1,\"u\":1},\"1:1\":{\"t\":1,\"u\":1}},"
           "\"w9\":{\"Android\":{\"u\":1},\"iOS\":{\"u\":1},"
           "\"1:0\":{\"u\":1},\"1:1\":{\"u\":2}},"
           "\"w15\":{\"Android\":{\"u\":1},\"1:1\":{\"u\":1}},"
           "\"Android\":{\"t\":4,\"n\":1,\"u\":1},"
           "\"iOS\":{\"t\":1,\"n\":1,\"u\":1},"
           "\"1:0\":{\"t\":2,\"n\":1,\"u\":1},"
           "\"1:1\":{\"t\":3,\"n\":1,\"u\":2}},"
           "\"meta\":{\"app_versions\":[\"1:0\",\"1:1\"],"
           "\"os\":[\"Android\",\"iOS\"]}}");
}
END_TEST

START_TEST(a_month_that_is_not_read_keeps_its_uniques)
{
    struct period period = scene_period("hour", 2026, 4, 10);

    play_golden();
    hit(1, scene_hour(2026, 1, 5, 0), SCENE_LATE | HIT_U_MONTH, SET_LANGS,
        "tr");
    hit(1, scene_hour(2026, 4, 9, 0), SCENE_LATE, SET_LANGS, "tr");
    hit(1, scene_hour(2025, 12, 31, 0), SCENE_ALL, SET_LANGS, "de");
    expect("langs", TIMEOBJECT_PERIOD, &period,
           "{\"2026\":{\"1\":{\"tr\":{\"u\":1}},"
           "\"4\":{\"9\":{\"tr\":{\"t\":1}},\"tr\":{\"t\":1}},"
           "\"tr\":{\"t\":1}},"
           "\"meta\":{\"langs\":[\"tr\"]}}");
}
END_TEST

START_TEST(a_refresh_has_today_and_what_it_changed_above)
{
    struct period period = scene_period("30days", 2026, 4, 10);

    play_golden();
    expect("users", TIMEOBJECT_REFRESH, &period,
           "{\"2026\":{\"4\":{" GOLDEN_DAY_10 ",\"u\":1,\"f\":{\"10\":1}},"
           "\"w15\":{\"u\":1,\"f\":{\"10\":1}},"
           "\"u\":2,\"f\":{\"0\":2,\"1\":2,\"10\":1}}," GOLDEN_META "}");
    expect("device_details", TIMEOBJECT_REFRESH, &period,
           "{\"2026\":{\"4\":{\"10\":{\"Android\":{\"t\":1,\"u\":1},"
           "\"1:1\":{\"t\":1,\"u\":1}}}},"
           "\"meta\":{\"app_versions\":[\"1:0\",\"1:1\"],"
           "\"os\":[\"Android\",\"iOS\"]}}");
}
END_TEST

START_TEST(a_full_read_has_all_years_and_no_sums)
{
    struct period period = scene_period("30days", 2026, 4, 10);
    static const int64_t request[COUNT_FIELDS] = {[COUNT_E] = 1};

    hit(1, scene_hour(2024, 2, 3, 4), SCENE_ALL, SET_COUNTRIES, "TR");
    hit(2, scene_hour(2026, 3, 1, 2), SCENE_LATE, SET_COUNTRIES, "DE");
    scene_count(SET_USERS, 0, scene_hour(2025, 6, 7, 8), request);
    expect("users", TIMEOBJECT_FULL, &period,
           "{\"2024\":{\"2\":{\"3\":{"
           "\"4\":{\"t\":1,\"n\":1,\"e\":1,\"u\":1},"
           "\"t\":1,\"n\":1,\"e\":1,\"u\":1,\"TR\":{\"t\":1,\"n\":1,\"u\":1}},"
           "\"u\":1,\"TR\":{\"u\":1}},\"w5\":{\"u\":1,\"TR\":{\"u\":1}},"
           "\"u\":1,\"TR\":{\"u\":1}},"
           "\"2025\":{\"6\":{\"7\":{\"8\":{\"e\":1},\"e\":1}}},"
           "\"2026\":{\"3\":{\"1\":{\"2\":{\"t\":1,\"e\":1},\"t\":1,\"e\":1,"
           "\"DE\":{\"t\":1}}}},"
           "\"meta\":{\"countries\":[\"TR\",\"DE\"]}}");
}
END_TEST

START_TEST(values_that_look_like_days_have_a_prefix)
{
    static const char *const values[] = {"0",  "7",  "31",     "32",
                                         "00", "1x", "[CLY]7", "-1"};
    struct period period = scene_period("hour", 2026, 3, 17);

    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        hit(1, scene_hour(2026, 3, 17, 0), HIT_T, SET_BROWSER_VERSION,
            values[i]);
    expect("browser", TIMEOBJECT_REFRESH, &period,
           "{\"2026\":{\"3\":{\"17\":{\"[CLY]0\":{\"t\":1},"
           "\"[CLY]7\":{\"t\":2},\"[CLY]31\":{\"t\":1},\"32\":{\"t\":1},"
           "\"00\":{\"t\":1},\"1x\":{\"t\":1},\"-1\":{\"t\":1}}}},"
           "\"meta\":{\"browser_version\":[\"[CLY]0\",\"[CLY]7\",\"[CLY]31\","
           "\"32\",\"00\",\"1x\",\"[CLY]7\",\"-1\"]}}");
}
END_TEST

START_TEST(values_of_two_sets_with_one_name_add_up)
{
    struct period period = scene_period("day", 2026, 3, 17);
    struct scene_session both = {
        .ordinal = 1,
        .hour = scene_hour(2026, 3, 17, 5),
        .counts = SCENE_ALL,
        .sets = {SET_DEVICES, SET_MANUFACTURERS},
        .values = {"Fairphone", "Fairphone"},
    };

    scene_session(&both);
    expect("devices", TIMEOBJECT_PERIOD, &period,
           "{\"2026\":{\"3\":{\"17\":{\"Fairphone\":{\"t\":2,\"n\":2,\"u\":2}},"
           "\"Fairphone\":{\"t\":2,\"n\":2,\"u\":2}},"
           "\"w11\":{\"Fairphone\":{\"u\":2}},"
           "\"Fairphone\":{\"t\":2,\"n\":2,\"u\":2}},"
           "\"meta\":{\"devices\":[\"Fairphone\"],"
           "\"manufacturers\":[\"Fairphone\"]}}");
}
END_TEST

START_TEST(names_are_escaped_unless_raw)
{
    struct period period = scene_period("hour", 2026, 3, 17);

    hit(1, scene_hour(2026, 3, 17, 0), HIT_T, SET_CARRIERS, "At&t \"x\"");
    scene_ck_json(write_object("carriers", TIMEOBJECT_REFRESH, &period),
                  "{\"2026\":{\"3\":{\"17\":{"
                  "\"At&amp;t &quot;x&quot;\":{\"t\":1}}}},"
                  "\"meta\":{\"carriers\":[\"At&amp;t &quot;x&quot;\"]}}");
    scene_ck_json(
        write_escaped("carriers", TIMEOBJECT_REFRESH, &period, JSON_PLAIN),
        "{\"2026\":{\"3\":{\"17\":{\"At&t \\\"x\\\"\":{\"t\":1}}}},"
        "\"meta\":{\"carriers\":[\"At&t \\\"x\\\"\"]}}");
}
END_TEST

START_TEST(what_was_retracted_is_gone)
{
    static const int64_t once[COUNT_FIELDS] = {[COUNT_U_DAY] = 1, 1, 1, 1};
    static const int64_t back[COUNT_FIELDS] = {[COUNT_U_DAY] = -1, -1, -1, -1};
    int32_t hour = scene_hour(2026, 3, 17, 5);
    struct period period = scene_period("hour", 2026, 3, 17);

    scene_count(SET_DURATIONS, 3, hour, once);
    scene_checkpoint();
    scene_count(SET_DURATIONS, 3, hour, back);
    scene_count(SET_DURATIONS, 4, hour, back);
    expect("users", TIMEOBJECT_PERIOD, &period, "{\"meta\":{}}");
}
END_TEST

START_TEST(a_value_without_positive_counters_is_left_out)
{
    static const int64_t twice[COUNT_FIELDS] = {[COUNT_T] = 2};
    static const int64_t back[COUNT_FIELDS] = {[COUNT_T] = -1};
    uint32_t value = scene_value(SET_SOURCES, TEXT("store"), 2026);
    struct period period = scene_period("day", 2026, 3, 17);

    scene_count(SET_SOURCES, value, scene_hour(2026, 3, 1, 0), back);
    scene_count(SET_SOURCES, value, scene_hour(2026, 3, 2, 0), twice);
    expect("sources", TIMEOBJECT_PERIOD, &period,
           "{\"2026\":{\"3\":{\"2\":{\"store\":{\"t\":2}},"
           "\"store\":{\"t\":1}},\"store\":{\"t\":1}},"
           "\"meta\":{\"sources\":[\"store\"]}}");
}
END_TEST

/* What a parser keeps that lets the last of several members win. */
static const cJSON *last_of(const cJSON *object, const char *name)
{
    const cJSON *last = NULL;

    for (const cJSON *item = object->child; item; item = item->next) {
        if (strcmp(item->string, name) == 0)
            last = item;
    }
    ck_assert_ptr_nonnull(last);
    return last;
}

START_TEST(counters_win_over_values_with_their_names)
{
    static const char *const values[] = {"t", "u", "w11", "f"};
    static const int64_t bucket[COUNT_FIELDS] = {[COUNT_U_DAY] = 1, 1, 1, 1};
    struct period period = scene_period("hour", 2026, 3, 17);
    int32_t hour = scene_hour(2026, 3, 17, 5);

    for (unsigned i = 0; i < 4; i++)
        hit(i + 1, hour, SCENE_ALL, SET_COUNTRIES, values[i]);
    scene_count(SET_FREQUENCY, 1, hour, bucket);
    struct text answer = write_object("users", TIMEOBJECT_PERIOD, &period);
    cJSON *object = cJSON_ParseWithLength(answer.at, answer.len);
    const cJSON *year = last_of(object, "2026");
    const cJSON *month = last_of(year, "3");
    const cJSON *levels[] = {year, month, last_of(month, "17")};

    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(last_of(levels[i], "t")->valueint, 4);
        ck_assert_int_eq(last_of(levels[i], "u")->valueint, 4);
        ck_assert_int_eq(last_of(last_of(levels[i], "f"), "0")->valueint, 1);
    }
    ck_assert_int_eq(last_of(last_of(year, "w11"), "u")->valueint, 4);
    cJSON_Delete(object);
}
END_TEST

START_TEST(other_apps_and_sets_stay_out)
{
    struct period period = scene_period("hour", 2026, 3, 17);

    play_golden();
    hit(1, scene_hour(2026, 3, 17, 0), HIT_T, SET_SOURCES, "store");
    expect("carriers", TIMEOBJECT_PERIOD, &period, "{\"meta\":{}}");
}
END_TEST

START_TEST(a_long_read_has_every_cell)
{
    enum { VALUES = 300, DAYS = 40 };
    struct period period = scene_period("60days", 2026, 3, 10);
    int64_t add[COUNT_FIELDS] = {[COUNT_T] = 1};

    for (int value = 0; value < VALUES; value++) {
        char name[16];
        snprintf(name, sizeof(name), "v%d", value);
        uint32_t id = scene_value(SET_DEVICES, text_of(name), 2026);
        for (int day = 0; day < DAYS; day++) {
            struct count count = {.app = SCENE_APP,
                                  .set = SET_DEVICES,
                                  .value = id,
                                  .hour = scene_hour(2026, 1, 20 + day, 0)};
            memcpy(count.add, add, sizeof(add));
            effect_count(scene_batch(), &count);
        }
        scene_apply();
        if (value == VALUES / 2)
            scene_checkpoint();
    }
    struct text answer = write_object("devices", TIMEOBJECT_PERIOD, &period);
    cJSON *object = cJSON_ParseWithLength(answer.at, answer.len);
    const cJSON *year = cJSON_GetObjectItem(object, "2026");
    const cJSON *february = cJSON_GetObjectItem(year, "2");
    ck_assert_int_eq(cJSON_GetArraySize(february), 28 + VALUES);
    ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItem(february, "28")),
                     VALUES);
    const cJSON *last = cJSON_GetObjectItem(year, "v299");
    ck_assert_int_eq(cJSON_GetObjectItem(last, "t")->valueint, DAYS);
    cJSON_Delete(object);
}
END_TEST

static Suite *timeobject_suite(void)
{
    Suite *suite = suite_create("timeobject");
    TCase *tcase = tcase_create("timeobject");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, nothing_stored_is_an_empty_object);
    tcase_add_test(tcase, a_session_is_seen_at_every_level);
    tcase_add_test(tcase, the_golden_users_are_merged);
    tcase_add_test(tcase, values_of_several_sets_stand_side_by_side);
    tcase_add_test(tcase, a_month_that_is_not_read_keeps_its_uniques);
    tcase_add_test(tcase, a_refresh_has_today_and_what_it_changed_above);
    tcase_add_test(tcase, a_full_read_has_all_years_and_no_sums);
    tcase_add_test(tcase, values_that_look_like_days_have_a_prefix);
    tcase_add_test(tcase, values_of_two_sets_with_one_name_add_up);
    tcase_add_test(tcase, names_are_escaped_unless_raw);
    tcase_add_test(tcase, what_was_retracted_is_gone);
    tcase_add_test(tcase, a_value_without_positive_counters_is_left_out);
    tcase_add_test(tcase, counters_win_over_values_with_their_names);
    tcase_add_test(tcase, other_apps_and_sets_stay_out);
    tcase_add_test(tcase, a_long_read_has_every_cell);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(timeobject_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
