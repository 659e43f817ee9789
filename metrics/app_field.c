#include "metrics/app_field.h"

#include "metrics/document.h"

static bool is_plain(const char *value, size_t max)
{
    size_t len = strlen(value);

    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f)
            return false;
    }
    return len <= max;
}

static bool is_name(const struct registry *registry, const char *value)
{
    (void)registry;
    return value[strspn(value, " ")] != '\0' && is_plain(value, APP_NAME_MAX);
}

static bool is_key(const struct registry *registry, const char *value)
{
    (void)registry;
    return value[0] != '\0' && is_plain(value, APP_KEY_MAX);
}

static bool is_country(const struct registry *registry, const char *value)
{
    (void)registry;
    return strlen(value) == 2 &&
           strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2;
}

static bool is_zone(const struct registry *registry, const char *value)
{
    struct zone *zone;

    return zone_open(registry_zones(registry), value, &zone) == TALLY_OK;
}

static bool is_category(const struct registry *registry, const char *value)
{
    size_t len = strlen(value);
    int number = 0;

    (void)registry;
    if (len < 1 || len > 2 || value[0] == '0' ||
        strspn(value, "0123456789") != len)
        return false;
    for (size_t i = 0; i < len; i++)
        number = number * 10 + (value[i] - '0');
    return number <= 20;
}

static bool is_type(const struct registry *registry, const char *value)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t len = strlen(value);

    (void)registry;
    return len > 0 && len <= 32 && strspn(value, letters) == len;
}

static bool is_value(const struct registry *registry, const char *value)
{
    (void)registry;
    return strlen(value) <= APP_VALUE_MAX;
}

#define FIELD(member) #member, offsetof(struct app, member)

const struct app_field app_field_strings[APP_FIELD_STRINGS] = {
    {FIELD(name), is_name, NULL, "Invalid app name"},
    {FIELD(key), is_key, NULL, "Invalid app key"},
    {FIELD(country), is_country, "TR", NULL},
    {FIELD(timezone), is_zone, "Etc/UTC", NULL},
    {FIELD(category), is_category, "6", NULL},
    {FIELD(type), is_type, "mobile", NULL},
    {FIELD(salt), is_value, NULL, NULL},
    {FIELD(checksum_salt), is_value, NULL, NULL},
    {FIELD(redirect_url), is_value, NULL, NULL},
};

const struct app_field app_field_flags[APP_FIELD_FLAGS] = {
    {FIELD(paused), NULL, NULL, NULL},
    {FIELD(locked), NULL, NULL, NULL},
};

#undef FIELD

const char **app_field_string(struct app *app, const struct app_field *field)
{
    return (const char **)((char *)app + field->offset);
}

bool *app_field_flag(struct app *app, const struct app_field *field)
{
    return (bool *)((char *)app + field->offset);
}

const cJSON *app_field_sent(const cJSON *args, const struct app_field *field)
{
    const cJSON *sent = document_find(args, field->name);

    return cJSON_IsNull(sent) ? NULL : sent;
}

bool app_field_is_valid(const struct app_field *field,
                        const struct registry *registry, const cJSON *sent)
{
    return cJSON_IsString(sent) && field->is_valid(registry, sent->valuestring);
}
