#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "metrics/event.h"
#include "metrics/event_marks.h"
#include "metrics/event_set.h"

static struct arena *arena;

static void setup(void)
{
    arena = arena_create(1 << 20);
}

static void teardown(void)
{
    arena_destroy(arena);
}

static bool read_event(const char *json, struct event *event)
{
    struct scan_value item;
    struct scan scan;

    scan_init(&scan, text_of(json));
    ck_assert_msg(scan_read(&scan, &item), "%s", json);
    return event_read(&item, arena, event);
}

static bool read_keyed(const char *key, struct event *event)
{
    static char json[1024];

    snprintf(json, sizeof(json), "{\"key\":%s}", key);
    return read_event(json, event);
}

static const struct {
    const char *sent;
    const char *key; /* NULL: no event */
} keys[] = {
    {"\"buy\"", "buy"},
    {"\"a.b\"", "a.b"},
    {"\"a..b...c\"", "ab.c"},
    {"\"system.a$b\"", "ab"},
    {"\"$ystem.a\"", "ystem.a"},
    {"\"sys$tem.a\"", "system.a"},
    {"\"\\u0061\\n\"", "a\n"},
    {"5", "5"},
    {"true", "true"},
    {"[1]", "[1]"},
    {"{\"a\":1}", "{\"a\":1}"},
    {"0", NULL},
    {"false", NULL},
    {"null", NULL},
    {"\"\"", NULL},
    {"\"..$\"", NULL},
    {"\"[CLY]_view\"", "[CLY]_view"},
    {"\"[CLY]_llm_call\"", "[CLY]_llm_call"},
    {"\"[CLY]_views\"", NULL},
    {"\"[CLY]_\"", NULL},
    {"\"$[CLY]_none\"", NULL},
    {"\"[CLY]\"", "[CLY]"},
};

START_TEST(a_key_is_cleaned_up)
{
    struct event event;
    bool is_event = read_keyed(keys[_i].sent, &event);

    ck_assert_msg(is_event == (keys[_i].key != NULL), "%s", keys[_i].sent);
    if (is_event)
        ck_assert_msg(text_is(event.key, keys[_i].key), "%s gives %.*s",
                      keys[_i].sent, (int)event.key.len, event.key.at);
}
END_TEST

static bool read_repeated(const char *part, int times)
{
    char key[1024] = "\"";
    struct event event;

    for (int i = 0; i < times; i++)
        strcat(key, part);
    strcat(key, "\"");
    return read_keyed(key, &event);
}

START_TEST(a_key_has_a_greatest_length)
{
    ck_assert(read_repeated("k", 127));
    ck_assert(!read_repeated("k", 128));
    ck_assert(read_repeated("\xc3\xbc", 127));
    ck_assert(!read_repeated("\xc3\xbc", 128));
    ck_assert(read_repeated("\xf0\x9f\x98\x80", 63));
    ck_assert(!read_repeated("\xf0\x9f\x98\x80", 64));
    ck_assert(read_repeated("\xe2\x82\xac", 85));
    ck_assert(!read_repeated("\xe2\x82\xac", 86));
    ck_assert(read_repeated("$", 300) == false);
    ck_assert(read_repeated("k$$$", 127));
}
END_TEST

static const struct {
    const char *sent;
    int64_t count;
    int64_t units;
} numbers[] = {
    {"1", 1, 100000},
    {"3.9", 3, 390000},
    {"-2", -2, -200000},
    {"0", 0, 0},
    {"\"3\"", 3, 300000},
    {"\"3.5\"", 3, 350000},
    {"1e3", 1000, 100000000},
    {"\"x\"", 1, 0},
    {"\"3x\"", 1, 0},
    {"\"\"", 1, 0},
    {"\"0x10\"", 1, 0},
    {"\"infinity\"", 1, 0},
    {"\"--1\"", 1, 0},
    {"null", 1, 0},
    {"true", 1, 0},
    {"[2]", 1, 0},
    {"{}", 1, 0},
    {"1000000000", 1000000000, 100000000000000},
    {"1000000001", 0, 100000000100000},
    {"10000000000", 0, 1000000000000000},
    {"10000000001", 0, 0},
    {"-1e300", 0, 0},
    {"1e999", 1, 0},
    {"1.123456789", 1, 112346},
    {"0.000004", 0, 0},
    {"0.000006", 0, 1},
    {"9.99", 9, 999000},
};

