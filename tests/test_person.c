#include <stdio.h>
#include <stdlib.h>

#include "intake.h"
#include "metrics/person.h"

/* 2026-03-02 10:00 UTC. */
enum { START = 1772445600, DAY = 20514, HOUR = 3600 };

static void setup(void)
{
    intake_open(NULL);
}

static void teardown(void)
{
    intake_audit();
    intake_reopen();
    intake_audit();
    intake_close();
}

#define SEND(at, did, members)    \
    intake_ok(START + (at), "%s", \
              "{\"app_key\":\"k1\",\"device_id\":\"" did "\"" members "}")

#define BEGIN ",\"begin_session\":1"
#define END ",\"end_session\":1"
#define SECONDS(n) ",\"session_duration\":" #n
#define OLD(did) ",\"old_device_id\":\"" did "\""
#define OS(name) ",\"metrics\":{\"_os\":\"" name "\"}"

static struct user user_of(const char *did)
{
    struct user user;

    ck_assert(intake_user(did, &user));
    return user;
}

static bool exists(const char *did)
{
    struct user user;

    return intake_user(did, &user);
}

static int64_t whole(enum cell_field field)
{
    return intake_day(SET_USERS, NULL, DAY, field);
}

START_TEST(a_known_user_goes_on_under_a_new_id)
{
    SEND(0, "A", BEGIN OS("iOS"));
    uint32_t ordinal = intake_ordinal("A");
    SEND(HOUR, "B", BEGIN OLD("A") OS("iOS"));
    ck_assert(!exists("A"));
    ck_assert_uint_eq(intake_ordinal("B"), ordinal);
    ck_assert_uint_eq(user_of("B").sc, 2);
    ck_assert_uint_eq(user_of("B").fs, START);
    ck_assert_uint_eq(user_of("B").merges, 0);
    ck_assert_int_eq(whole(CELL_N), 1);
    ck_assert_int_eq(whole(CELL_U), 1);
    ck_assert_int_eq(intake_active(SET_USERS, NULL, DAY), 1);
}
END_TEST

START_TEST(the_old_id_is_free_at_once)
{
    SEND(0, "A", BEGIN);
    SEND(60, "B", OLD("A"));
    SEND(120, "A", BEGIN);
    ck_assert_uint_eq(user_of("A").sc, 1);
    ck_assert_uint_ne(intake_ordinal("A"), intake_ordinal("B"));
    ck_assert_int_eq(whole(CELL_N), 2);
}
END_TEST

START_TEST(an_id_may_change_to_and_fro)
{
    SEND(0, "A", BEGIN);
    uint32_t ordinal = intake_ordinal("A");
    SEND(60, "B", OLD("A"));
    SEND(120, "A", OLD("B"));
    ck_assert_uint_eq(intake_ordinal("A"), ordinal);
    ck_assert(!exists("B"));
    ck_assert_uint_eq(user_of("A").sc, 1);
}
END_TEST

START_TEST(an_unknown_old_id_changes_nothing)
{
    SEND(0, "A", BEGIN OLD("nobody"));
    ck_assert_uint_eq(user_of("A").merges, 0);
    ck_assert_int_eq(whole(CELL_N), 1);
}
END_TEST

START_TEST(nobody_is_merged_with_himself)
{
    SEND(0, "A", BEGIN);
    SEND(60, "A", BEGIN OLD("A"));
    ck_assert_uint_eq(user_of("A").merges, 0);
    ck_assert_uint_eq(user_of("A").sc, 2);
}
END_TEST

/* Two known users; the later one is the old id (0) or the new one (1). */
static void send_two(bool new_is_later)
{
    static const char *const first[] = {"new", "old"};
    static const char *const second[] = {"old", "new"};

    intake_ok(START,
              "{\"app_key\":\"k1\",\"device_id\":\"%s\"" BEGIN SECONDS(
                  20) ",\"country_code\":\"DE\",\"region\":\"HE\""
                      ",\"metrics\":{\"_os\":\"iOS\",\"_carrier\":\"First\"}}",
              first[new_is_later]);
    intake_ok(START + HOUR,
              "{\"app_key\":\"k1\",\"device_id\":\"%s\"" BEGIN SECONDS(
                  7) ",\"country_code\":\"FR\",\"location\":\"1,2\""
                     ",\"metrics\":{\"_os\":\"Linux\",\"_device\":\"Second\"}}",
              second[new_is_later]);
}

