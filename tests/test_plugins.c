/* Plugins are added, listen to hooks, and are called in order. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/arena.h"
#include "metrics/call.h"
#include "metrics/plugins.h"

enum { ARENA_SIZE = 1 << 20, CALLS_MAX = 8 };

static struct plugins *plugins;
static struct arena *arena;
static const struct tally_host *host;
static char complaint[128];

static struct {
    int users[CALLS_MAX];
    unsigned count;
    int result; /* of a handler */
} calls;

static int64_t now_ns(void)
{
    return 0;
}

static void log_nothing(const char *plugin, enum tally_level level,
                        const char *message)
{
    (void)plugin;
    (void)level;
    (void)message;
}

static void complain(const char *plugin, const char *path, const char *what,
                     int64_t number)
{
    snprintf(complaint, sizeof(complaint), "%s %s %s %d", plugin, path, what,
             (int)number);
}

static int note(struct tally_call *call, void *user)
{
    (void)call;
    calls.users[calls.count++] = *(int *)user;
    return calls.result;
}

static int numbers[] = {0, 1, 2, 3};

static int init(const struct tally_host *given, struct tally_plugin *self)
{
    host = given;
    int failure = host->on(self, "/sdk", note, &numbers[2], 5);

    if (!failure)
        failure = host->on(self, "/sdk", note, &numbers[1], 0);
    if (!failure)
        failure = host->on(self, "/sdk", note, &numbers[3], 5);
    return failure ? failure : host->on(self, "/o/mine", note, &numbers[0], 0);
}

static const struct tally_plugin_description mine = {
    TALLY_PLUGIN_ABI, sizeof(mine), "mine", "1", "a test", 0, init, NULL};

static void setup(void)
{
    static const struct plugins_runtime runtime = {.nanoseconds = now_ns,
                                                   .log = log_nothing,
                                                   .complain = complain,
                                                   .version = "1",
                                                   .budget_ns = 1000};

    plugins = plugins_create(&runtime);
    arena = arena_create(ARENA_SIZE);
    calls.count = 0;
    calls.result = TALLY_PASS;
    complaint[0] = '\0';
}

static void teardown(void)
{
    plugins_destroy(plugins);
    arena_destroy(arena);
}

static enum tally_err add(const struct tally_plugin_description *description,
                          char reason[static PLUGIN_REASON_SIZE])
{
    return plugins_add(plugins, description, NULL, reason);
}

static void add_mine(void)
{
    char reason[PLUGIN_REASON_SIZE] = "";

    ck_assert_msg(add(&mine, reason) == TALLY_OK, "%s", reason);
}

START_TEST(handlers_are_called_by_priority_then_in_order)
{
    struct tally_call call = {.arena = arena};

    add_mine();
    ck_assert(plugins_listen(plugins, HOOK_SDK));
    ck_assert(!plugins_listen(plugins, HOOK_I));
    ck_assert_int_eq(plugins_fire(plugins, HOOK_SDK, &call), FIRED_PASS);
    ck_assert_uint_eq(calls.count, 3);
    ck_assert_int_eq(calls.users[0], 1);
    ck_assert_int_eq(calls.users[1], 2);
    ck_assert_int_eq(calls.users[2], 3);
}
END_TEST

START_TEST(a_path_of_ones_own_has_what_is_below_it)
{
    struct tally_call call = {.arena = arena};

    add_mine();
    calls.result = TALLY_HANDLED;
    ck_assert(plugins_have_path(plugins, TEXT("/o/mine")));
    ck_assert(plugins_have_path(plugins, TEXT("/o/mine/deep/er")));
    ck_assert(!plugins_have_path(plugins, TEXT("/o/mines")));
    ck_assert_int_eq(plugins_fire_path(plugins, TEXT("/o/mine/deep"), &call),
                     FIRED_HANDLED);
    ck_assert_uint_eq(calls.count, 1);
}
END_TEST

START_TEST(an_error_of_a_handler_is_told_and_passes)
{
    struct tally_call call = {.arena = arena};

    add_mine();
    calls.result = -7;
    ck_assert_int_eq(plugins_fire(plugins, HOOK_SDK, &call), FIRED_PASS);
    ck_assert_uint_eq(calls.count, 3);
    ck_assert_str_eq(complaint, "mine /sdk handler failed -7");
}
END_TEST

START_TEST(async_without_a_promise_passes)
{
    struct tally_call call = {.arena = arena};

    add_mine();
    calls.result = TALLY_ASYNC;
    ck_assert_int_eq(plugins_fire(plugins, HOOK_SDK, &call), FIRED_PASS);
    ck_assert_uint_eq(calls.count, 3);
}
END_TEST

START_TEST(a_hook_that_is_fired_again_goes_on_behind_those_asked)
{
    struct tally_call call = {.arena = arena, .asked = 2};

    add_mine();
    plugins_fire(plugins, HOOK_SDK, &call);
    ck_assert_uint_eq(calls.count, 1);
    ck_assert_int_eq(calls.users[0], 3);
}
END_TEST

