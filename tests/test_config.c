#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "http/config.h"
#include "http/config_key.h"
#include "http/config_listing.h"
#include "scratch.h"

static struct config config;
static char reason[CONFIG_REASON_SIZE];
static char *nothing[] = {NULL};
static const char *dir;

static void begin(void)
{
    config_init(&config);
    reason[0] = '\0';
    dir = scratch_create();
}

static void end(void)
{
    scratch_remove();
}

static enum tally_err flag(const char *name, const char *value)
{
    return config_set(&config, text_of(name), text_of(value), CONFIG_FLAG,
                      reason);
}

/* Writes the file that the configuration names. */
static void write_file(const char *content)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/conf", dir);
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    fputs(content, file);
    fclose(file);
    ck_assert_int_eq(flag("config", path), TALLY_OK);
}

static void says(const char *part)
{
    ck_assert_msg(strstr(reason, part), "\"%s\" lacks \"%s\"", reason, part);
    ck_assert_ptr_null(strchr(reason, '\n'));
}

START_TEST(defaults_are_those_of_the_modules)
{
    const struct server_limits *have = &config.http;
    const struct server_limits *want = &server_default_limits;

    ck_assert_uint_eq(have->url, want->url);
    ck_assert_uint_eq(have->headers, want->headers);
    ck_assert_uint_eq(have->header_count, want->header_count);
    ck_assert_uint_eq(have->body, want->body);
    ck_assert_uint_eq(have->bulk_body, want->bulk_body);
    ck_assert_uint_eq(have->connections, want->connections);
    ck_assert_uint_eq(have->pipeline, want->pipeline);
    ck_assert_uint_eq(have->header_ms, want->header_ms);
    ck_assert_uint_eq(have->body_ms, want->body_ms);
    ck_assert_uint_eq(have->idle_ms, want->idle_ms);
    ck_assert_uint_eq(have->write_ms, want->write_ms);
    ck_assert_uint_eq(have->trusted_proxies.count, 0);
    ck_assert_mem_eq(&config.api, &settings_default, sizeof(config.api));
    ck_assert_uint_eq(config.store.overlay, 0);
    ck_assert_str_eq(config.data, "/var/lib/tallyd");
    ck_assert_str_eq(config.listen, "127.0.0.1:3001");
    ck_assert_str_eq(config.log_level, "info");
    ck_assert_int_eq(config_complete(&config, nothing, reason), TALLY_OK);
}
END_TEST

static const struct {
    const char *name, *value;
    enum tally_err err;
    const char *part; /* of the reason; of the dumped value when it is taken */
} values[] = {
    {"store.overlay", "16777216", TALLY_OK, "16m"},
    {"store.overlay", "2g", TALLY_OK, "2g"},
    {"store.overlay", "0", TALLY_OK, "0"},
    {"store.overlay", "1024", TALLY_ERR_RANGE, "0 or from 1m to 1024g"},
    {"store.overlay", "1025k", TALLY_OK, "1025k"},
    {"store.overlay", "16mb", TALLY_ERR_INVALID, "must be a size"},
    {"store.overlay", "k", TALLY_ERR_INVALID, "must be a size"},
    {"store.overlay", "99999999999g", TALLY_ERR_INVALID, "must be a size"},
    {"store.overlay", "-1", TALLY_ERR_INVALID, "must be a size"},
    {"store.slots", "2", TALLY_ERR_RANGE, "from 3 to 64"},
    {"store.slots", "6k", TALLY_ERR_INVALID, "whole number"},
    {"http.url", "0", TALLY_ERR_RANGE, "must be from 1k to 1m"},
    {"http.pipeline", "", TALLY_ERR_INVALID, "whole number"},
    {"http.pipeline", "18446744073709551648", TALLY_ERR_INVALID, "number"},
    {"http.pipeline", "4294967328", TALLY_ERR_RANGE, "must be from 1 to"},
    {"io-threads", "0", TALLY_OK, "0"},
    {"io-threads", "64", TALLY_OK, "64"},
    {"io-threads", "65", TALLY_ERR_RANGE, "0 or from 1 to 64"},
    {"api.metric_limit", "0", TALLY_OK, "0"},
    {"api.metric_limit", "12", TALLY_OK, "12"},
    {"api.metric_limit", "1.5", TALLY_ERR_INVALID, "whole number, not \"1.5\""},
    {"api.city_data", "false", TALLY_OK, "false"},
    {"api.city_data", "no", TALLY_ERR_INVALID, "true or false"},
    {"log.level", "debug", TALLY_OK, "debug"},
    {"log.level", "loud", TALLY_ERR_INVALID, "error, warning, info or debug"},
    {"data", "", TALLY_ERR_INVALID, "must not be empty"},
    {"plugins.order", "", TALLY_OK, ""},
    {"plugins.order", "a, b-c", TALLY_OK, "a, b-c"},
    {"plugins.order", "a b", TALLY_ERR_INVALID, "must be names of plugins"},
    {"plugins.order", "a,,b", TALLY_ERR_INVALID, "must be names of plugins"},
    {"plugins.budget", "0", TALLY_ERR_RANGE, "must be from 1 to 60000"},
    {"geoip.file", "", TALLY_OK, ""},
    {"geoip.file", "/a b.mmdb", TALLY_OK, "/a b.mmdb"},
    {"http.trusted_proxies", "", TALLY_OK, ""},
    {"http.trusted_proxies", "10.1.2.3/8, ::1,192.0.2.1", TALLY_OK,
     "10.0.0.0/8,::1,192.0.2.1"},
    {"http.trusted_proxies", "2001:DB8::/32", TALLY_OK, "2001:db8::/32"},
    {"http.trusted_proxies", "10.0.0.0/33", TALLY_ERR_INVALID, "CIDR blocks"},
    {"http.trusted_proxies", "10.0.0.1,", TALLY_ERR_INVALID, "CIDR blocks"},
    {"http.trusted_proxies", "localhost", TALLY_ERR_INVALID, "CIDR blocks"},
    {"http.trusted_proxies",
     "1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,"
     "1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,"
     "1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,"
     "1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,"
     "1.1.1.1",
     TALLY_ERR_TOO_BIG, "at most 32 networks"},
    {"data", "a\nb", TALLY_ERR_INVALID, "control characters, not \"a?b\""},
    {"api.metric", "1", TALLY_ERR_NOT_FOUND, "no key \"api.metric\""},
    {"", "1", TALLY_ERR_NOT_FOUND, "no key"},
};

