#include <check.h>
#include <stdlib.h>

#include "metrics/registry.h"

#define APP_JSON(number, id, key, zone)                                        \
    "{\"_number\":" number ",\"_id\":\"" id "\",\"name\":\"n\",\"key\":\"" key \
    "\",\"country\":\"TR\",\"timezone\":\"" zone                               \
    "\",\"category\":\"6\",\"type\":\"mobile\",\"extra\":\"kept\"}"

#define MEMBER_JSON(id, username, email, key)                          \
    "{\"_id\":\"" id "\",\"full_name\":\"f\",\"username\":\"" username \
    "\",\"email\":\"" email "\",\"password\":\"\",\"api_key\":\"" key "\"}"

#define APP "5b0000000000000000000001"
#define OTHER "5b0000000000000000000002"
#define UNKNOWN "5b00000000000000000000ff"
#define ADMIN "5c0000000000000000000000"
#define BOB "5c0000000000000000000001"
#define EVE "5c0000000000000000000002"

static struct zones *zones;
static struct registry *registry;
static struct batch batch;

static void load(uint8_t kind, const char *name, const char *json)
{
    ck_assert_int_eq(
        registry_load(registry, kind, text_of(name), text_of(json)), TALLY_OK);
}

static void open_zones(void)
{
    zones = zones_create();
}

static void close_zones(void)
{
    zones_destroy(zones);
}

static void open_registry(void)
{
    registry = registry_create(zones);
    batch_init(&batch);
    load(KIND_APP, APP, APP_JSON("1", APP, "k1", "Etc/GMT"));
    load(KIND_APP, OTHER, APP_JSON("2", OTHER, "k2", "Etc/GMT"));
    load(KIND_MEMBER, ADMIN, MEMBER_JSON(ADMIN, "admin", "a@x.y", "K0"));
}

static void close_registry(void)
{
    batch_finish(&batch);
    registry_destroy(registry);
}

START_TEST(an_app_is_found_by_id_and_key)
{
    const struct app *app = registry_app(registry, TEXT(APP));

    ck_assert_ptr_nonnull(app);
    ck_assert_ptr_eq(registry_app_by_key(registry, TEXT("k1")), app);
    ck_assert_ptr_eq(registry_app_at(registry, 0), app);
    ck_assert_uint_eq(app->number, 1);
    ck_assert_str_eq(zone_name(app->zone), "Etc/GMT");
    ck_assert_ptr_null(registry_app_at(registry, 2));
    ck_assert_ptr_null(registry_app(registry, TEXT(UNKNOWN)));
    ck_assert_ptr_null(registry_app_by_key(registry, TEXT("k")));
}
END_TEST

START_TEST(a_changed_key_finds_the_app_and_the_old_one_does_not)
{
    load(KIND_APP, APP, APP_JSON("7", APP, "new", "Europe/Berlin"));

    const struct app *app = registry_app_by_key(registry, TEXT("new"));

    ck_assert_ptr_nonnull(app);
    ck_assert_uint_eq(app->number, 7);
    ck_assert_str_eq(zone_name(app->zone), "Europe/Berlin");
    ck_assert_ptr_eq(registry_app_at(registry, 0), app);
    ck_assert_ptr_null(registry_app_by_key(registry, TEXT("k1")));
}
END_TEST

START_TEST(an_app_whose_zone_is_gone_is_kept_in_utc)
{
    load(KIND_APP, APP, APP_JSON("1", APP, "k1", "Nowhere/City"));

    const struct app *app = registry_app(registry, TEXT(APP));

    ck_assert_str_eq(zone_name(app->zone), "UTC");
    ck_assert_str_eq(app->timezone, "Nowhere/City");
}
END_TEST

START_TEST(a_member_is_found_by_everything_unique)
{
    load(KIND_MEMBER, BOB, MEMBER_JSON(BOB, "bob", "b@x.y", "K"));

    const struct member *bob = registry_member(registry, TEXT(BOB));

    ck_assert_ptr_nonnull(bob);
    ck_assert_ptr_eq(registry_member_by_api_key(registry, TEXT("K")), bob);
    ck_assert_ptr_eq(registry_member_by_username(registry, TEXT("bob")), bob);
    ck_assert_ptr_eq(registry_member_by_email(registry, TEXT("b@x.y")), bob);
    ck_assert_ptr_eq(registry_member_at(registry, 1), bob);
    ck_assert_ptr_null(registry_member_by_api_key(registry, TEXT("k")));
    ck_assert_ptr_null(registry_member_by_api_key(registry, TEXT("")));
    ck_assert_ptr_null(registry_member_by_email(registry, TEXT("")));
}
END_TEST

