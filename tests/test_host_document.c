/* Documents of plugins' own: whose they are, of which app, how much fits, and
 * that they are seen and stored with what else the handler changes. */
#include <stdio.h>
#include <stdlib.h>

#include "engine/dictionary.h"
#include "intake.h"
#include "metrics/call.h"
#include "metrics/host.h"
#include "metrics/kind.h"
#include "metrics/plugins.h"
#include "metrics/shelf.h"

enum { ARENA = 4 << 20, SEEN = 64 * 1024, MANY = 1000 };

static const char app1[] = "000000000000000000000001";

static struct plugins *plugins;
static const struct tally_host *host;
static struct arena *arena;
static struct tally_call one;
static struct tally_call two; /* another plugin's */
static char app_id[32];
static char seen[SEEN];

static int init(const struct tally_host *given, struct tally_plugin *self)
{
    (void)self;
    host = given;
    return 0;
}

static const struct tally_plugin_description descriptions[] = {
    {TALLY_PLUGIN_ABI, sizeof(descriptions[0]), "one", "1", "", 0, init, NULL},
    {TALLY_PLUGIN_ABI, sizeof(descriptions[0]), "two", "1", "", 0, init, NULL},
};

static struct tally_text text(const char *string)
{
    return (struct tally_text){string, strlen(string)};
}

static const struct tally_text none = {NULL, 0};

static struct tally_call call_of(unsigned number)
{
    char reason[PLUGIN_REASON_SIZE] = "";
    struct tally_call call = {.plugins = plugins,
                              .tally = intake_tally,
                              .arena = arena,
                              .batch = &intake_tally->batch};

    ck_assert_msg(plugins_add(plugins, &descriptions[number], &call.plugin,
                              reason) == TALLY_OK,
                  "%s", reason);
    return call;
}

static void setup(void)
{
    static const struct plugins_runtime runtime = {.version = "1"};

    intake_open(NULL);
    batch_clear(&intake_tally->batch);
    plugins = plugins_create(&runtime);
    arena = arena_create(ARENA);
    one = call_of(0);
    two = call_of(1);
    snprintf(app_id, sizeof(app_id), "%s",
             registry_app_at(intake_tally->registry, 0)->id);
    seen[0] = '\0';
}

static void teardown(void)
{
    plugins_destroy(plugins);
    arena_destroy(arena);
    intake_close();
}

static void apply(void)
{
    ck_assert_int_eq(tally_apply(intake_tally), TALLY_OK);
    engine_turn(intake_engine);
}

static int try_put(struct tally_call *call, const char *app, const char *id,
                   const char *json)
{
    return host->document_put(call, text(app), "daily", text(id), text(json));
}

static void put(struct tally_call *call, const char *app, const char *id,
                const char *json)
{
    ck_assert_int_eq(try_put(call, app, id, json), 0);
}

static void erase(struct tally_call *call, const char *app, const char *id)
{
    ck_assert_int_eq(host->document_erase(call, text(app), "daily", text(id)),
                     0);
}

static void expect(struct tally_call *call, const char *app, const char *id,
                   const char *json)
{
    struct tally_text found;

    ck_assert_int_eq(
        host->document_get(call, text(app), "daily", text(id), &found), 0);
    ck_assert(text_is(host_text(found), json));
}

static void expect_none(struct tally_call *call, const char *app,
                        const char *id)
{
    struct tally_text found;

    ck_assert_int_eq(
        host->document_get(call, text(app), "daily", text(id), &found),
        TALLY_E_NOT_FOUND);
}

static int note(void *user, struct tally_text id, struct tally_text json)
{
    size_t len = strlen(seen);
    int *left = user;

    ck_assert_int_lt(snprintf(seen + len, SEEN - len, "%.*s=%.*s ", (int)id.len,
                              id.at, (int)json.len, json.at),
                     (int)(SEEN - len));
    return left && --*left == 0;
}