START_TEST(a_value_is_taken_or_refused_with_its_rule)
{
    struct config before = config;
    enum tally_err err = flag(values[_i].name, values[_i].value);

    ck_assert_int_eq(err, values[_i].err);
    if (err) {
        says(values[_i].part);
        ck_assert_mem_eq(&config, &before, sizeof(config));
        return;
    }

    unsigned at = config_key_find(text_of(values[_i].name));
    struct buffer out;

    buffer_init(&out, 100);
    config_key_write(&config_keys[at], &config, &out);
    ck_assert(text_is(buffer_text(&out), values[_i].part));
    ck_assert_int_eq(config.origins[at], CONFIG_FLAG);
    buffer_finish(&out);
}
END_TEST

START_TEST(flags_win_over_environment_over_file)
{
    char *environment[] = {"TALLYD_API_METRIC_LIMIT=2",
                           "TALLYD_API_SESSION_COOLDOWN=20",
                           "TALLYD_IO_THREADS=3",
                           "TALLYD_PORT=tcp://10.0.0.1:80",
                           "TALLYD=x",
                           NULL};

    write_file("api.metric_limit = 3\napi.session_cooldown = 30\n"
               "api.session_duration_limit = 300\n");
    ck_assert_int_eq(flag("api.metric_limit", "1"), TALLY_OK);
    ck_assert_int_eq(config_complete(&config, environment, reason), TALLY_OK);
    ck_assert_uint_eq(config.api.metric_limit, 1);
    ck_assert_uint_eq(config.api.session_cooldown, 20);
    ck_assert_uint_eq(config.io_threads, 3);
    ck_assert_uint_eq(config.api.session_duration_limit, 300);
}
END_TEST

START_TEST(the_environment_names_the_file_and_its_own_mistakes)
{
    char *wrong[] = {"TALLYD_LOG_LEVEL=x", NULL};
    char named[256 + 32];
    char *environment[] = {named, NULL};

    write_file("listen = 0.0.0.0:80\n");
    snprintf(named, sizeof(named), "TALLYD_CONFIG=%.255s", config.file);
    config_init(&config);
    ck_assert_int_eq(config_complete(&config, environment, reason), TALLY_OK);
    ck_assert_str_eq(config.listen, "0.0.0.0:80");
    ck_assert_int_eq(config_complete(&config, wrong, reason),
                     TALLY_ERR_INVALID);
    says("TALLYD_LOG_LEVEL: log.level must be");
}
END_TEST