START_TEST(a_plugin_of_another_interface_is_refused)
{
    struct tally_plugin_description other = mine;
    char reason[PLUGIN_REASON_SIZE] = "";

    other.abi = TALLY_PLUGIN_ABI + 1;
    ck_assert_int_eq(add(&other, reason), TALLY_ERR_VERSION);
    ck_assert_str_eq(reason, "it is for interface 2, this is interface 1");
}
END_TEST

START_TEST(a_name_is_taken_once)
{
    char reason[PLUGIN_REASON_SIZE] = "";

    add_mine();
    ck_assert_int_eq(add(&mine, reason), TALLY_ERR_EXISTS);
    ck_assert_str_eq(reason, "there is a plugin of the name mine already");
}
END_TEST

static int fail_halfway(const struct tally_host *given,
                        struct tally_plugin *self)
{
    given->on(self, "/sdk", note, &numbers[1], 0);
    return given->on(self, "/too/many/parts", note, &numbers[1], 0);
}

START_TEST(nothing_is_left_of_a_plugin_whose_init_fails)
{
    struct tally_plugin_description bad = mine;
    char reason[PLUGIN_REASON_SIZE] = "";
    struct tally_call call = {.arena = arena};

    bad.init = fail_halfway;
    ck_assert_int_eq(add(&bad, reason), TALLY_ERR_INVALID);
    ck_assert_str_eq(reason, "its init returned -1");
    ck_assert(!plugins_listen(plugins, HOOK_SDK));
    plugins_fire(plugins, HOOK_SDK, &call);
    ck_assert_uint_eq(calls.count, 0);
}
END_TEST

START_TEST(a_property_is_found_by_its_path)
{
    struct params params = {0};
    struct call_value values[] = {
        {.name = "currEvent",
         .json = TEXT_INIT("{\"key\":\"a\\\"b\",\"count\":3}"),
         .is_mutable = true},
        {.name = "isNewUser", .json = TEXT_INIT("true")}};
    struct tally_call call = {.arena = arena,
                              .params = &params,
                              .values = values,
                              .value_count = 2,
                              .path = TEXT_INIT("/i/mine/do")};
    struct param param = {.name = TEXT_INIT("method"), .value = TEXT_INIT("x")};

    add_mine();
    ck_assert_int_eq(params_set(&params, arena, param), TALLY_OK);
    ck_assert(text_is(call_get(&call, TEXT("isNewUser")), "true"));
    ck_assert(text_is(call_get(&call, TEXT("currEvent.count")), "3"));
    ck_assert(text_is(call_get(&call, TEXT("params.qstring.method")), "\"x\""));
    ck_assert(text_is(call_get(&call, TEXT("params.apiPath")), "\"/i/mine\""));
    ck_assert(text_is(call_get(&call, TEXT("params.paths")),
                      "[\"\",\"i\",\"mine\",\"do\"]"));
    ck_assert_uint_eq(call_get(&call, TEXT("params.nothing")).len, 0);

    struct tally_text key = host->string(&call, "currEvent.key");
    ck_assert(text_is((struct text){key.at, key.len}, "a\"b"));
}
END_TEST

START_TEST(only_what_is_mutable_is_set)
{
    struct call_value values[] = {
        {.name = "currEvent", .json = TEXT_INIT("{}"), .is_mutable = true},
        {.name = "isNewUser", .json = TEXT_INIT("true")}};
    struct tally_call call = {
        .arena = arena, .values = values, .value_count = 2};

    ck_assert_int_eq(call_set(&call, TEXT("isNewUser"), TEXT("false")),
                     TALLY_E_NOT_HERE);
    ck_assert_int_eq(call_set(&call, TEXT("currEvent"), TEXT("{oops")),
                     TALLY_E_INVALID);
    ck_assert_int_eq(call_set(&call, TEXT("currEvent"), TEXT("\"\xff\"")),
                     TALLY_E_INVALID);
    ck_assert_int_eq(call_set(&call, TEXT("currEvent"), TEXT("{\"a\":1}")), 0);
    ck_assert(values[0].is_changed);
    ck_assert(text_is(call_get(&call, TEXT("currEvent.a")), "1"));
}
END_TEST

START_TEST(every_hook_has_a_path_of_its_own)
{
    for (int i = 0; i < HOOK_COUNT; i++) {
        const char *path = hook_path((enum hook)i);

        ck_assert_ptr_nonnull(path);
        ck_assert_int_eq(hook_of(text_of(path)), i);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plugins");
    TCase *tests = tcase_create("plugins");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, handlers_are_called_by_priority_then_in_order);
    tcase_add_test(tests, a_path_of_ones_own_has_what_is_below_it);
    tcase_add_test(tests, an_error_of_a_handler_is_told_and_passes);
    tcase_add_test(tests, async_without_a_promise_passes);
    tcase_add_test(tests,
                   a_hook_that_is_fired_again_goes_on_behind_those_asked);
    tcase_add_test(tests, a_plugin_of_another_interface_is_refused);
    tcase_add_test(tests, a_name_is_taken_once);
    tcase_add_test(tests, nothing_is_left_of_a_plugin_whose_init_fails);
    tcase_add_test(tests, a_property_is_found_by_its_path);
    tcase_add_test(tests, only_what_is_mutable_is_set);
    tcase_add_test(tests, every_hook_has_a_path_of_its_own);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