static void expect_each(struct tally_call *call, const char *app,
                        const char *prefix, const char *after,
                        const char *expected)
{
    seen[0] = '\0';
    ck_assert_int_eq(host->document_each(call, text(app), "daily", text(prefix),
                                         text(after), note, NULL),
                     0);
    ck_assert_str_eq(seen, expected);
}

START_TEST(plugins_have_collections_of_one_name_apart)
{
    put(&one, "", "a", "1");
    expect_none(&two, "", "a");
    put(&two, "", "a", "2");
    apply();
    expect(&one, "", "a", "1");
    expect(&two, "", "a", "2");
    erase(&two, "", "a");
    expect(&one, "", "a", "1");
    expect_each(&one, "", "", "", "a=1 ");
    expect_each(&two, "", "", "", "");
}
END_TEST

START_TEST(collections_of_a_plugin_are_apart)
{
    struct tally_text found;

    put(&one, "", "a", "1");
    ck_assert_int_eq(host->document_get(&one, none, "other", text("a"), &found),
                     TALLY_E_NOT_FOUND);
    ck_assert_int_eq(
        host->document_put(&one, none, "other", text("a"), text("2")), 0);
    apply();
    expect(&one, "", "a", "1");
    ck_assert_int_eq(host->document_get(&one, none, "other", text("a"), &found),
                     0);
    ck_assert(text_is(host_text(found), "2"));
}
END_TEST

START_TEST(apps_have_documents_of_their_own)
{
    intake_add_app(app1, "k2", NULL, NULL);
    batch_clear(&intake_tally->batch);
    put(&one, app_id, "a", "1");
    put(&one, app1, "a", "2");
    put(&one, "", "a", "3");
    expect(&one, app_id, "a", "1");
    apply();
    expect(&one, app_id, "a", "1");
    expect(&one, app1, "a", "2");
    expect(&one, "", "a", "3");
    erase(&one, app1, "a");
    expect_each(&one, app_id, "", "", "a=1 ");
    expect_each(&one, app1, "", "", "");
    expect_each(&one, "", "", "", "a=3 ");
}
END_TEST

START_TEST(there_is_no_unknown_app)
{
    static const char *const ids[] = {"x", "0", "ffffffffffffffffffffffff"};
    struct tally_text found;

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        ck_assert_int_eq(try_put(&one, ids[i], "a", "1"), TALLY_E_NOT_FOUND);
        ck_assert_int_eq(
            host->document_get(&one, text(ids[i]), "daily", text("a"), &found),
            TALLY_E_NOT_FOUND);
        ck_assert_int_eq(
            host->document_erase(&one, text(ids[i]), "daily", text("a")),
            TALLY_E_NOT_FOUND);
        ck_assert_int_eq(host->document_each(&one, text(ids[i]), "daily", none,
                                             none, note, NULL),
                         TALLY_E_NOT_FOUND);
    }
    ck_assert(batch_is_empty(&intake_tally->batch));
}
END_TEST

START_TEST(a_handler_sees_what_it_has_changed)
{
    struct tally_call other = one;

    other.batch = NULL;
    put(&one, "", "a", "1");
    put(&one, "", "b", "2");
    apply();
    put(&one, "", "a", "[3]");
    put(&one, "", "c", "4");
    erase(&one, "", "b");
    erase(&one, "", "never");
    expect(&one, "", "a", "[3]");
    expect_none(&one, "", "b");
    expect(&other, "", "a", "1");
    expect(&other, "", "b", "2");
    expect_each(&one, "", "", "", "a=[3] c=4 ");
    expect_each(&other, "", "", "", "a=1 b=2 ");
    put(&one, "", "b", "5");
    expect_each(&one, "", "", "", "a=[3] b=5 c=4 ");
    apply();
    expect_each(&other, "", "", "", "a=[3] b=5 c=4 ");
    intake_checkpoint();
    expect_each(&other, "", "", "", "a=[3] b=5 c=4 ");
    intake_audit();
}
END_TEST