static const struct {
    const char *content;
    enum tally_err err;
    const char *part; /* of the reason, else the data directory */
} files[] = {
    {"", TALLY_OK, "/var/lib/tallyd"},
    {"\n  # data = /x\n\r\n", TALLY_OK, "/var/lib/tallyd"},
    {"data=/a\n\tdata  =\t/b/c d \r\n", TALLY_OK, "/b/c d"},
    {"data = /a#b  # the disk", TALLY_OK, "/a#b"},
    {"data = /a=b", TALLY_OK, "/a=b"},
    {"data = /a\nnonsense\n", TALLY_ERR_INVALID, "/conf:2: a line must be"},
    {"data /a\n", TALLY_ERR_INVALID, "/conf:1: a line must be"},
    {"\n\ndatum = 3\n", TALLY_ERR_NOT_FOUND, "/conf:3: there is no key"},
    {"= 3\n", TALLY_ERR_NOT_FOUND, "/conf:1: there is no key \"\""},
    {"config = /x\n", TALLY_ERR_INVALID, "/conf:1: a file cannot name"},
    {"store.slots = 1\n", TALLY_ERR_RANGE, "/conf:1: store.slots must be"},
    {"data =\n", TALLY_ERR_INVALID, "/conf:1: data must not be empty"},
};

START_TEST(a_file_is_read_or_refused_with_the_line)
{
    write_file(files[_i].content);
    ck_assert_int_eq(config_complete(&config, nothing, reason), files[_i].err);
    if (files[_i].err)
        says(files[_i].part);
    else
        ck_assert_str_eq(config.data, files[_i].part);
}
END_TEST

START_TEST(a_wrong_line_is_refused_even_when_a_flag_covers_it)
{
    write_file("store.slots = many\n");
    ck_assert_int_eq(flag("store.slots", "4"), TALLY_OK);
    ck_assert_int_eq(config_complete(&config, nothing, reason),
                     TALLY_ERR_INVALID);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_named)
{
    ck_assert_int_eq(flag("config", "/nowhere/conf"), TALLY_OK);
    ck_assert_int_eq(config_complete(&config, nothing, reason), TALLY_ERR_IO);
    says("/nowhere/conf: No such file or directory");
    ck_assert_int_eq(flag("config", dir), TALLY_OK);
    ck_assert_int_eq(config_complete(&config, nothing, reason), TALLY_ERR_IO);
    says("directory");
}
END_TEST

static const struct {
    const char *name, *value;
    const char *part;
} wholes[] = {
    {"http.body", "9m", "http.bulk_body must not be smaller"},
    {"store.slot_bytes", "1048577", "multiple of 4k"},
    {"listen", "3001", "listen must be HOST:PORT"},
    {"data",
     "/0123456789012345678901234567890123456789012345678901234567890123456789"
     "0123456789012345678901234",
     "at most 107 bytes"},
};

START_TEST(the_whole_is_checked)
{
    ck_assert_int_eq(flag(wholes[_i].name, wholes[_i].value), TALLY_OK);
    ck_assert_int_eq(config_complete(&config, nothing, reason),
                     TALLY_ERR_INVALID);
    says(wholes[_i].part);
}
END_TEST

static const struct {
    const char *listen, *host; /* NULL: none */
    int port;
} addresses[] = {
    {"127.0.0.1:3001", "127.0.0.1", 3001},
    {"[::1]:0", "::1", 0},
    {"localhost:65535", "localhost", 65535},
    {"localhost:65536", NULL, 0},
    {"::1:80", NULL, 0},
    {"[]:80", NULL, 0},
    {":80", NULL, 0},
    {"host:", NULL, 0},
    {"host:8x", NULL, 0},
    {"host:000080", NULL, 0},
    {"host", NULL, 0},
};

START_TEST(an_address_has_a_host_and_a_port)
{
    char host[CONFIG_HOST_SIZE];
    int port = -1;

    ck_assert_int_eq(flag("listen", addresses[_i].listen), TALLY_OK);
    enum tally_err err = config_address(&config, host, &port);

    ck_assert_int_eq(err, addresses[_i].host ? TALLY_OK : TALLY_ERR_INVALID);
    if (!err) {
        ck_assert_str_eq(host, addresses[_i].host);
        ck_assert_int_eq(port, addresses[_i].port);
    }
}
END_TEST