static const struct {
    uint8_t kind;
    const char *name;
    const char *json;
} damaged[] = {
    {KIND_APP, APP, "{"},
    {KIND_APP, APP, "{}"},
    {KIND_APP, APP, APP_JSON("0", APP, "k1", "UTC")},
    {KIND_APP, APP, APP_JSON("4294967296", APP, "k1", "UTC")},
    {KIND_APP, APP, APP_JSON("1", "short", "k1", "UTC")},
    {KIND_APP, APP, APP_JSON("1", UNKNOWN, "k9", "UTC")},
    {KIND_APP, APP, APP_JSON("1", APP, "k2", "UTC")},
    {KIND_MEMBER, BOB, "{}"},
    {KIND_MEMBER, BOB, MEMBER_JSON(EVE, "bob", "b@x.y", "K")},
    {KIND_MEMBER, BOB, MEMBER_JSON(BOB, "admin", "b@x.y", "K")},
    {KIND_MEMBER, BOB, MEMBER_JSON(BOB, "bob", "a@x.y", "K")},
    {KIND_MEMBER, BOB, MEMBER_JSON(BOB, "bob", "b@x.y", "K0")},
};

START_TEST(damage_is_told_and_changes_nothing)
{
    ck_assert_int_eq(registry_load(registry, damaged[_i].kind,
                                   text_of(damaged[_i].name),
                                   text_of(damaged[_i].json)),
                     TALLY_ERR_CORRUPT);

    const struct app *app = registry_app_by_key(registry, TEXT("k1"));

    ck_assert_ptr_nonnull(app);
    ck_assert_str_eq(app->name, "n");
    ck_assert_ptr_null(registry_member(registry, TEXT(BOB)));
}
END_TEST

START_TEST(documents_of_other_kinds_are_ignored)
{
    load(KIND_SETTING, "x", "not even JSON");
    ck_assert_ptr_nonnull(registry_app_at(registry, 1));
}
END_TEST

START_TEST(follows_what_a_batch_puts_and_erases)
{
    effect_erase_document(&batch, KIND_APP, TEXT(APP));
    effect_erase_document(&batch, KIND_APP, TEXT(UNKNOWN));
    effect_put(&batch, TABLE_USERS, TEXT("key"), TEXT("value"));
    effect_put_document(&batch, KIND_MEMBER, TEXT(BOB),
                        TEXT(MEMBER_JSON(BOB, "bob", "", "K")));
    effect_put_document(&batch, KIND_MEMBER, TEXT(EVE),
                        TEXT(MEMBER_JSON(EVE, "eve", "", "L")));
    effect_erase_document(&batch, KIND_MEMBER, TEXT(BOB));
    effect_drop(&batch, 1);
    ck_assert_int_eq(registry_accept(registry, &batch), TALLY_OK);

    ck_assert_ptr_null(registry_app(registry, TEXT(APP)));
    ck_assert_ptr_null(registry_app_by_key(registry, TEXT("k1")));
    ck_assert_ptr_eq(registry_app_at(registry, 0),
                     registry_app(registry, TEXT(OTHER)));
    ck_assert_ptr_null(registry_member_by_username(registry, TEXT("bob")));
    ck_assert_ptr_null(registry_member_by_api_key(registry, TEXT("K")));
    ck_assert_ptr_eq(registry_member_at(registry, 1),
                     registry_member_by_api_key(registry, TEXT("L")));
}
END_TEST

START_TEST(a_written_app_reads_back_the_same)
{
    struct app app;
    struct app again;
    struct buffer out;
    struct json json;

    ck_assert_int_eq(
        app_parse(TEXT(APP_JSON("9", APP, "\\\"<k>\\\"", "Asia/Kathmandu")),
                  &app),
        TALLY_OK);
    app.salt = "s";
    app.locked = true;
    app.created_at = 1684317600;
    buffer_init(&out, 4096);
    json_init(&json, &out, JSON_PLAIN);
    app_write(&json, &app);
    ck_assert_int_eq(app_parse(buffer_text(&out), &again), TALLY_OK);
    ck_assert_uint_eq(again.number, 9);
    ck_assert_str_eq(again.key, "\"<k>\"");
    ck_assert_str_eq(again.timezone, "Asia/Kathmandu");
    ck_assert_str_eq(again.salt, "s");
    ck_assert_ptr_null(again.checksum_salt);
    ck_assert(again.locked);
    ck_assert(!again.paused);
    ck_assert_int_eq(again.created_at, 1684317600);
    ck_assert_ptr_nonnull(cJSON_GetObjectItem(again.document, "extra"));
    buffer_finish(&out);
    app_finish(&again);
    app_finish(&app);
}
END_TEST

static Suite *registry_suite(void)
{
    Suite *suite = suite_create("registry");
    TCase *tcase = tcase_create("registry");

    tcase_add_unchecked_fixture(tcase, open_zones, close_zones);
    tcase_add_checked_fixture(tcase, open_registry, close_registry);
    tcase_add_test(tcase, an_app_is_found_by_id_and_key);
    tcase_add_test(tcase, a_changed_key_finds_the_app_and_the_old_one_does_not);
    tcase_add_test(tcase, an_app_whose_zone_is_gone_is_kept_in_utc);
    tcase_add_test(tcase, a_member_is_found_by_everything_unique);
    tcase_add_loop_test(tcase, damage_is_told_and_changes_nothing, 0,
                        sizeof(damaged) / sizeof(damaged[0]));
    tcase_add_test(tcase, documents_of_other_kinds_are_ignored);
    tcase_add_test(tcase, follows_what_a_batch_puts_and_erases);
    tcase_add_test(tcase, a_written_app_reads_back_the_same);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(registry_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