START_TEST(where_nothing_can_change_documents_can_be_read)
{
    put(&one, "", "a", "1");
    apply();
    one.batch = NULL;
    ck_assert_int_eq(try_put(&one, "", "a", "2"), TALLY_E_NOT_HERE);
    ck_assert_int_eq(host->document_erase(&one, none, "daily", text("a")),
                     TALLY_E_NOT_HERE);
    expect(&one, "", "a", "1");
}
END_TEST

START_TEST(what_was_read_outlives_what_is_read_next)
{
    struct tally_text a;
    struct tally_text b;

    put(&one, "", "a", "\"first\"");
    put(&one, "", "b", "\"other\"");
    apply();
    intake_checkpoint();
    host->document_get(&one, none, "daily", text("a"), &a);
    host->document_get(&one, none, "daily", text("b"), &b);
    put(&one, "", "a", "\"third\"");
    apply();
    ck_assert(text_is(host_text(a), "\"first\""));
    ck_assert(text_is(host_text(b), "\"other\""));
}
END_TEST

START_TEST(an_id_has_bytes_of_any_kind)
{
    static const char *const ids[] = {"\0", "\xff\xfe", "a\0b", "a\0c", "/"};
    static const size_t lens[] = {1, 2, 3, 3, 1};
    char longest[SHELF_ID_MAX + 1];
    struct tally_text found;
    char json[16];

    memset(longest, 0xff, sizeof(longest));
    for (int i = 0; i < 5; i++) {
        snprintf(json, sizeof(json), "%d", i);
        ck_assert_int_eq(host->document_put(
                             &one, none, "daily",
                             (struct tally_text){ids[i], lens[i]}, text(json)),
                         0);
    }
    ck_assert_int_eq(host->document_put(
                         &one, none, "daily",
                         (struct tally_text){longest, SHELF_ID_MAX}, text("5")),
                     0);
    apply();
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(
            host->document_get(&one, none, "daily",
                               (struct tally_text){ids[i], lens[i]}, &found),
            0);
        ck_assert_int_eq(found.at[0] - '0', i);
    }
    ck_assert_int_eq(
        host->document_get(&one, none, "daily",
                           (struct tally_text){longest, SHELF_ID_MAX}, &found),
        0);
    ck_assert(text_is(host_text(found), "5"));
}
END_TEST

START_TEST(an_id_has_one_byte_at_least_and_200_at_most)
{
    static const char longest[SHELF_ID_MAX + 1] = "a";
    const struct tally_text wrong[] = {none, {"", 0}, {longest, 201}};
    struct tally_text found;

    put(&one, "", "a", "1");
    apply();
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(
            host->document_put(&one, none, "daily", wrong[i], text("1")),
            TALLY_E_INVALID);
        ck_assert_int_eq(
            host->document_get(&one, none, "daily", wrong[i], &found),
            TALLY_E_INVALID);
        ck_assert_int_eq(host->document_erase(&one, none, "daily", wrong[i]),
                         TALLY_E_INVALID);
    }
    ck_assert_int_eq(
        host->document_each(&one, none, "daily", wrong[2], none, note, NULL),
        TALLY_E_INVALID);
    ck_assert(batch_is_empty(&intake_tally->batch));
}
END_TEST

START_TEST(a_collection_has_a_name_that_is_one)
{
    char longest[SHELF_NAME_MAX + 2] = {0};
    const char *const wrong[] = {NULL, "", "a/b", "a b", "\xc3\xa4", longest};
    struct tally_text found;

    memset(longest, 'x', SHELF_NAME_MAX + 1);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ck_assert_int_eq(
            host->document_put(&one, none, wrong[i], text("a"), text("1")),
            TALLY_E_INVALID);
        ck_assert_int_eq(
            host->document_get(&one, none, wrong[i], text("a"), &found),
            TALLY_E_INVALID);
        ck_assert_int_eq(host->document_erase(&one, none, wrong[i], text("a")),
                         TALLY_E_INVALID);
        ck_assert_int_eq(
            host->document_each(&one, none, wrong[i], none, none, note, NULL),
            TALLY_E_INVALID);
    }
    ck_assert(batch_is_empty(&intake_tally->batch));
    longest[SHELF_NAME_MAX] = '\0';
    ck_assert_int_eq(
        host->document_put(&one, none, longest, text("a"), text("1")), 0);
}
END_TEST