START_TEST(a_reload_changes_settings_and_level_alone)
{
    write_file("api.metric_limit = 5\napi.city_data = false\n");
    ck_assert_int_eq(flag("api.session_cooldown", "7"), TALLY_OK);
    ck_assert_int_eq(config_complete(&config, nothing, reason), TALLY_OK);
    write_file("api.metric_limit = 6\napi.session_cooldown = 8\n"
               "log.level = debug\ndata = /elsewhere\nhttp.url = 2k\n");
    ck_assert_int_eq(config_reload(&config, reason), TALLY_OK);
    ck_assert_uint_eq(config.api.metric_limit, 6);
    ck_assert(config.api.city_data);
    ck_assert_uint_eq(config.api.session_cooldown, 7);
    ck_assert_str_eq(config.log_level, "debug");
    ck_assert_str_eq(config.data, "/var/lib/tallyd");
    ck_assert_uint_eq(config.http.url, server_default_limits.url);
}
END_TEST

START_TEST(a_reload_that_fails_changes_nothing)
{
    write_file("api.metric_limit = 5\n");
    ck_assert_int_eq(config_complete(&config, nothing, reason), TALLY_OK);
    write_file("api.metric_limit = 6\nhttp.url = 1\n");

    struct config before = config;

    ck_assert_int_eq(config_reload(&config, reason), TALLY_ERR_RANGE);
    says("/conf:2: http.url");
    ck_assert_mem_eq(&config, &before, sizeof(config));
}
END_TEST

START_TEST(a_dump_is_a_file_that_says_the_same)
{
    struct buffer out;
    char path[CONFIG_TEXT_MAX];

    write_file("api.city_data = false\nstore.names = 3m\nlisten = a:1\n");
    ck_assert_int_eq(config_complete(&config, nothing, reason), TALLY_OK);
    buffer_init(&out, 16 * 1024);
    config_listing_dump(&config, false, &out);
    buffer_add_byte(&out, '\0');
    ck_assert(buffer_is_whole(&out));
    ck_assert_ptr_nonnull(strstr(out.at, "# default\n"));
    ck_assert_ptr_nonnull(strstr(out.at, "# file\n"));

    struct config first = config;

    config_init(&config);
    snprintf(path, sizeof(path), "%s", first.file);
    write_file(out.at);
    ck_assert_int_eq(config_complete(&config, nothing, reason), TALLY_OK);
    memset(first.origins, 0, sizeof(first.origins));
    memset(config.origins, 0, sizeof(config.origins));
    ck_assert_mem_eq(&config, &first, sizeof(config));
    buffer_finish(&out);
}
END_TEST

START_TEST(help_and_json_name_every_key)
{
    struct buffer out;
    char part[100];

    buffer_init(&out, 16 * 1024);
    config_listing_help(&out);
    config_listing_dump(&config, true, &out);
    buffer_add_byte(&out, '\0');
    for (unsigned i = 0; i < config_key_count; i++) {
        snprintf(part, sizeof(part), "\n  --%s ", config_keys[i].name);
        ck_assert(i == 0 || strstr(out.at, part));
        snprintf(part, sizeof(part), "\"%s\":{\"value\":", config_keys[i].name);
        ck_assert_msg(strstr(out.at, part), "no %s in %s", part, out.at);
    }
    ck_assert_ptr_nonnull(strstr(out.at, "\"http.url\":{\"value\":16384,"
                                         "\"origin\":\"default\"}"));
    ck_assert_ptr_nonnull(strstr(out.at, "\"api.city_data\":{\"value\":true,"));
    buffer_finish(&out);
}
END_TEST

static const char *ask(const char *plugin, const char *key)
{
    const char *value = config_setting_ask(&config.settings, plugin, key);

    return value ? value : "none";
}

START_TEST(settings_of_plugins_are_taken_until_they_are_asked_for)
{
    char *environment[] = {"TALLYD_PLUGINS_MY_ONE_X=env", "TALLYD_PLUGINSX=1",
                           "TALLYD_PLUGINS_MY_ONE_Y=env",
                           "TALLYD_PLUGINS_BUDGET=7", NULL};

    write_file("plugins.my-one.x = file\nplugins.my-one.Z = file\n"
               "plugins.my-one.x = file 2\n");
    ck_assert_int_eq(flag("plugins.my-one.y", "flag"), TALLY_OK);
    ck_assert_int_eq(config_complete(&config, environment, reason), TALLY_OK);
    ck_assert_uint_eq(config.plugins.budget, 7);
    ck_assert_str_eq(ask("my-one", "x"), "env");
    ck_assert_str_eq(ask("my-one", "y"), "flag");
    ck_assert_str_eq(ask("my-one", "z"), "none");
    ck_assert_str_eq(config_setting_unasked(&config.settings)->name,
                     "plugins.my-one.Z");
    ck_assert_str_eq(ask("my-one", "Z"), "file");
    ck_assert_ptr_null(config_setting_unasked(&config.settings));
}
END_TEST