START_TEST(of_two_known_users_the_later_one_wins)
{
    send_two(_i);
    uint32_t ordinal = intake_ordinal("new");
    SEND(2 * HOUR, "new", OLD("old"));
    struct user user = user_of("new");
    ck_assert_uint_eq(intake_ordinal("new"), ordinal);
    ck_assert(!exists("old"));
    ck_assert_uint_eq(user.sc, 2);
    ck_assert_uint_eq(user.tsd, 27);
    ck_assert_uint_eq(user.sd, 7);
    ck_assert_uint_eq(user.fs, START);
    ck_assert_uint_eq(user.ls, START + HOUR);
    ck_assert_uint_eq(user.merges, 1);
    ck_assert(user.is_open);
    ck_assert_str_eq(intake_value("new", SET_OS), "Linux");
    ck_assert_str_eq(intake_value("new", SET_COUNTRIES), "FR");
    ck_assert_str_eq(intake_value("new", SET_CARRIERS), "First");
    ck_assert_str_eq(intake_value("new", SET_DEVICES), "Second");
    /* Counters stay, exact users shrink. */
    ck_assert_int_eq(whole(CELL_N), 2);
    ck_assert_int_eq(whole(CELL_U), 2);
    ck_assert_int_eq(intake_active(SET_USERS, NULL, DAY), 1);
}
END_TEST

START_TEST(a_merged_user_is_not_new_again)
{
    send_two(_i);
    SEND(2 * HOUR, "new", BEGIN OLD("old") ",\"country_code\":\"FR\"");
    ck_assert_int_eq(whole(CELL_T), 3);
    ck_assert_int_eq(whole(CELL_N), 2);
    ck_assert_int_eq(whole(CELL_U), 2);
    ck_assert_uint_eq(user_of("new").sc, 3);
    /* The winner's session is closed by the new one, the other's dropped. */
    ck_assert_int_eq(intake_day(SET_DURATIONS, "0", DAY, CELL_U), 1);
    ck_assert_int_eq(intake_day(SET_DURATIONS, "1", DAY, CELL_U), 0);
}
END_TEST

START_TEST(values_that_a_merge_brings_are_marked)
{
    SEND(-24 * HOUR, "B", BEGIN ",\"metrics\":{\"_carrier\":\"First\"}");
    SEND(0, "A", BEGIN OS("iOS"));
    SEND(60, "B", BEGIN OLD("A") ",\"metrics\":{\"_carrier\":\"First\"}");
    ck_assert_int_eq(intake_day(SET_CARRIERS, "First", DAY, CELL_T), 1);
    ck_assert_int_eq(intake_active(SET_CARRIERS, "First", DAY), 1);
}
END_TEST

START_TEST(a_user_without_sessions_may_be_merged)
{
    SEND(0, "A", SECONDS(5));
    SEND(60, "B", BEGIN);
    SEND(120, "B", OLD("A"));
    ck_assert_uint_eq(user_of("B").sc, 1);
    ck_assert_uint_eq(user_of("B").tsd, 5);
    ck_assert_uint_eq(user_of("B").fs, START + 60);
    ck_assert_int_eq(whole(CELL_N), 1);
}
END_TEST

START_TEST(chains_of_merges_lead_to_the_last)
{
    SEND(0, "A", BEGIN);
    SEND(1, "B", BEGIN);
    SEND(2, "C", BEGIN);
    SEND(3, "B", OLD("A"));
    SEND(4, "C", OLD("B"));
    ck_assert_uint_eq(user_of("C").merges, 2);
    ck_assert_uint_eq(user_of("C").sc, 3);
    ck_assert_int_eq(intake_active(SET_USERS, NULL, DAY), 1);
    /* Late: A is somebody else now, and is merged anew. */
    SEND(5, "A", BEGIN);
    SEND(6, "C", OLD("A"));
    ck_assert_uint_eq(user_of("C").merges, 3);
    ck_assert_int_eq(whole(CELL_N), 4);
    ck_assert_int_eq(intake_active(SET_USERS, NULL, DAY), 1);
}
END_TEST

START_TEST(an_end_before_a_merge_can_be_resumed_after_it)
{
    SEND(0, "A", BEGIN);
    SEND(20, "B", BEGIN);
    SEND(60, "B", SECONDS(40) END);
    SEND(65, "A", BEGIN OLD("B"));
    ck_assert_int_eq(intake_day(SET_DURATIONS, "2", DAY, CELL_U), 0);
    ck_assert_int_eq(whole(CELL_T), 2);
    SEND(70, "A", END);
    ck_assert_int_eq(intake_day(SET_DURATIONS, "2", DAY, CELL_U), 1);
}
END_TEST

static const char *send_stamped(int at, const char *did, const char *more)
{
    char json[512];

    snprintf(json, sizeof(json),
             "{\"app_key\":\"k1\",\"device_id\":\"%s\",\"timestamp\":%d%s}",
             did, START + at, more);
    return intake_send(START + 1000, json);
}

START_TEST(a_merged_user_knows_the_requests_of_both)
{
    send_stamped(0, "A", BEGIN);
    send_stamped(1, "B", BEGIN);
    send_stamped(2, "B", OLD("A"));
    ck_assert_uint_eq(user_of("B").ring_count, 3);
    ck_assert_str_eq(send_stamped(1, "B", BEGIN), INTAKE_DUPLICATE);
    ck_assert_str_eq(send_stamped(2, "B", OLD("A")), INTAKE_DUPLICATE);
    /* Of a full ring the newest stay: those of the winner first. */
    for (int i = 10; i < 16; i++)
        ck_assert_str_eq(send_stamped(i, "C", ""), INTAKE_SUCCESS);
    send_stamped(20, "B", OLD("C"));
    ck_assert_uint_eq(user_of("B").ring_count, USER_RING);
    ck_assert_str_eq(send_stamped(20, "B", OLD("C")), INTAKE_DUPLICATE);
    ck_assert_str_eq(send_stamped(1, "B", BEGIN), INTAKE_DUPLICATE);
}
END_TEST