START_TEST(a_document_is_one_json_value)
{
    static const char *const wrong[] = {
        "",         "{",    "{}{}",         "{'a':1}", "nul",
        "\"\xff\"", "[1,]", "\"\xc3\x28\"", "01",      "\"a\nb\""};
    static const char *const right[] = {
        "{}",     "[]",           "null",           "true",
        "-1.5e3", "\"\xc3\xa4\"", " {\"a\" : [1]} "};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        ck_assert_msg(try_put(&one, "", "a", wrong[i]) == TALLY_E_INVALID,
                      "<%s>", wrong[i]);
    ck_assert(batch_is_empty(&intake_tally->batch));
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        put(&one, "", "a", right[i]);
        expect(&one, "", "a", right[i]);
    }
}
END_TEST

/* A string of so many bytes. */
static struct tally_text document(size_t size)
{
    static char bytes[SHELF_DOCUMENT_MAX + 1];

    memset(bytes, 'x', size);
    bytes[0] = bytes[size - 1] = '"';
    return (struct tally_text){bytes, size};
}

START_TEST(a_document_has_64_kilobytes_at_most)
{
    struct tally_text found;

    ck_assert_int_eq(host->document_put(&one, none, "daily", text("a"),
                                        document(SHELF_DOCUMENT_MAX + 1)),
                     TALLY_E_TOO_BIG);
    ck_assert(batch_is_empty(&intake_tally->batch));
    ck_assert_int_eq(host->document_put(&one, none, "daily", text("a"),
                                        document(SHELF_DOCUMENT_MAX)),
                     0);
    apply();
    ck_assert_int_eq(host->document_get(&one, none, "daily", text("a"), &found),
                     0);
    ck_assert_uint_eq(found.len, SHELF_DOCUMENT_MAX);
}
END_TEST

START_TEST(a_batch_without_room_refuses_and_keeps_what_it_has)
{
    char id[16];
    int did = 0;
    int count = 0;

    for (; did == 0 && count < MANY; count++) {
        snprintf(id, sizeof(id), "%04d", count);
        did = host->document_put(&one, none, "daily", text(id),
                                 document(SHELF_DOCUMENT_MAX));
    }
    ck_assert_int_eq(did, TALLY_E_TOO_BIG);
    ck_assert(batch_is_whole(&intake_tally->batch));
    size_t size = batch_size(&intake_tally->batch);
    ck_assert_int_eq(host->document_put(&one, none, "new", text("a"),
                                        document(SHELF_DOCUMENT_MAX)),
                     TALLY_E_TOO_BIG);
    ck_assert_uint_eq(batch_size(&intake_tally->batch), size);
    apply();
    expect_none(&one, "", id);
    snprintf(id, sizeof(id), "%04d", count - 2);
    struct tally_text found;
    ck_assert_int_eq(host->document_get(&one, none, "daily", text(id), &found),
                     0);
    intake_audit();
}
END_TEST

START_TEST(a_batch_that_overflowed_stays_marked)
{
    put(&one, "", "a", "1");
    apply();
    while (batch_is_whole(&intake_tally->batch)) {
        struct key key = key_document(1, TEXT("x"));
        effect_put(&intake_tally->batch, TABLE_DOCUMENTS, key_text(&key),
                   host_text(document(SHELF_DOCUMENT_MAX)));
    }
    ck_assert_int_eq(try_put(&one, "", "b", "1"), TALLY_E_TOO_BIG);
    ck_assert(!batch_is_whole(&intake_tally->batch));
}
END_TEST