START_TEST(settings_of_an_unused_plugin_are_excused)
{
    char *environment[] = {"TALLYD_PLUGINS_A_X=1", NULL};

    ck_assert_int_eq(flag("plugins.a.y", "1"), TALLY_OK);
    ck_assert_int_eq(flag("plugins.ab.y", "1"), TALLY_OK);
    ck_assert_int_eq(config_complete(&config, environment, reason), TALLY_OK);
    config_setting_excuse(&config.settings, "a");
    ck_assert_str_eq(config_setting_unasked(&config.settings)->name,
                     "plugins.ab.y");
}
END_TEST

START_TEST(a_setting_has_a_name_and_a_value_that_can_be_kept)
{
    static const char *const names[] = {"plugins.a.", "plugins..b",
                                        "plugins.a.b.c", "plugins.a b.c"};
    char name[64];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        ck_assert_int_eq(flag(names[i], "1"), TALLY_ERR_NOT_FOUND);
    ck_assert_int_eq(flag("plugins.a.b", "1\n2"), TALLY_ERR_INVALID);
    says("plugins.a.b must not have control characters");
    for (int i = 0; i < CONFIG_SETTINGS_MAX; i++) {
        snprintf(name, sizeof(name), "plugins.a.k%d", i);
        ck_assert_int_eq(flag(name, "1"), TALLY_OK);
    }
    ck_assert_int_eq(flag("plugins.a.more", "1"), TALLY_ERR_TOO_BIG);
    says("plugins.a.more is one setting of plugins too many");
    ck_assert_int_eq(flag("plugins.a.k0", "2"), TALLY_OK);
    ck_assert_str_eq(ask("a", "k0"), "2");
}
END_TEST

START_TEST(a_dump_has_the_settings_of_plugins)
{
    char *environment[] = {"TALLYD_PLUGINS_A_X=1", NULL};
    struct buffer out;

    ck_assert_int_eq(flag("plugins.a.y", "2"), TALLY_OK);
    ck_assert_int_eq(config_complete(&config, environment, reason), TALLY_OK);
    buffer_init(&out, 32 * 1024);
    config_listing_dump(&config, false, &out);
    config_listing_dump(&config, true, &out);
    buffer_add_byte(&out, '\0');
    ck_assert_ptr_nonnull(strstr(out.at, "\nplugins.a.y = 2 "));
    ck_assert_ptr_nonnull(strstr(out.at, "\n# TALLYD_PLUGINS_A_X = 1 "));
    ck_assert_ptr_nonnull(strstr(
        out.at, "\"plugins.a.y\":{\"value\":\"2\",\"origin\":\"flag\"}"));
    buffer_finish(&out);
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

static Suite *config_suite(void)
{
    Suite *suite = suite_create("config");
    TCase *tcase = tcase_create("config");

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, defaults_are_those_of_the_modules);
    tcase_add_loop_test(tcase, a_value_is_taken_or_refused_with_its_rule, 0,
                        COUNT(values));
    tcase_add_test(tcase, flags_win_over_environment_over_file);
    tcase_add_test(tcase, the_environment_names_the_file_and_its_own_mistakes);
    tcase_add_loop_test(tcase, a_file_is_read_or_refused_with_the_line, 0,
                        COUNT(files));
    tcase_add_test(tcase, a_wrong_line_is_refused_even_when_a_flag_covers_it);
    tcase_add_test(tcase, a_file_that_cannot_be_read_is_named);
    tcase_add_loop_test(tcase, the_whole_is_checked, 0, COUNT(wholes));
    tcase_add_loop_test(tcase, an_address_has_a_host_and_a_port, 0,
                        COUNT(addresses));
    tcase_add_test(tcase, a_reload_changes_settings_and_level_alone);
    tcase_add_test(tcase, a_reload_that_fails_changes_nothing);
    tcase_add_test(tcase, a_dump_is_a_file_that_says_the_same);
    tcase_add_test(tcase, help_and_json_name_every_key);
    tcase_add_test(tcase,
                   settings_of_plugins_are_taken_until_they_are_asked_for);
    tcase_add_test(tcase, settings_of_an_unused_plugin_are_excused);
    tcase_add_test(tcase, a_setting_has_a_name_and_a_value_that_can_be_kept);
    tcase_add_test(tcase, a_dump_has_the_settings_of_plugins);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(config_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
