#include "bench/begin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/buffer.h"
#include "engine/memory.h"

enum { PHONES = 64, DEVICE_DIGITS = 10, TIME_DIGITS = 13 };

struct phone {
    char text[BEGIN_SIZE_MAX];
    size_t size;
    size_t device; /* where its digits stand */
    size_t time;
};

struct begin {
    struct phone phones[PHONES];
};

static const char *const carriers[] = {"Vodafone", "Telekom", "Orange"};
static const char *const countries[] = {"DE", "FR", "TR", "US", "GB"};
static const char *const locales[] = {"de_DE", "fr_FR", "tr_TR", "en_US"};
static const char *const resolutions[] = {"1080x2400", "1170x2532"};

#define PICK(list, i) ((list)[(i) % (sizeof(list) / sizeof((list)[0]))])

/* Percent-encodes like encodeURIComponent() does for this text. */
static void add_encoded(struct buffer *out, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";

    for (const char *c = text; *c; c++) {
        if (!strchr("{}\":, ", *c)) {
            buffer_add_byte(out, *c);
            continue;
        }
        buffer_add_byte(out, '%');
        buffer_add_byte(out, hex[(unsigned char)*c >> 4]);
        buffer_add_byte(out, hex[*c & 15]);
    }
}

static void add_metric(struct buffer *out, const char *name, const char *value)
{
    add_encoded(out, "\"");
    buffer_add_string(out, name);
    add_encoded(out, "\":\"");
    add_encoded(out, value);
    add_encoded(out, "\"");
}

static void add_metrics(struct buffer *out, unsigned i)
{
    char model[16];
    char app_version[16];
    char os_version[16];
    snprintf(model, sizeof(model), "SM-S9%02u", i % 40);
    snprintf(app_version, sizeof(app_version), "3.%u.0", i % 7);
    snprintf(os_version, sizeof(os_version), "%u", 9 + i % 6);
    const struct {
        const char *name;
        const char *value;
    } metrics[] = {
        {"_os", i % 4 ? "Android" : "iOS"},
        {"_os_version", os_version},
        {"_device", model},
        {"_manufacturer", i % 4 ? "Samsung" : "Apple"},
        {"_resolution", PICK(resolutions, i)},
        {"_carrier", PICK(carriers, i)},
        {"_app_version", app_version},
        {"_locale", PICK(locales, i)},
    };

    add_encoded(out, "{");
    for (size_t m = 0; m < sizeof(metrics) / sizeof(metrics[0]); m++) {
        if (m)
            add_encoded(out, ",");
        add_metric(out, metrics[m].name, metrics[m].value);
    }
    add_encoded(out, "}");
}

static void write_phone(struct phone *phone, unsigned i, const char *host,
                        const char *app_key)
{
    struct buffer out;
    buffer_init(&out, sizeof(phone->text));

    buffer_add_string(&out, "GET /i?app_key=");
    buffer_add_string(&out, app_key);
    buffer_add_string(&out, "&av=3.1.0&begin_session=1&country_code=");
    buffer_add_string(&out, PICK(countries, i));
    buffer_add_string(&out, "&device_id=");
    phone->device = out.len;
    buffer_add_string(&out, "0000000000&dow=4&hour=10&metrics=");
    add_metrics(&out, i);
    buffer_add_string(&out, "&rr=0&sdk_name=java-native-android"
                            "&sdk_version=24.7.0&t=1&timestamp=");
    phone->time = out.len;
    buffer_add_string(&out, "0000000000000&tz=60 HTTP/1.1\r\nHost: ");
    buffer_add_string(&out, host);
    buffer_add_string(
        &out, "\r\nUser-Agent: Dalvik/2.1.0 (bench)\r\nAccept: */*\r\n\r\n");
    if (!buffer_is_whole(&out)) {
        fprintf(stderr, "the app key or the host is too long\n");
        exit(2);
    }
    memcpy(phone->text, out.at, out.len);
    phone->size = out.len;
    buffer_finish(&out);
}

struct begin *begin_create(const char *host, const char *app_key)
{
    struct begin *begin = memory_alloc(sizeof(*begin));

    for (unsigned i = 0; i < PHONES; i++)
        write_phone(&begin->phones[i], i, host, app_key);
    return begin;
}

void begin_destroy(struct begin *begin)
{
    free(begin);
}

static void write_digits(char *out, unsigned count, uint64_t value)
{
    for (unsigned i = count; i > 0; i--, value /= 10)
        out[i - 1] = (char)('0' + value % 10);
}

size_t begin_write(const struct begin *begin, uint64_t device, uint64_t ms,
                   char *out)
{
    const struct phone *phone = &begin->phones[device % PHONES];

    memcpy(out, phone->text, phone->size);
    write_digits(out + phone->device, DEVICE_DIGITS, device);
    write_digits(out + phone->time, TIME_DIGITS, ms);
    return phone->size;
}
