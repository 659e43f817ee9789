#include <stdio.h>
#include <stdlib.h>

#include "engine/dictionary.h"
#include "engine/key.h"
#include "engine/pack.h"
#include "intake.h"
#include "metrics/audit.h"
#include "metrics/finding.h"
#include "metrics/kind.h"
#include "metrics/user_admin.h"

/* 2026-03-02 10:00 UTC, and its day. */
enum { START = 1772445600, DAY = 20514, REQUESTS = 600 };

/* A generator of its own: the same requests on every machine. */
static uint32_t state;

static uint32_t roll(uint32_t below)
{
    state = state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)state * below) >> 32);
}

/* Somebody may be deleted; nobody may be there. */
static void delete_random(int64_t now)
{
    struct user_admin admin = {
        intake_tally, registry_app_by_key(intake_tally->registry, TEXT("k1")),
        now, NULL};
    uint32_t last;

    ck_assert_int_eq(dictionary_last_ordinal(intake_engine, INTAKE_APP, &last),
                     TALLY_OK);
    enum tally_err err = user_admin_delete(&admin, 1 + roll(last));
    ck_assert(!err || err == TALLY_ERR_NOT_FOUND);
}

/* A request of a random device: mostly forwards in time, some late. */
static void send_random(int64_t *now)
{
    static const char *const systems[] = {"iOS", "Android", "Windows"};
    static const char *const countries[] = {"TR", "DE", "FR"};
    char more[160];
    int64_t time = *now += roll(3600);

    if (roll(8) == 0)
        time -= roll(90000);
    if (roll(20) == 0)
        snprintf(more, sizeof(more), "\"old_device_id\":\"d%u\"", roll(30));
    else if (roll(4) == 0)
        snprintf(more, sizeof(more), "\"tz\":%u", roll(60));
    else
        snprintf(more, sizeof(more),
                 "\"metrics\":{\"_os\":\"%s\",\"_app_version\":\"%u.0\"}",
                 systems[roll(3)], roll(5));
    intake_ok(*now,
              "{\"app_key\":\"k1\",\"device_id\":\"d%u\",\"timestamp\":%lld"
              ",\"%s\":%u,\"session_duration\":%u,\"country_code\":\"%s\""
              ",\"city\":\"c%u\",%s}",
              roll(30), (long long)time,
              roll(3) == 0 ? "end_session" : "begin_session", roll(4) != 0,
              roll(300), countries[roll(3)], roll(4), more);
}

static void setup(void)
{
    intake_open(NULL);
    intake_ok(START, "{\"app_key\":\"k1\",\"device_id\":\"a\""
                     ",\"begin_session\":1,\"metrics\":{\"_os\":\"iOS\"}}");
    intake_ok(START + 60, "{\"app_key\":\"k1\",\"device_id\":\"a\""
                          ",\"session_duration\":60,\"end_session\":1}");
    intake_ok(START + 3600, "{\"app_key\":\"k1\",\"device_id\":\"b\""
                            ",\"begin_session\":1}");
    intake_ok(START + 3700, "{\"app_key\":\"k1\",\"device_id\":\"c\""
                            ",\"begin_session\":1}");
    intake_ok(START + 3800, "{\"app_key\":\"k1\",\"device_id\":\"b\""
                            ",\"old_device_id\":\"c\"}");
    intake_audit();
}

START_TEST(a_store_is_sound_after_any_requests)
{
    int64_t now = START + 7200;

    state = (uint32_t)_i;
    for (int i = 0; i < REQUESTS; i++) {
        send_random(&now);
        if (_i % 2 && roll(30) == 0)
            delete_random(now);
    }
    intake_audit();
    for (int i = 0; i < REQUESTS / 4; i++) {
        if (i == REQUESTS / 8)
            intake_checkpoint();
        send_random(&now);
    }
    intake_audit();
    intake_checkpoint();
    intake_audit();
    intake_reopen();
    intake_audit();
}
END_TEST