START_TEST(numbers_count_as_whole_units)
{
    char json[256];
    struct event event;

    snprintf(json, sizeof(json),
             "{\"key\":\"e\",\"count\":%s,\"sum\":%s,\"dur\":%s}",
             numbers[_i].sent, numbers[_i].sent, numbers[_i].sent);
    ck_assert(read_event(json, &event));
    ck_assert_msg(event.count == numbers[_i].count, "%s", numbers[_i].sent);
    ck_assert_msg(event.sum == numbers[_i].units, "%s", numbers[_i].sent);
    ck_assert_int_eq(event.duration, event.sum);
}
END_TEST

START_TEST(an_event_has_what_was_sent_last)
{
    struct event event;

    ck_assert(read_event("{\"count\":2,\"other\":{\"key\":\"x\"},"
                         "\"timestamp\":1773741600123,\"key\":null,"
                         "\"segmentation\":{\"a\":1},\"count\":5,"
                         "\"k\\u0065y\":\"e\"}",
                         &event));
    ck_assert(text_is(event.key, "e"));
    ck_assert_int_eq(event.count, 5);
    ck_assert(text_is(event.timestamp, "1773741600123"));
    ck_assert(text_is(event.segmentation, "{\"a\":1}"));
    ck_assert(!read_event("{\"key\":\"e\",\"key\":\"\"}", &event));
    ck_assert(!read_event("[]", &event));
    ck_assert(!read_event("\"e\"", &event));
    ck_assert(read_event("{\"key\":\"e\",\"segmentation\":[1],"
                         "\"timestamp\":{}}",
                         &event));
    ck_assert_uint_eq(event.segmentation.len, 0);
    ck_assert_uint_eq(event.timestamp.len, 0);
}
END_TEST

static const struct {
    const char *sent; /* the members of a segmentation */
    const char *name; /* NULL: it has no segment */
    const char *value;
} segments[] = {
    {"\"a\":\"b\"", "a", "b"},
    {"\"$$a.b$\":\"c\"", "ab$", "c"},
    {"\"a\":\"$$b.c$\"", "a", "b:c$"},
    {"\"a\":1", "a", "[CLY]1"},
    {"\"a\":\"31\"", "a", "[CLY]31"},
    {"\"a\":\"$7\"", "a", "[CLY]7"},
    {"\"a\":32", "a", "32"},
    {"\"a\":0", "a", "0"},
    {"\"a\":\"01\"", "a", "01"},
    {"\"a\":3.0", "a", "[CLY]3"},
    {"\"a\":1.50", "a", "1:5"},
    {"\"a\":1e21", "a", "1e+21"},
    {"\"a\":true", "a", "true"},
    {"\"a\":null", "a", "null"},
    {"\"a\":{}", "a", "[object Object]"},
    {"\"a\":[]", NULL, NULL},
    {"\"a\":\"\"", NULL, NULL},
    {"\"a\":\"$\"", NULL, NULL},
    {"\"\":\"b\"", NULL, NULL},
    {"\"$..\":\"b\"", NULL, NULL},
    {"\"a\":[],\"b\":\"\",\"c\":\"d\"", "c", "d"},
    {"\"\\u0061\":\"\\u00fc\"", "a", "\xc3\xbc"},
};

