#include "metrics/plugins/jsplugins/jsplugins.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "metrics/plugins/jsplugins/js_call.h"
#include "metrics/plugins/jsplugins/js_document.h"
#include "metrics/plugins/jsplugins/js_hello.h"
#include "metrics/plugins/jsplugins/js_message.h"
#include "metrics/plugins/jsplugins/js_thread.h"

enum { LINE_MAX_SIZE = 4096, MS_PER_SECOND = 1000, NS_PER_MS = 1000000 };

int64_t js_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / NS_PER_MS;
}

/* A message is one line: those of a stack follow each other behind bars. */
void js_log(struct jsplugins *js, enum tally_level level, const char *format,
            ...)
{
    char line[LINE_MAX_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    for (char *at = line; *at; at++) {
        if (*at == '\n')
            *at = '|';
    }
    js->host->log(js->self, level, line);
}

/* --- settings --- */

static bool read_number(struct jsplugins *js, const char *key,
                        const char *standard, unsigned long limits[2],
                        unsigned *number)
{
    const char *text = js->host->setting(js->self, key, standard);
    char *end;

    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (end == text || *end || text[0] == '-' || errno || value < limits[0] ||
        value > limits[1]) {
        js_log(js, TALLY_LOG_ERROR, "%s has to be a number from %lu to %lu",
               key, limits[0], limits[1]);
        return false;
    }
    *number = (unsigned)value;
    return true;
}

static bool read_settings(struct jsplugins *js)
{
    struct js_settings *settings = &js->settings;
    const struct {
        const char *key;
        const char *standard;
        unsigned long limits[2];
        unsigned *number;
    } numbers[] = {
        {"timeout", "5000", {10, 600000}, &settings->timeout_ms},
        {"memory", "256", {16, 65536}, &settings->memory_mb},
        {"late_max", "5", {1, 1000000}, &settings->late_max},
        {"pause", "60000", {1, 86400000}, &settings->pause_ms},
    };
    bool is_good = true;

    settings->dir = js->host->setting(js->self, "dir", "");
    settings->node = js->host->setting(js->self, "node", "node");
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        unsigned long limits[2] = {numbers[i].limits[0], numbers[i].limits[1]};

        is_good &= read_number(js, numbers[i].key, numbers[i].standard, limits,
                               numbers[i].number);
    }
    return is_good;
}

/* --- the directory --- */

static bool is_plugin(const char *dir, const char *name)
{
    char file[LINE_MAX_SIZE];

    int len = snprintf(file, sizeof(file), "%s/%s/api/api.js", dir, name);
    return name[0] != '.' && len > 0 && (size_t)len < sizeof(file) &&
           access(file, R_OK) == 0;
}

/* How many plugins a directory has; less than 0: it cannot be read. */
static int count_plugins(const char *dir)
{
    int count = 0;
    const struct dirent *entry;

    DIR *list = opendir(dir);
    if (!list)
        return -1;
    while ((entry = readdir(list)) != NULL)
        count += is_plugin(dir, entry->d_name);
    closedir(list);
    return count;
}

/* --- the plugin --- */

/* close_plugin() gets nothing but the plugin. */
static const struct tally_host *the_host;

static void close_plugin(struct tally_plugin *self);

static bool open_plugin(struct jsplugins *js)
{
    if (!js_queue_init(&js->queue) || !js_thread_greet(js))
        return false;
    js_hello_learn(js);
    return true;
}

static int init(const struct tally_host *host, struct tally_plugin *self)
{
    struct jsplugins *js = calloc(1, sizeof(*js));

    if (!js)
        return TALLY_E_TOO_BIG;
    the_host = host;
    js->host = host;
    js->self = self;
    host->set_state(self, js);
    js->queue.wake = -1;
    js->documents = js_documents_create();
    js_jobs_init(&js->jobs, js);
    bool is_good = read_settings(js);
    int count = js->settings.dir[0] ? count_plugins(js->settings.dir) : 0;
    if (count < 0)
        js_log(js, TALLY_LOG_ERROR, "the directory %s cannot be read: %s",
               js->settings.dir, strerror(errno));
    if (!is_good || count < 0 || (count > 0 && !open_plugin(js))) {
        close_plugin(self);
        return TALLY_E_INVALID;
    }
    return 0;
}

static void close_plugin(struct tally_plugin *self)
{
    struct jsplugins *js = the_host->state(self);

    js_thread_stop(js);
    js_text_finish(&js->writing);
    js_reader_finish(&js->reader);
    js_queue_finish(&js->queue);
    js_jobs_finish(&js->jobs);
    js_documents_destroy(js->documents);
    cJSON_Delete(js->hello);
    free(js);
}

TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin = {
    TALLY_PLUGIN_ABI,
    sizeof(tally_plugin),
    "jsplugins",
    "1.0",
    "runs plugins that are written in JavaScript",
    TALLY_CAN_HOOK | TALLY_CAN_STORE | TALLY_CAN_COUNT | TALLY_CAN_WAIT |
        TALLY_CAN_SCHEDULE,
    init,
    close_plugin,
};