/* Each of these breaks something by wrong effects. Ordinals: a is 1, b is 2,
 * c was 3. */

static struct batch *batch(void)
{
    return &intake_tally->batch;
}

static void add_count(uint32_t set, uint32_t value, int day, int field,
                      int64_t add)
{
    struct count count = {
        .app = INTAKE_APP, .set = set, .value = value, .hour = day * 24 + 10};

    count.add[field] = add;
    effect_count(batch(), &count);
}

static void hit(uint32_t ordinal, unsigned counts, enum set set, uint32_t value,
                unsigned item)
{
    struct hit session = {.app = INTAKE_APP,
                          .ordinal = ordinal,
                          .hour = DAY * 24 + 10,
                          .seconds = START + 9000,
                          .set = SET_USERS,
                          .counts = (uint8_t)counts,
                          .item_count = set != 0,
                          .items = {{set, value, (uint8_t)item}}};

    effect_hit(batch(), &session);
}

static struct text number(uint32_t value)
{
    static uint8_t bytes[4];
    struct pack pack = pack_into(bytes, sizeof(bytes));

    pack_u32(&pack, value);
    return (struct text){(char *)bytes, sizeof(bytes)};
}

static void put(enum table table, struct key key, struct text value)
{
    effect_put(batch(), table, key_text(&key), value);
}

static void erase(enum table table, struct key key)
{
    effect_erase(batch(), table, key_text(&key));
}

static struct key id_key(const char *did)
{
    uint8_t hash[IDENTITY_HASH_SIZE];

    identity_device_hash(intake_tally->secret, text_of(did), hash);
    return key_hash(INTAKE_APP, hash);
}

static void change_user(const char *did, void (*change)(struct user *user))
{
    uint8_t bytes[USER_RECORD_MAX];
    struct user user;

    ck_assert(intake_user(did, &user));
    change(&user);
    put(TABLE_USERS, key_user(INTAKE_APP, intake_ordinal(did)),
        user_write(&user, bytes));
}

static void negative_day(void)
{
    add_count(SET_USERS, 0, DAY, COUNT_D, -100000);
}

static void negative_bucket(void)
{
    add_count(SET_DURATIONS, 5, DAY, COUNT_U_WEEK, -1);
}

/* Hours and days only change together by effects: what is broken here is
 * the users of hours. */
static void fewer_in_hours(void)
{
    add_count(SET_USERS, 0, DAY, COUNT_U_HOUR, -1);
}

static void more_in_an_hour(void)
{
    add_count(SET_USERS, 0, DAY, COUNT_U_HOUR, 5);
}

static void more_new_than_unique(void)
{
    add_count(SET_USERS, 0, DAY, COUNT_N, 9);
}

static void more_unique_than_sessions(void)
{
    add_count(SET_OS, 1, DAY, COUNT_U_DAY, 9);
}

static void bucket_missing_in_month(void)
{
    add_count(SET_FREQUENCY, 1, DAY, COUNT_U_MONTH, -1);
}

static void bucket_too_many_in_year(void)
{
    add_count(SET_DURATIONS, 1, DAY, COUNT_U_YEAR, 1);
}

static void more_in_month_than_days(void)
{
    add_count(SET_COUNTRIES, 1, DAY, COUNT_U_MONTH, 3);
}

static void more_in_year_than_weeks(void)
{
    add_count(SET_USERS, 0, DAY, COUNT_U_YEAR, 3);
}

static void fewer_in_week_than_a_day(void)
{
    add_count(SET_USERS, 0, DAY, COUNT_U_WEEK, -1);
}

static void value_above_whole(void)
{
    add_count(SET_OS, 1, DAY, COUNT_T, 9);
}

static void country_missing(void)
{
    add_count(SET_COUNTRIES, 1, DAY, COUNT_T, -1);
}

static void frequency_too_often(void)
{
    for (int i = COUNT_U_DAY; i <= COUNT_U_YEAR; i++)
        add_count(SET_FREQUENCY, 2, DAY, i, 9);
}