START_TEST(documents_come_by_rising_id)
{
    static const char *const ids[] = {"b", "ab", "a", "c1", "c", "c10", "\xff"};

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        put(&one, "", ids[i], "0");
        if (i == 3)
            apply();
        if (i == 4)
            intake_checkpoint();
    }
    expect_each(&one, "", "", "", "a=0 ab=0 b=0 c=0 c1=0 c10=0 \xff=0 ");
    expect_each(&one, "", "c", "", "c=0 c1=0 c10=0 ");
    expect_each(&one, "", "c", "c", "c1=0 c10=0 ");
    expect_each(&one, "", "", "b", "c=0 c1=0 c10=0 \xff=0 ");
    expect_each(&one, "", "", "bb", "c=0 c1=0 c10=0 \xff=0 ");
    expect_each(&one, "", "c1", "d", "");
    expect_each(&one, "", "x", "", "");
    int left = 2;
    seen[0] = '\0';
    ck_assert_int_eq(
        host->document_each(&one, none, "daily", none, none, note, &left), 0);
    ck_assert_str_eq(seen, "a=0 ab=0 ");
}
END_TEST

static void put_many(void)
{
    char id[16];

    for (int i = 0; i < MANY; i++) {
        snprintf(id, sizeof(id), "%04d", i);
        put(&one, "", id, "{\"n\":1}");
        if (i % 100 == 99)
            apply();
    }
}

struct walk {
    int count;
    char last[8];
};

/* Changes what it is given, and reads something else first. */
static int change(void *user, struct tally_text id, struct tally_text json)
{
    struct walk *walk = user;
    char now[8];

    expect(&one, "", "0007", "{\"n\":1}");
    snprintf(now, sizeof(now), "%.*s", (int)id.len, id.at);
    ck_assert_str_gt(now, walk->last);
    memcpy(walk->last, now, sizeof(now));
    ck_assert(text_is(host_text(json), "{\"n\":1}"));
    if (walk->count++ % 2 == 0)
        erase(&one, "", now);
    else if (strcmp(now, "0007") != 0)
        put(&one, "", now, "2");
    return 0;
}

START_TEST(what_is_given_may_be_read_and_changed)
{
    struct walk walk = {0, ""};

    put_many();
    ck_assert_int_eq(
        host->document_each(&one, none, "daily", none, none, change, &walk), 0);
    ck_assert_int_eq(walk.count, MANY);
    apply();
    expect_each(&one, "", "000", "",
                "0001=2 0003=2 0005=2 0007={\"n\":1} "
                "0009=2 ");
    intake_audit();
}
END_TEST

static int count_bytes(void *user, struct tally_text id, struct tally_text json)
{
    (void)id;
    *(size_t *)user += json.len;
    return 0;
}

START_TEST(documents_of_many_pages_come_whole)
{
    size_t bytes = 0;

    for (char id = 'a'; id < 'a' + 12; id++) {
        ck_assert_int_eq(host->document_put(&one, none, "daily",
                                            (struct tally_text){&id, 1},
                                            document(SHELF_DOCUMENT_MAX)),
                         0);
        apply();
        intake_checkpoint();
    }
    ck_assert_int_eq(host->document_each(&one, none, "daily", none, none,
                                         count_bytes, &bytes),
                     0);
    ck_assert_uint_eq(bytes, 12 * SHELF_DOCUMENT_MAX);
}
END_TEST

/* What /i/apps/delete and /i/apps/reset do to the app's data. */
static void delete (const char *id)
{
    const struct app *app = registry_app(intake_tally->registry, text_of(id));

    effect_erase_document(one.batch, KIND_APP, text_of(id));
    effect_drop(one.batch, app->number);
}

static void reset(const char *id)
{
    const struct app *app = registry_app(intake_tally->registry, text_of(id));
    struct app copy = *app;

    ck_assert_int_eq(
        dictionary_next_app(intake_engine, one.batch, &copy.number), TALLY_OK);
    ck_assert(app_put(one.batch, &copy));
    effect_drop(one.batch, app->number);
}