START_TEST(a_rename_sent_twice_is_a_duplicate)
{
    send_stamped(0, "A", BEGIN);
    ck_assert_str_eq(send_stamped(60, "B", BEGIN OLD("A")), INTAKE_SUCCESS);
    ck_assert_str_eq(send_stamped(60, "B", BEGIN OLD("A")), INTAKE_DUPLICATE);
    ck_assert_uint_eq(user_of("B").sc, 2);
}
END_TEST

START_TEST(a_value_kept_as_text_survives_rename_and_merge)
{
    intake_tally->settings.metric_limit = 1;
    SEND(0, "X", BEGIN OS("iOS"));
    SEND(1, "A", BEGIN OS("Linux"));
    SEND(2, "B", OLD("A"));
    ck_assert_str_eq(intake_value("B", SET_OS), "Linux");
    SEND(3, "C", BEGIN);
    SEND(4, "C", OLD("B"));
    ck_assert_str_eq(intake_value("C", SET_OS), "Linux");
}
END_TEST

START_TEST(a_merge_moves_a_user_among_the_latest)
{
    struct recent_user list[RECENT_MAX];

    SEND(0, "new", BEGIN);
    for (int i = 1; i <= RECENT_MAX + 10; i++)
        intake_ok(START + i,
                  "{\"app_key\":\"k1\",\"device_id\":\"d%d\"" BEGIN "}", i);
    SEND(HOUR, "old", BEGIN);
    intake_checkpoint();
    ck_assert_uint_eq(engine_recent(intake_engine, INTAKE_APP, list),
                      RECENT_MAX);
    ck_assert_uint_eq(list[0].ordinal, intake_ordinal("old"));
    SEND(2 * HOUR, "new", OLD("old"));
    for (int i = 0; i < 2; i++) {
        engine_recent(intake_engine, INTAKE_APP, list);
        ck_assert_uint_eq(list[0].ordinal, intake_ordinal("new"));
        ck_assert_uint_eq(list[0].seconds, user_of("new").ls);
        intake_reopen();
    }
}
END_TEST

START_TEST(long_ids_are_told_apart)
{
    char did[PERSON_DEVICE_MAX + 2];
    char json[PERSON_DEVICE_MAX + 200];

    memset(did, 'x', sizeof(did));
    did[PERSON_DEVICE_MAX] = '\0';
    for (int i = 0; i < 2; i++) {
        did[PERSON_DEVICE_MAX - 1] = (char)('a' + i);
        snprintf(json, sizeof(json),
                 "{\"app_key\":\"k1\",\"device_id\":\"%s\"" BEGIN "}", did);
        ck_assert_str_eq(intake_send(START, json), INTAKE_SUCCESS);
    }
    ck_assert_int_eq(whole(CELL_N), 2);
    did[PERSON_DEVICE_MAX] = 'x';
    did[PERSON_DEVICE_MAX + 1] = '\0';
    snprintf(json, sizeof(json),
             "{\"app_key\":\"k1\",\"device_id\":\"%s\"" BEGIN "}", did);
    intake_send(START, json);
    ck_assert_int_eq(intake_status, 400);
}
END_TEST

static Suite *person_suite(void)
{
    Suite *suite = suite_create("person");
    TCase *tcase = tcase_create("person");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_known_user_goes_on_under_a_new_id);
    tcase_add_test(tcase, the_old_id_is_free_at_once);
    tcase_add_test(tcase, an_id_may_change_to_and_fro);
    tcase_add_test(tcase, an_unknown_old_id_changes_nothing);
    tcase_add_test(tcase, nobody_is_merged_with_himself);
    tcase_add_loop_test(tcase, of_two_known_users_the_later_one_wins, 0, 2);
    tcase_add_loop_test(tcase, a_merged_user_is_not_new_again, 0, 2);
    tcase_add_test(tcase, values_that_a_merge_brings_are_marked);
    tcase_add_test(tcase, a_user_without_sessions_may_be_merged);
    tcase_add_test(tcase, chains_of_merges_lead_to_the_last);
    tcase_add_test(tcase, an_end_before_a_merge_can_be_resumed_after_it);
    tcase_add_test(tcase, a_merged_user_knows_the_requests_of_both);
    tcase_add_test(tcase, a_rename_sent_twice_is_a_duplicate);
    tcase_add_test(tcase, a_value_kept_as_text_survives_rename_and_merge);
    tcase_add_test(tcase, a_merge_moves_a_user_among_the_latest);
    tcase_add_test(tcase, long_ids_are_told_apart);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(person_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