static void first_frequency_missing(void)
{
    for (int i = COUNT_U_DAY; i <= COUNT_U_YEAR; i++)
        add_count(SET_FREQUENCY, 1, DAY, i, -1);
}

static void loyalty_twice(void)
{
    add_count(SET_LOYALTY, 1, DAY, COUNT_U_DAY, 1);
}

static void loyalty_missing_in_year(void)
{
    add_count(SET_LOYALTY, 1, DAY, COUNT_U_YEAR, -1);
}

static void duration_twice(void)
{
    for (int i = COUNT_U_DAY; i <= COUNT_U_YEAR; i++)
        add_count(SET_DURATIONS, 3, DAY, i, 3);
}

static void duration_missing(void)
{
    for (int i = COUNT_U_DAY; i <= COUNT_U_YEAR; i++)
        add_count(SET_DURATIONS, 3, DAY, i, -1);
}

static void session_nobody_had(void)
{
    hit(1, HIT_T | HIT_MARK, SET_COUNTRIES, 1, HIT_T | HIT_MARK);
}

static void seconds_nobody_had(void)
{
    add_count(SET_USERS, 0, DAY, COUNT_D, 7);
}

static void new_twice(void)
{
    hit(1, HIT_T | HIT_N | HIT_HOUR | 0x3c, 0, 0, 0);
}

static void forget_merges(struct user *user)
{
    user->merges = 0;
}

static void merge_not_counted(void)
{
    change_user("b", forget_merges);
}

static void session_without_mark(void)
{
    struct hit session = {.app = INTAKE_APP,
                          .ordinal = 1,
                          .hour = (DAY + 1) * 24,
                          .seconds = START,
                          .set = SET_USERS,
                          .counts = HIT_T};

    effect_hit(batch(), &session);
}

static void mark_of(uint32_t ordinal, enum set set, uint32_t value, int day)
{
    struct mark mark = {.app = INTAKE_APP,
                        .ordinal = ordinal,
                        .set = set,
                        .value = value,
                        .day = day};

    effect_mark(batch(), &mark);
}

static void mark_without_session(void)
{
    mark_of(1, 0, 0, DAY + 3);
}

static void value_of_somebody_not_active(void)
{
    mark_of(1, SET_OS, 1, DAY + 3);
}

static void value_without_user(void)
{
    add_count(SET_OS, 1, DAY + 2, COUNT_T, 1);
}

static void mark_without_value(void)
{
    mark_of(2, SET_OS, 1, DAY);
}

static void mark_of_nobody(void)
{
    mark_of(77, 0, 0, DAY);
}

static void id_of_nobody(void)
{
    put(TABLE_IDS, id_key("nobody"), number(99));
}

static void second_id_of_a_user(void)
{
    put(TABLE_IDS, id_key("another"), number(1));
}

static void id_of_another_user(void)
{
    put(TABLE_IDS, id_key("a"), number(2));
}

static void user_without_id(void)
{
    erase(TABLE_IDS, id_key("a"));
}

static void user_without_profile(void)
{
    erase(TABLE_COLD, key_user(INTAKE_APP, 1));
}

/* As if deleted, but nobody took note. */
static void user_erased(void)
{
    erase(TABLE_USERS, key_user(INTAKE_APP, 1));
    erase(TABLE_COLD, key_user(INTAKE_APP, 1));
    erase(TABLE_IDS, id_key("a"));
}

static void details_broken(void)
{
    put(TABLE_COLD, key_user(INTAKE_APP, 1),
        TEXT("{\"did\":\"a\",\"changes\":{}}"));
}

static void profile_without_user(void)
{
    erase(TABLE_USERS, key_user(INTAKE_APP, 1));
}

static void broken_user(void)
{
    put(TABLE_USERS, key_user(INTAKE_APP, 1), TEXT("\xff"));
}

static void lose_sessions(struct user *user)
{
    user->sc = 0;
}

