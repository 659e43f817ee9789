#include "bench/message.h"

#include <stdio.h>
#include <string.h>

enum {
    BEGIN = 1 << STEP_BEGIN,
    EXTEND = 1 << STEP_EXTEND,
    END = 1 << STEP_END
};
enum { ALL = BEGIN | EXTEND | END, METRICS_SIZE = 512 };

struct field {
    const char *name;
    const char *value;
    unsigned steps; /* that have it */
};

static const char *const carriers[] = {"Vodafone", "Telekom", "Orange"};
static const char *const countries[] = {"DE", "FR", "TR", "US", "GB"};
static const char *const locales[] = {"de_DE", "fr_FR", "tr_TR", "en_US"};
static const char *const resolutions[] = {"1080x2400", "1170x2532"};

#define PICK(list, i) ((list)[(i) % (sizeof(list) / sizeof((list)[0]))])

static void write_metrics(char metrics[METRICS_SIZE], unsigned phone)
{
    snprintf(metrics, METRICS_SIZE,
             "{\"_os\":\"%s\",\"_os_version\":\"%u\","
             "\"_device\":\"SM-S9" MARK_MODEL "\",\"_manufacturer\":\"%s\","
             "\"_resolution\":\"%s\",\"_carrier\":\"%s\","
             "\"_app_version\":\"3.%u.0\",\"_locale\":\"%s\"}",
             phone % 4 ? "Android" : "iOS", 9 + phone % 6,
             phone % 4 ? "Samsung" : "Apple", PICK(resolutions, phone),
             PICK(carriers, phone), phone % 7, PICK(locales, phone));
}

static void add_pair(struct template *template, const struct field *field)
{
    template_add(template, field->name);
    template_add(template, "=");
    template_add_encoded(template, field->value);
}

/* An object stays one, all else is a string. */
static void add_member(struct template *template, const struct field *field)
{
    const char *quote = field->value[0] == '{' ? "" : "\"";

    template_add_encoded(template, "\"");
    template_add(template, field->name);
    template_add_encoded(template, "\":");
    template_add_encoded(template, quote);
    template_add_encoded(template, field->value);
    template_add_encoded(template, quote);
}

typedef void (*add_field_fn)(struct template *template,
                             const struct field *field);

static void add_fields(struct template *template, const struct message *message,
                       const char *separator, add_field_fn add_field)
{
    char metrics[METRICS_SIZE];
    const struct field fields[] = {
        {"app_key", message->app_key, ALL},
        {"av", "3.1.0", ALL},
        {"begin_session", "1", BEGIN},
        {"country_code", PICK(countries, message->phone), ALL},
        {"device_id", MARK_DEVICE, ALL},
        {"dow", "4", ALL},
        {"end_session", "1", END},
        {"hour", "10", ALL},
        {"metrics", metrics, BEGIN},
        {"n", MARK_SERIAL, ALL},
        {"rr", "0", ALL},
        {"sdk_name", "java-native-android", ALL},
        {"sdk_version", "24.7.0", ALL},
        {"session_duration", "60", EXTEND},
        {"t", "1", ALL},
        {"timestamp", MARK_TIME, ALL},
        {"tz", "60", ALL},
    };

    write_metrics(metrics, message->phone);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (!(fields[i].steps & 1U << message->step))
            continue;
        if (i > 0)
            template_add(template, separator);
        add_field(template, &fields[i]);
    }
}

static void add_headers(struct template *template, const char *host)
{
    template_add(template, " HTTP/1.1\r\nHost: ");
    template_add(template, host);
    template_add(template, "\r\nUser-Agent: Dalvik/2.1.0 (bench)\r\n"
                           "Accept: */*\r\n");
}

void message_add_get(struct template *template, const char *host,
                     const char *target)
{
    template_add(template, "GET ");
    template_add(template, target);
    add_headers(template, host);
    template_add(template, "\r\n");
}

void message_add_post(struct template *template, const char *host,
                      const char *path, const char *length)
{
    template_add(template, "POST ");
    template_add(template, path);
    add_headers(template, host);
    template_add(template, "Content-Type: application/x-www-form-urlencoded\r\n"
                           "Content-Length: ");
    template_add(template, length);
    template_add(template, "\r\n\r\n");
}

static void add_pairs(struct template *template, const struct message *message)
{
    add_fields(template, message, "&", add_pair);
}

static void add_get(struct template *template, const struct message *message)
{
    template_add(template, "GET /i?");
    add_pairs(template, message);
    add_headers(template, message->host);
    template_add(template, "\r\n");
}

static void add_post(struct template *template, const struct message *message)
{
    struct template body = {0};
    char length[16];

    add_pairs(&body, message);
    snprintf(length, sizeof(length), "%zu", body.text.len);
    template_finish(&body);
    message_add_post(template, message->host, "/i", length);
    add_pairs(template, message);
}

static void add_item(struct template *template, const struct message *message)
{
    template_add_encoded(template, "{");
    add_fields(template, message, "%2C", add_member);
    template_add_encoded(template, "}");
}

void message_add(struct template *template, const struct message *message,
                 enum form form)
{
    static void (*const adders[])(struct template *, const struct message *) = {
        [FORM_GET] = add_get,
        [FORM_POST] = add_post,
        [FORM_BULK] = add_item,
    };

    adders[form](template, message);
}
