#include "http/config_listing.h"

#include "http/config_key.h"
#include "metrics/json.h"

enum { COLUMN = 42, VALUE_TEXT_MAX = 8 * 1024 };

static const char *const origin_names[] = {
    [CONFIG_DEFAULT] = "default",
    [CONFIG_FILE] = "file",
    [CONFIG_ENVIRONMENT] = "environment",
    [CONFIG_FLAG] = "flag",
};

static void add_value(struct json *json, const struct config_key *key,
                      const struct config *config)
{
    struct buffer text;

    switch (key->kind) {
    case CONFIG_KIND_COUNT:
    case CONFIG_KIND_SIZE:
        json_int(json, (int64_t)config_key_number(key, config));
        return;
    case CONFIG_KIND_BOOL:
        json_bool(json, config_key_number(key, config) != 0);
        return;
    case CONFIG_KIND_DIR:
    case CONFIG_KIND_ADDRESS:
    case CONFIG_KIND_LEVEL:
    case CONFIG_KIND_PATH:
    case CONFIG_KIND_FILE:
    case CONFIG_KIND_FOLDER:
    case CONFIG_KIND_NAMES:
    case CONFIG_KIND_NETWORKS:
    case CONFIG_KIND_METRICS:
        break;
    }
    buffer_init(&text, VALUE_TEXT_MAX);
    config_key_write(key, config, &text);
    json_text(json, buffer_text(&text));
    buffer_finish(&text);
}

static void dump_json(const struct config *config, struct buffer *out)
{
    struct json json;

    json_init(&json, out, JSON_PLAIN);
    json_open_object(&json);
    for (unsigned i = 0; i < config_key_count; i++) {
        json_key_string(&json, config_keys[i].name);
        json_open_object(&json);
        json_key_string(&json, "value");
        add_value(&json, &config_keys[i], config);
        json_member_string(&json, "origin", origin_names[config->origins[i]]);
        json_close_object(&json);
    }
    for (unsigned i = 0; i < config->settings.count; i++) {
        const struct config_setting *setting = &config->settings.list[i];

        json_key_string(&json, setting->name);
        json_open_object(&json);
        json_member_string(&json, "value", setting->value);
        json_member_string(&json, "origin", origin_names[setting->origin]);
        json_close_object(&json);
    }
    json_close_object(&json);
    buffer_add_byte(out, '\n');
}

static void pad(struct buffer *out, size_t start, size_t column)
{
    do
        buffer_add_byte(out, ' ');
    while (out->len < start + column);
}

/* Whose key a variable is only plugins know: it is a comment of the file. */
static void dump_setting(const struct config_setting *setting,
                         struct buffer *out)
{
    size_t start = out->len;

    if (setting->origin == CONFIG_ENVIRONMENT)
        buffer_add_string(out, "# ");
    buffer_add_string(out, setting->name);
    buffer_add_string(out, " = ");
    buffer_add_string(out, setting->value);
    pad(out, start, COLUMN);
    buffer_add_string(out, "# ");
    buffer_add_string(out, origin_names[setting->origin]);
    buffer_add_byte(out, '\n');
}

void config_listing_dump(const struct config *config, bool as_json,
                         struct buffer *out)
{
    if (as_json) {
        dump_json(config, out);
        return;
    }
    for (unsigned i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        size_t start = out->len;

        if (key->kind == CONFIG_KIND_PATH)
            buffer_add_string(out, "# ");
        buffer_add_string(out, key->name);
        buffer_add_string(out, " = ");
        config_key_write(key, config, out);
        pad(out, start, COLUMN);
        buffer_add_string(out, "# ");
        buffer_add_string(out, origin_names[config->origins[i]]);
        buffer_add_byte(out, '\n');
    }
    for (unsigned i = 0; i < config->settings.count; i++)
        dump_setting(&config->settings.list[i], out);
}

void config_listing_help(struct buffer *out)
{
    static const char *const values[] = {
        [CONFIG_KIND_DIR] = "DIR",
        [CONFIG_KIND_ADDRESS] = "HOST:PORT",
        [CONFIG_KIND_LEVEL] = "LEVEL",
        [CONFIG_KIND_PATH] = "FILE",
        [CONFIG_KIND_COUNT] = "NUMBER",
        [CONFIG_KIND_SIZE] = "SIZE",
        [CONFIG_KIND_BOOL] = "BOOL",
        [CONFIG_KIND_FILE] = "FILE",
        [CONFIG_KIND_FOLDER] = "DIR",
        [CONFIG_KIND_NAMES] = "NAMES",
        [CONFIG_KIND_NETWORKS] = "NETWORKS",
        [CONFIG_KIND_METRICS] = "METRICS",
    };

    for (unsigned i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        size_t start = out->len;

        buffer_add_string(out, "  --");
        buffer_add_string(out, key->name);
        buffer_add_byte(out, ' ');
        buffer_add_string(out, values[key->kind]);
        pad(out, start, COLUMN);
        buffer_add_string(out, key->help);
        if (key->standard[0] != '\0') {
            buffer_add_string(out, " (default ");
            buffer_add_string(out, key->standard);
            buffer_add_byte(out, ')');
        }
        buffer_add_byte(out, '\n');
    }
}