static void user_without_sessions(void)
{
    change_user("a", lose_sessions);
}

static void lose_bucket(struct user *user)
{
    user->ended_bucket = USER_NO_BUCKET;
}

static void ended_without_bucket(void)
{
    change_user("a", lose_bucket);
}

static void gain_seconds(struct user *user)
{
    user->sd = user->tsd + 1;
}

static void more_seconds_than_ever(void)
{
    change_user("a", gain_seconds);
}

static void lose_tsd(struct user *user)
{
    user->tsd = 0;
    user->sd = 0;
}

static void seconds_lost(void)
{
    change_user("a", lose_tsd);
}

static void alias_in_a_circle(void)
{
    put(TABLE_ALIASES, key_user(INTAKE_APP, 3), number(3));
}

static void alias_of_nobody(void)
{
    put(TABLE_ALIASES, key_user(INTAKE_APP, 3), number(88));
}

static void dead_with_record(void)
{
    put(TABLE_ALIASES, key_user(INTAKE_APP, 1), number(2));
}

static void string_changed(void)
{
    put(TABLE_STRINGS, key_string(INTAKE_APP, SET_OS, 1), TEXT("Other"));
}

static void name_without_string(void)
{
    erase(TABLE_STRINGS, key_string(INTAKE_APP, SET_OS, 1));
}

static void sequence_behind(void)
{
    put(TABLE_SEQUENCES, key_sequence(INTAKE_APP, SET_OS, 0), number(0));
}

static void sequence_of_year_ahead(void)
{
    put(TABLE_SEQUENCES, key_sequence(INTAKE_APP, SET_OS, 2026), number(2));
}

static void unknown_value(struct user *user)
{
    user_set_value(user, SET_OS, 55);
}

static void user_with_unknown_value(void)
{
    change_user("a", unknown_value);
}

static void latest_is_nobody(void)
{
    hit(66, HIT_T, 0, 0, 0);
}

static void document_broken(void)
{
    /* Past the registry, which would not accept it. */
    effect_put_document(batch(), KIND_APP, TEXT("5b0000000000000000000009"),
                        TEXT("{}"));
    ck_assert_int_eq(engine_apply(intake_engine, batch(), NULL), TALLY_OK);
    batch_clear(batch());
}

static void app_ahead_of_sequence(void)
{
    put(TABLE_SEQUENCES, key_sequence(0, 0, 0), number(0));
}

static void app_dropped(void)
{
    effect_drop(batch(), INTAKE_APP);
}

static void records_of_no_app(void)
{
    put(TABLE_USERS, key_user(50, 1), TEXT("x"));
}

static void document_of_no_app(void)
{
    put(TABLE_RECORDS, key_record(50, 1, TEXT("x")), TEXT("{}"));
}

static void document_on_no_shelf(void)
{
    put(TABLE_RECORDS, key_record(0, 9, TEXT("x")), TEXT("{}"));
}

static void counts_of_no_app(void)
{
    struct count count = {.app = 51, .set = 1, .hour = 24, .add = {1}};

    effect_count(batch(), &count);
}

/* The one event there is has the id 1, and the one segment of it. */
static const uint32_t of_event = UINT32_C(0x80010000);
static const uint32_t of_segment = UINT32_C(0x80010010);

static void send_event(void)
{
    intake_ok(START + 3900,
              "{\"app_key\":\"k1\",\"device_id\":\"a\",\"events\":[{"
              "\"key\":\"e\",\"sum\":2,\"dur\":3,\"segmentation\":{"
              "\"s\":\"v\"}}]}");
    intake_audit();
}

static void event_without_list(void)
{
    send_event();
    add_count(SET_EVENTS, 1, DAY, COUNT_E, 1);
}

static void event_of_another_sum(void)
{
    send_event();
    add_count(of_event, 0, DAY, COUNT_D, -1);
}

static void event_on_another_day(void)
{
    send_event();
    add_count(of_event, 0, DAY + 1, COUNT_T, 1);
}