/* Until the sweep has taken what is garbage. */
static void expect_records(unsigned count)
{
    for (int i = 0; i < 500 && intake_records(TABLE_RECORDS) > count; i++) {
        put(&two, "", "turn", "0");
        apply();
        intake_checkpoint();
    }
    ck_assert_uint_eq(intake_records(TABLE_RECORDS), count);
}

static void put_for_all(void)
{
    intake_add_app(app1, "k2", NULL, NULL);
    batch_clear(&intake_tally->batch);
    put(&two, "", "turn", "0");
    put(&one, app1, "a", "1");
    put(&one, app_id, "a", "2");
    put(&one, "", "a", "3");
    apply();
    intake_checkpoint();
}

START_TEST(documents_go_with_an_app_that_is_deleted)
{
    put_for_all();
    put(&one, app1, "before", "4");
    delete (app1);
    put(&one, app1, "after", "5");
    apply();
    ck_assert_int_eq(try_put(&one, app1, "b", "1"), TALLY_E_NOT_FOUND);
    intake_audit();
    expect_records(3);
    intake_audit();
    expect(&one, app_id, "a", "2");
    expect(&one, "", "a", "3");
}
END_TEST

START_TEST(documents_go_with_the_data_of_an_app_that_is_reset)
{
    put_for_all();
    put(&one, app1, "before", "4");
    reset(app1);
    put(&one, app1, "after", "5");
    apply();
    expect_each(&one, app1, "", "", "");
    put(&one, app1, "a", "6");
    apply();
    expect_each(&one, app1, "", "", "a=6 ");
    intake_audit();
    expect_records(4);
    intake_audit();
    intake_reopen();
    one.tally = two.tally = intake_tally;
    one.batch = two.batch = &intake_tally->batch;
    expect_each(&one, app1, "", "", "a=6 ");
    expect(&one, app_id, "a", "2");
    expect(&one, "", "a", "3");
}
END_TEST

START_TEST(apps_are_given_by_id)
{
    intake_add_app(app1, "k2", NULL, NULL);
    ck_assert_int_eq(host->app_each(&one, note, NULL), 0);
    ck_assert(strstr(seen, app1) != NULL);
    ck_assert(strstr(seen, app_id) != NULL);
    int left = 1;
    seen[0] = '\0';
    ck_assert_int_eq(host->app_each(&one, note, &left), 0);
    ck_assert_uint_eq(strlen(seen), strlen(app_id) + 2);
}
END_TEST

static Suite *host_document_suite(void)
{
    Suite *suite = suite_create("host_document");
    TCase *tcase = tcase_create("host_document");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, plugins_have_collections_of_one_name_apart);
    tcase_add_test(tcase, collections_of_a_plugin_are_apart);
    tcase_add_test(tcase, apps_have_documents_of_their_own);
    tcase_add_test(tcase, there_is_no_unknown_app);
    tcase_add_test(tcase, a_handler_sees_what_it_has_changed);
    tcase_add_test(tcase, where_nothing_can_change_documents_can_be_read);
    tcase_add_test(tcase, what_was_read_outlives_what_is_read_next);
    tcase_add_test(tcase, an_id_has_bytes_of_any_kind);
    tcase_add_test(tcase, an_id_has_one_byte_at_least_and_200_at_most);
    tcase_add_test(tcase, a_collection_has_a_name_that_is_one);
    tcase_add_test(tcase, a_document_is_one_json_value);
    tcase_add_test(tcase, a_document_has_64_kilobytes_at_most);
    tcase_add_test(tcase, a_batch_without_room_refuses_and_keeps_what_it_has);
    tcase_add_test(tcase, a_batch_that_overflowed_stays_marked);
    tcase_add_test(tcase, documents_come_by_rising_id);
    tcase_add_test(tcase, what_is_given_may_be_read_and_changed);
    tcase_add_test(tcase, documents_of_many_pages_come_whole);
    tcase_add_test(tcase, documents_go_with_an_app_that_is_deleted);
    tcase_add_test(tcase, documents_go_with_the_data_of_an_app_that_is_reset);
    tcase_add_test(tcase, apps_are_given_by_id);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(host_document_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
