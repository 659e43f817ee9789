#include "http/config_key.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "http/config_list.h"
#include "http/journal.h"
#include "metrics/app.h"
#include "metrics/online.h"
#include "metrics/plugin.h"

enum {
    KILO = 1024,
    MEGA = KILO * KILO,
    DAY_S = 86400,
    HOUR_MS = 3600 * 1000,
};

#define GIGA ((uint64_t)KILO * MEGA)
#define TERA (KILO * GIGA)

#define FIELD(field) \
    offsetof(struct config, field), sizeof(((struct config *)NULL)->field)

#define PLUGINS(name, kind, low, high, standard, help)                        \
    {                                                                         \
        "plugins." #name, CONFIG_KIND_##kind, FIELD(plugins.name), low, high, \
            standard, help, false                                             \
    }
#define STORE(name, kind, low, high, help)                                     \
    {                                                                          \
        "store." #name, CONFIG_KIND_##kind, FIELD(store.name), low, high, "0", \
            help, false                                                        \
    }
#define HTTP(name, kind, low, high, standard, help)                     \
    {                                                                   \
        "http." #name, CONFIG_KIND_##kind, FIELD(http.name), low, high, \
            standard, help, false                                       \
    }
#define SECURITY(name, high, standard, help)                            \
    {                                                                   \
        "security." #name, CONFIG_KIND_COUNT, FIELD(api.name), 1, high, \
            standard, help, true                                        \
    }
#define API(name, kind, high, standard, help)                                 \
    {                                                                         \
        "api." #name, CONFIG_KIND_##kind, FIELD(api.name), 0, high, standard, \
            help, true                                                        \
    }