static void segment_above_event(void)
{
    send_event();
    add_count(of_event, 1, DAY, COUNT_T, 1);
}

static void values_above_event(void)
{
    send_event();
    add_count(of_segment, 1, DAY, COUNT_T, 1);
}

static void value_of_event_unknown(void)
{
    send_event();
    add_count(of_segment, 2, DAY, COUNT_E, 1);
}

static void duration_without_event(void)
{
    send_event();
    add_count(of_event + 1, 0, DAY + 1, COUNT_D, 5);
}

static void user_of_no_event(void)
{
    send_event();
    mark_of(1, SET_EVENTS, 1, DAY + 1);
}

static void view_without_user(void)
{
    intake_ok(START + 3900,
              "{\"app_key\":\"k1\",\"device_id\":\"a\",\"events\":[{"
              "\"key\":\"[CLY]_view\",\"segmentation\":{\"name\":\"v\","
              "\"visit\":1}}]}");
    intake_audit();
    add_count(SET_VIEWS, 1, DAY + 1, COUNT_T, 1);
}

static void plan_broken(void)
{
    effect_put_document(batch(), KIND_EVENTS, TEXT("nobody"), TEXT("{}"));
}

static const struct damage {
    void (*cause)(void);
    enum finding_rule rule;
} damages[] = {
    {negative_day, FINDING_NEGATIVE},
    {negative_bucket, FINDING_NEGATIVE},
    {fewer_in_hours, FINDING_HOUR_USERS},
    {more_in_an_hour, FINDING_HOUR_MOST},
    {more_new_than_unique, FINDING_ORDER},
    {more_unique_than_sessions, FINDING_ORDER},
    {bucket_missing_in_month, FINDING_BUCKETS},
    {bucket_too_many_in_year, FINDING_BUCKETS},
    {more_in_month_than_days, FINDING_UNIQUE_SUM},
    {more_in_year_than_weeks, FINDING_UNIQUE_SUM},
    {fewer_in_week_than_a_day, FINDING_UNIQUE_MOST},
    {value_above_whole, FINDING_VALUE_TOTAL},
    {country_missing, FINDING_COUNTRIES},
    {frequency_too_often, FINDING_FREQUENCY},
    {first_frequency_missing, FINDING_FIRST},
    {loyalty_twice, FINDING_LOYALTY},
    {loyalty_missing_in_year, FINDING_LOYALTY},
    {duration_twice, FINDING_CLOSED},
    {duration_missing, FINDING_CLOSED},
    {session_nobody_had, FINDING_SESSIONS},
    {seconds_nobody_had, FINDING_SECONDS},
    {seconds_lost, FINDING_SECONDS},
    {new_twice, FINDING_ACTIVE},
    {merge_not_counted, FINDING_MERGES},
    {merge_not_counted, FINDING_NEW},
    {session_without_mark, FINDING_ACTIVE},
    {mark_without_session, FINDING_ACTIVE},
    {value_of_somebody_not_active, FINDING_MARK},
    {value_without_user, FINDING_VALUE_USERS},
    {mark_without_value, FINDING_VALUE_USERS},
    {mark_of_nobody, FINDING_ORDINAL},
    {id_of_nobody, FINDING_ORDINAL},
    {second_id_of_a_user, FINDING_ID},
    {id_of_another_user, FINDING_ID},
    {id_of_another_user, FINDING_PROFILE},
    {user_without_id, FINDING_PROFILE},
    {user_without_profile, FINDING_PROFILE},
    {details_broken, FINDING_PROFILE},
    {user_erased, FINDING_DEPARTED},
    {profile_without_user, FINDING_PROFILE},
    {broken_user, FINDING_READ},
    {user_without_sessions, FINDING_USER},
    {ended_without_bucket, FINDING_USER},
    {more_seconds_than_ever, FINDING_USER},
    {alias_in_a_circle, FINDING_ALIAS},
    {alias_of_nobody, FINDING_ORDINAL},
    {dead_with_record, FINDING_DEAD},
    {string_changed, FINDING_NAME},
    {name_without_string, FINDING_NAME},
    {sequence_behind, FINDING_VALUE},
    {user_with_unknown_value, FINDING_VALUE},
    {sequence_of_year_ahead, FINDING_ADMITTED},
    {latest_is_nobody, FINDING_RECENT},
    {document_broken, FINDING_DOCUMENT},
    {app_ahead_of_sequence, FINDING_DOCUMENT},
    {app_dropped, FINDING_DROP},
    {records_of_no_app, FINDING_ORPHAN},
    {document_of_no_app, FINDING_ORPHAN},
    {document_on_no_shelf, FINDING_SHELF},
    {counts_of_no_app, FINDING_ORPHAN},
    {event_without_list, FINDING_EVENT},
    {event_of_another_sum, FINDING_EVENT},
    {event_on_another_day, FINDING_EVENT},
    {segment_above_event, FINDING_SEGMENT},
    {values_above_event, FINDING_SEGMENT},
    {value_of_event_unknown, FINDING_VALUE},
    {duration_without_event, FINDING_DURATION},
    {user_of_no_event, FINDING_VALUE_USERS},
    {view_without_user, FINDING_VALUE_USERS},
    {plan_broken, FINDING_DOCUMENT},
};