START_TEST(a_segment_is_named)
{
    char json[256];
    struct scan scan;
    struct value name;
    struct value value;

    snprintf(json, sizeof(json), "{%s}", segments[_i].sent);
    scan_init(&scan, text_of(json));
    ck_assert(scan_enter(&scan, '{'));
    bool found = event_next_segment(&scan, arena, &name, &value);
    ck_assert_msg(found == (segments[_i].name != NULL), "%s", json);
    if (!found)
        return;
    ck_assert_msg(text_is(value_text(&name), segments[_i].name), "%s: %.*s",
                  json, name.len, name.bytes);
    ck_assert_msg(text_is(value_text(&value), segments[_i].value), "%s: %.*s",
                  json, value.len, value.bytes);
    ck_assert(!event_next_segment(&scan, arena, &name, &value));
}
END_TEST

START_TEST(names_and_values_are_cut_between_characters)
{
    char json[2048] = "{\"";
    struct scan scan;
    struct value name;
    struct value value;

    for (int i = 0; i < 128; i++)
        strcat(json, "\xc3\xbc");
    strcat(json, "\":\"");
    for (int i = 0; i < 300; i++)
        strcat(json, "v");
    strcat(json, "\"}");
    scan_init(&scan, text_of(json));
    ck_assert(scan_enter(&scan, '{'));
    ck_assert(event_next_segment(&scan, arena, &name, &value));
    ck_assert_uint_eq(name.len, 254);
    ck_assert_uint_eq(value.len, 255);
}
END_TEST

START_TEST(numbers_of_sets_can_be_taken_apart)
{
    uint32_t set =
        event_set(EVENT_ID_MAX, EVENT_SEGMENT_ID_MAX, EVENT_DURATIONS);

    ck_assert(event_set_is_one(set));
    ck_assert(!event_set_is_one(22));
    ck_assert_uint_eq(event_set_event(set), EVENT_ID_MAX);
    ck_assert_uint_eq(event_set_segment(set), EVENT_SEGMENT_ID_MAX);
    ck_assert_uint_eq(event_set_kind(set), EVENT_DURATIONS);
    ck_assert_uint_eq(event_set(1, 2, EVENT_COUNTS), 0x80010020);
}
END_TEST

START_TEST(a_mark_is_remembered_until_all_are_forgotten)
{
    struct event_marks *marks = event_marks_create();
    struct mark mark = {.app = 1, .ordinal = 2, .value = 3, .day = 20000};
    struct mark others[] = {mark, mark, mark, mark, mark};

    others[0].app++;
    others[1].ordinal++;
    others[2].value++;
    others[3].day++;
    others[4].set++;
    ck_assert(event_marks_add(marks, &mark));
    for (int i = 0; i < 5; i++)
        ck_assert(event_marks_add(marks, &others[i]));
    ck_assert(!event_marks_add(marks, &mark));
    for (int i = 0; i < 65536; i++) {
        event_marks_clear(marks);
        if (i % 1000 == 0 || i == 65535)
            ck_assert(event_marks_add(marks, &mark));
    }
    ck_assert(!event_marks_add(marks, &mark));
    event_marks_destroy(marks);
    event_marks_destroy(NULL);
}
END_TEST

#define LOOP(tcase, test, list) \
    tcase_add_loop_test(tcase, test, 0, (int)(sizeof(list) / sizeof((list)[0])))

static Suite *event_suite(void)
{
    Suite *suite = suite_create("event");
    TCase *tcase = tcase_create("event");

    tcase_add_checked_fixture(tcase, setup, teardown);
    LOOP(tcase, a_key_is_cleaned_up, keys);
    tcase_add_test(tcase, a_key_has_a_greatest_length);
    LOOP(tcase, numbers_count_as_whole_units, numbers);
    tcase_add_test(tcase, an_event_has_what_was_sent_last);
    LOOP(tcase, a_segment_is_named, segments);
    tcase_add_test(tcase, names_and_values_are_cut_between_characters);
    tcase_add_test(tcase, numbers_of_sets_can_be_taken_apart);
    tcase_add_test(tcase, a_mark_is_remembered_until_all_are_forgotten);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(event_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