const struct config_key config_keys[] = {
    {"config", CONFIG_KIND_PATH, FIELD(file), 0, 0, "",
     "file with lines `key = value`; read again on SIGHUP", false},
    {"data", CONFIG_KIND_DIR, FIELD(data), 0, 0, "/var/lib/tallyd",
     "directory of the data, made when it does not exist", false},
    {"listen", CONFIG_KIND_ADDRESS, FIELD(listen), 0, 0, "127.0.0.1:3001",
     "where to serve; port 0 takes a free one", false},
    {"io-threads", CONFIG_KIND_COUNT, FIELD(io_threads), 1, 64, "0",
     "threads that read and write; 0: 1 below 4 cores, else half of them, "
     "at most 8",
     false},
    {"log.level", CONFIG_KIND_LEVEL, FIELD(log_level), 0, 0, "info",
     "error, warning, info or debug", true},

    STORE(overlay, SIZE, MEGA, TERA,
          "memory for changes not yet in the base; 0: 256m"),
    STORE(slot_bytes, SIZE, MEGA, GIGA, "size of one log file; 0: 64m"),
    STORE(slots, COUNT, 3, 64, "log files at most; 0: 6"),
    STORE(checkpoint_log, SIZE, 64 * KILO, 64 * GIGA,
          "log bytes that start a checkpoint; 0: 128m"),
    STORE(checkpoint_s, COUNT, 1, DAY_S,
          "seconds until one starts anyway; 0: 900"),
    STORE(names, SIZE, MEGA, TERA, "memory for names of values; 0: 64m"),
    STORE(free_bytes, SIZE, 1, 1024 * TERA, "disk space to leave free; 0: 64m"),

    HTTP(url, SIZE, KILO, MEGA, "16k", "longest request target"),
    HTTP(headers, SIZE, KILO, MEGA, "16k", "header fields of a request"),
    HTTP(header_count, COUNT, 8, 1000, "64", "the same, by number"),
    HTTP(body, SIZE, KILO, GIGA, "1m", "longest body, also unpacked"),
    HTTP(bulk_body, SIZE, KILO, GIGA, "8m", "the same for /i/bulk"),
    HTTP(connections, COUNT, 1, 1000000, "10000", "connections at once"),
    HTTP(pipeline, COUNT, 1, 1000, "32", "pending answers of a connection"),
    HTTP(header_ms, COUNT, 10, HOUR_MS, "10000", "time to send the headers"),
    HTTP(body_ms, COUNT, 10, HOUR_MS, "60000", "time to send the body"),
    HTTP(idle_ms, COUNT, 10, HOUR_MS, "30000", "wait for the next request"),
    HTTP(write_ms, COUNT, 10, HOUR_MS, "10000", "time to take an answer"),
    HTTP(trusted_proxies, NETWORKS, 0, 0, "",
         "addresses or CIDR blocks, with commas, whose X-Forwarded-For and "
         "X-Real-IP are believed; empty: everybody's are"),

    {"useragent.file", CONFIG_KIND_FILE, FIELD(useragent), 0, 0, "",
     "rules in uap-core's format that read user agents of apps for the web; "
     "empty: those of Debian's uap-core, if installed",
     false},
    {"geoip.file", CONFIG_KIND_FILE, FIELD(geoip), 0, 0, "",
     "MaxMind DB file that says where clients are; empty: none", true},

    {"metrics.custom", CONFIG_KIND_METRICS, FIELD(metrics), 0, 0, "",
     "metrics of your own, with commas: db:name:set or db:name:set:short_code",
     false},

    API(metric_limit, COUNT, 16000000, "1000",
        "different values of a metric in a year; 0 counts none"),
    API(event_limit, COUNT, 32000, "500",
        "different keys of events in a year; 0: any number"),
    API(event_segmentation_limit, COUNT, 4000, "100",
        "different segments of an event in a year; 0: any number"),
    API(event_segmentation_value_limit, COUNT, 100000, "1000",
        "different values of a segment in a year; 0: any number"),
    API(session_cooldown, COUNT, DAY_S, "15",
        "seconds in which a session is resumed"),
    API(session_duration_limit, COUNT, 365 * DAY_S, "86400",
        "seconds that one report counts at most"),
    API(array_list_limit, COUNT, 1000, "10",
        "elements of an array in a user's property"),
    API(requests_kept, COUNT, 1000, "100",
        "last requests of an app that /o/requests shows; 0: none"),
    API(online_window_s, COUNT, ONLINE_WINDOW_MAX, "120",
        "seconds after a request in which a user is online; 0: never"),
    API(country_data, BOOL, 1, "true", "count countries"),
    API(city_data, BOOL, 1, "true", "count cities"),
    API(prevent_duplicate_requests, BOOL, 1, "true",
        "ignore a request that was counted before"),

    SECURITY(login_tries, 1000, "3",
             "wrong passwords of an account or address before it must wait"),
    SECURITY(login_wait, DAY_S, "300", "seconds that it waits"),

    PLUGINS(dir, FOLDER, 0, 0, "",
            "directory of plugins, files *.so; empty: none; also --plugins"),
    PLUGINS(optional, BOOL, 0, 1, "false",
            "start without plugins that cannot be loaded; also "
            "--plugins-optional"),
    PLUGINS(order, NAMES, 0, 0, "",
            "plugins that are asked first, with commas; the others follow by "
            "name"),
    PLUGINS(disabled, NAMES, 0, 0, "",
            "plugins that are not used, with commas"),
    PLUGINS(budget, COUNT, 1, 60000, "5",
            "milliseconds of a handler; one that takes longer is logged"),
    PLUGINS(timeout, COUNT, 10, HOUR_MS, "30000",
            "milliseconds that a request waits for a plugin"),

    {"retention.hours", CONFIG_KIND_COUNT, FIELD(api.retention_hours), 0,
     APP_KEEP_HOURS_MAX, "0",
     "days that hours are kept, unless an app says so itself; 0: for ever",
     true},
    {"retention.days", CONFIG_KIND_COUNT, FIELD(api.retention_days), 0,
     APP_KEEP_DAYS_MAX, "0", "months that days are kept, likewise; 0: for ever",
     true},
};

enum { KEYS = sizeof(config_keys) / sizeof(config_keys[0]) };

const unsigned config_key_count = KEYS;

_Static_assert((int)KEYS <= (int)CONFIG_KEYS_MAX, "room for origins");

#undef PLUGINS
#undef SECURITY
#undef API
#undef HTTP
#undef STORE
#undef FIELD

unsigned config_key_find(struct text name)
{
    unsigned at = 0;

    while (at < config_key_count && !text_is(name, config_keys[at].name))
        at++;
    return at;
}

void config_key_variable(const char *name,
                         char variable[static CONFIG_VARIABLE_SIZE])
{
    snprintf(variable, CONFIG_VARIABLE_SIZE, "TALLYD_%s", name);
    for (char *at = variable; *at; at++) {
        if (*at == '.' || *at == '-')
            *at = '_';
        else if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
    }
}

static void *field_of(const struct config_key *key, struct config *config)
{
    return (char *)config + key->offset;
}

