#include "http/plugin_runtime.h"

#include <uv.h>

#include "http/journal.h"

enum { NANOSECONDS_PER_MS = 1000000 };

static int64_t nanoseconds(void)
{
    return (int64_t)uv_hrtime();
}

static void write_line(const char *plugin, enum tally_level level,
                       const char *message)
{
    static const enum journal_level levels[] = {
        [TALLY_LOG_ERROR] = JOURNAL_ERROR,
        [TALLY_LOG_WARNING] = JOURNAL_WARNING,
        [TALLY_LOG_INFO] = JOURNAL_INFO,
        [TALLY_LOG_DEBUG] = JOURNAL_DEBUG,
    };
    const struct journal_field fields[] = {journal_string("plugin", plugin),
                                           journal_string("text", message),
                                           JOURNAL_END};
    bool is_known = (unsigned)level <= TALLY_LOG_DEBUG;

    journal_write(is_known ? levels[level] : JOURNAL_INFO, "plugin", fields);
}

static void complain(const char *plugin, const char *path, const char *what,
                     int64_t number)
{
    const struct journal_field fields[] = {
        journal_string("plugin", plugin), journal_string("hook", path),
        journal_string("what", what), journal_int("number", number),
        JOURNAL_END};

    journal_write(JOURNAL_WARNING, "plugin misbehaves", fields);
}

static const char *setting(void *user, const char *plugin, const char *key)
{
    struct plugin_runtime *runtime = user;

    return config_setting_ask(&runtime->config->settings, plugin, key);
}

static int resume(void *user, tally_wait wait)
{
    (void)user;
    (void)wait;
    return TALLY_E_NOT_HERE;
}

static int run(void *user, struct tally_plugin *plugin, void (*fn)(void *),
               void *fn_user)
{
    (void)user;
    (void)plugin;
    (void)fn;
    (void)fn_user;
    return TALLY_E_NOT_HERE;
}

static int post(void *user, struct tally_plugin *plugin, tally_handler fn,
                void *fn_user)
{
    (void)user;
    (void)plugin;
    (void)fn;
    (void)fn_user;
    return TALLY_E_NOT_HERE;
}

static uint64_t timer(void *user, struct tally_plugin *plugin, unsigned ms,
                      tally_handler fn, void *fn_user)
{
    (void)user;
    (void)plugin;
    (void)ms;
    (void)fn;
    (void)fn_user;
    return 0;
}

static void timer_stop(void *user, uint64_t number)
{
    (void)user;
    (void)number;
}

void plugin_runtime_init(struct plugin_runtime *runtime, struct config *config,
                         struct plugins_runtime *table)
{
    *runtime = (struct plugin_runtime){.config = config};
    *table = (struct plugins_runtime){
        .nanoseconds = nanoseconds,
        .log = write_line,
        .complain = complain,
        .setting = setting,
        .resume = resume,
        .run = run,
        .post = post,
        .timer = timer,
        .timer_stop = timer_stop,
        .user = runtime,
        .version = TALLY_VERSION,
        .budget_ns = (int64_t)config->plugins.budget * NANOSECONDS_PER_MS,
    };
}