static void expect_rule(enum finding_rule rule)
{
    const char *name = finding_text(rule);
    struct buffer report;

    buffer_init(&report, 1 << 20);
    int broken = audit(intake_tally, &report);
    buffer_add_byte(&report, '\0');
    ck_assert_int_gt(broken, 0);
    ck_assert_msg(strstr(report.at, name), "not named: %s\n%s", name,
                  report.at);
    buffer_finish(&report);
}

START_TEST(an_audit_names_what_is_broken)
{
    const struct damage *damage = &damages[_i];

    batch_clear(batch());
    damage->cause();
    ck_assert_int_eq(engine_apply(intake_engine, batch(), NULL), TALLY_OK);
    batch_clear(batch());
    expect_rule(damage->rule);
}
END_TEST

START_TEST(an_audit_sees_the_base_as_well)
{
    intake_checkpoint();
    batch_clear(batch());
    add_count(SET_COUNTRIES, 1, DAY, COUNT_T, -1);
    mark_of(77, 0, 0, DAY);
    ck_assert_int_eq(engine_apply(intake_engine, batch(), NULL), TALLY_OK);
    intake_checkpoint();
    expect_rule(FINDING_COUNTRIES);
    expect_rule(FINDING_ORDINAL);
}
END_TEST

START_TEST(a_report_is_bounded_but_everything_is_counted)
{
    struct buffer report;
    int lines = 0;

    for (uint32_t i = 0; i < 100; i++)
        put(TABLE_IDS, id_key((char[]){(char)(' ' + i % 90), 'x', 0}),
            number(1000 + i));
    ck_assert_int_eq(engine_apply(intake_engine, batch(), NULL), TALLY_OK);
    buffer_init(&report, 1 << 20);
    ck_assert_int_ge(audit(intake_tally, &report), 90);
    for (size_t i = 0; i < report.len; i++)
        lines += report.at[i] == '\n';
    ck_assert_int_le(lines, 2 * FINDING_LINES);
    buffer_finish(&report);
}
END_TEST

static Suite *audit_suite(void)
{
    Suite *suite = suite_create("audit");
    TCase *tcase = tcase_create("audit");

    tcase_add_checked_fixture(tcase, setup, intake_close);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, a_store_is_sound_after_any_requests, 0, 4);
    tcase_add_loop_test(tcase, an_audit_names_what_is_broken, 0,
                        (int)(sizeof(damages) / sizeof(damages[0])));
    tcase_add_test(tcase, an_audit_sees_the_base_as_well);
    tcase_add_test(tcase, a_report_is_bounded_but_everything_is_counted);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(audit_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