static const void *value_of(const struct config_key *key,
                            const struct config *config)
{
    return (const char *)config + key->offset;
}

static enum tally_err refuse(char reason[static CONFIG_REASON_SIZE],
                             const char *rule)
{
    snprintf(reason, CONFIG_REASON_SIZE, "%s", rule);
    return TALLY_ERR_INVALID;
}

static bool may_be_empty(enum config_kind kind)
{
    return kind == CONFIG_KIND_PATH || kind == CONFIG_KIND_FILE ||
           kind == CONFIG_KIND_FOLDER || kind == CONFIG_KIND_NAMES;
}

static enum tally_err read_text(const struct config_key *key, struct text value,
                                struct config *config,
                                char reason[static CONFIG_REASON_SIZE])
{
    char *field = field_of(key, config);

    if (value.len == 0 && !may_be_empty(key->kind))
        return refuse(reason, "must not be empty");
    if (value.len >= key->size)
        return refuse(reason, "is too long");
    for (size_t i = 0; i < value.len; i++) {
        if ((unsigned char)value.at[i] < ' ' || value.at[i] == 0x7f)
            return refuse(reason, "must not have control characters");
    }
    if (value.len > 0)
        memcpy(field, value.at, value.len);
    field[value.len] = '\0';
    return TALLY_OK;
}

static enum tally_err read_names(const struct config_key *key,
                                 struct text value, struct config *config,
                                 char reason[static CONFIG_REASON_SIZE])
{
    struct text list = value;
    struct text name;

    while (config_list_next(&list, &name)) {
        if (!plugin_is_name(name))
            return refuse(reason, "must be names of plugins with commas");
    }
    return read_text(key, value, config, reason);
}

static enum tally_err read_level(const struct config_key *key,
                                 struct text value, struct config *config,
                                 char reason[static CONFIG_REASON_SIZE])
{
    enum journal_level level;

    if (!journal_level_read(value, &level))
        return refuse(reason, "must be error, warning, info or debug");
    return read_text(key, value, config, reason);
}

static uint64_t unit_of(char suffix)
{
    switch (suffix) {
    case 'k':
    case 'K':
        return KILO;
    case 'm':
    case 'M':
        return MEGA;
    case 'g':
    case 'G':
        return GIGA;
    default:
        return 0;
    }
}

/* Digits and nothing else; false past what 64 bits hold, too. */
static bool read_digits(struct text text, uint64_t *number)
{
    uint64_t sum = 0;

    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)(text.at[i] - '0');

        if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *number = sum;
    return true;
}

static bool read_size(struct text text, uint64_t *number)
{
    uint64_t unit = text.len > 0 ? unit_of(text.at[text.len - 1]) : 0;
    uint64_t count;

    if (unit > 0)
        text.len--;
    else
        unit = 1;
    if (!read_digits(text, &count) || count > UINT64_MAX / unit)
        return false;
    *number = count * unit;
    return true;
}

static void write_size(uint64_t number, struct buffer *out)
{
    static const char suffixes[] = {'g', 'm', 'k'};
    char digits[24];

    for (size_t i = 0; i < sizeof(suffixes) && number > 0; i++) {
        uint64_t unit = unit_of(suffixes[i]);

        if (number % unit == 0) {
            snprintf(digits, sizeof(digits), "%" PRIu64 "%c", number / unit,
                     suffixes[i]);
            buffer_add_string(out, digits);
            return;
        }
    }
    snprintf(digits, sizeof(digits), "%" PRIu64, number);
    buffer_add_string(out, digits);
}

static enum tally_err refuse_range(const struct config_key *key,
                                   char reason[static CONFIG_REASON_SIZE])
{
    bool has_zero = strcmp(key->standard, "0") == 0 && key->minimum > 0;
    struct buffer text;

    buffer_init(&text, CONFIG_REASON_SIZE - 1);
    buffer_add_string(&text, has_zero ? "must be 0 or from " : "must be from ");
    write_size(key->minimum, &text);
    buffer_add_string(&text, " to ");
    write_size(key->maximum, &text);
    snprintf(reason, CONFIG_REASON_SIZE, "%.*s", (int)text.len, text.at);
    buffer_finish(&text);
    return TALLY_ERR_RANGE;
}

static enum tally_err read_number(const struct config_key *key,
                                  struct text value, struct config *config,
                                  char reason[static CONFIG_REASON_SIZE])
{
    bool is_size = key->kind == CONFIG_KIND_SIZE;
    uint64_t number;

    if (!(is_size ? read_size(value, &number) : read_digits(value, &number)))
        return refuse(reason, is_size ? "must be a size like 65536, 64k or 2m"
                                      : "must be a whole number");
    if ((number < key->minimum || number > key->maximum) &&
        (number > 0 || strcmp(key->standard, "0") != 0))
        return refuse_range(key, reason);
    if (key->size == sizeof(uint64_t)) {
        memcpy(field_of(key, config), &number, sizeof(number));
    } else {
        uint32_t narrow = (uint32_t)number;

        memcpy(field_of(key, config), &narrow, sizeof(narrow));
    }
    return TALLY_OK;
}

static enum tally_err read_bool(const struct config_key *key, struct text value,
                                struct config *config,
                                char reason[static CONFIG_REASON_SIZE])
{
    bool *field = field_of(key, config);

    if (!text_is(value, "true") && !text_is(value, "false"))
        return refuse(reason, "must be true or false");
    *field = text_is(value, "true");
    return TALLY_OK;
}

static enum tally_err read_networks(const struct config_key *key,
                                    struct text value, struct config *config,
                                    char reason[static CONFIG_REASON_SIZE])
{
    enum tally_err err = networks_read(value, field_of(key, config));

    if (err == TALLY_ERR_TOO_BIG)
        refuse(reason, "must be at most 32 networks");
    else if (err)
        refuse(reason, "must be addresses or CIDR blocks like 10.0.0.0/8,::1");
    return err;
}

static enum tally_err read_metrics(const struct config_key *key,
                                   struct text value, struct config *config,
                                   char reason[static CONFIG_REASON_SIZE])
{
    char rule[DEFINITION_REASON_SIZE];
    enum tally_err err = additions_read(value, field_of(key, config), rule);

    return err ? refuse(reason, rule) : TALLY_OK;
}

enum tally_err config_key_read(const struct config_key *key, struct text value,
                               struct config *config,
                               char reason[static CONFIG_REASON_SIZE])
{
    switch (key->kind) {
    case CONFIG_KIND_DIR:
    case CONFIG_KIND_ADDRESS:
    case CONFIG_KIND_PATH:
    case CONFIG_KIND_FILE:
    case CONFIG_KIND_FOLDER:
        return read_text(key, value, config, reason);
    case CONFIG_KIND_NAMES:
        return read_names(key, value, config, reason);
    case CONFIG_KIND_LEVEL:
        return read_level(key, value, config, reason);
    case CONFIG_KIND_COUNT:
    case CONFIG_KIND_SIZE:
        return read_number(key, value, config, reason);
    case CONFIG_KIND_NETWORKS:
        return read_networks(key, value, config, reason);
    case CONFIG_KIND_METRICS:
        return read_metrics(key, value, config, reason);
    case CONFIG_KIND_BOOL:
        break;
    }
    return read_bool(key, value, config, reason);
}

uint64_t config_key_number(const struct config_key *key,
                           const struct config *config)
{
    const void *value = value_of(key, config);
    uint64_t wide;
    uint32_t narrow;

    if (key->kind == CONFIG_KIND_BOOL)
        return *(const bool *)value;
    if (key->size == sizeof(wide)) {
        memcpy(&wide, value, sizeof(wide));
        return wide;
    }
    memcpy(&narrow, value, sizeof(narrow));
    return narrow;
}

void config_key_write(const struct config_key *key, const struct config *config,
                      struct buffer *out)
{
    switch (key->kind) {
    case CONFIG_KIND_DIR:
    case CONFIG_KIND_ADDRESS:
    case CONFIG_KIND_PATH:
    case CONFIG_KIND_FILE:
    case CONFIG_KIND_FOLDER:
    case CONFIG_KIND_NAMES:
    case CONFIG_KIND_LEVEL:
        buffer_add_string(out, value_of(key, config));
        return;
    case CONFIG_KIND_COUNT:
        buffer_add_int(out, (int64_t)config_key_number(key, config));
        return;
    case CONFIG_KIND_SIZE:
        write_size(config_key_number(key, config), out);
        return;
    case CONFIG_KIND_NETWORKS:
        networks_write(value_of(key, config), out);
        return;
    case CONFIG_KIND_METRICS:
        additions_write(value_of(key, config), out);
        return;
    case CONFIG_KIND_BOOL:
        break;
    }
    buffer_add_string(out, config_key_number(key, config) ? "true" : "false");
}
