/*
 * browser.c - browsers and their versions. In an app for the web a version
 * stands with its browser, `[firefox]_128`.
 */
#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "metrics/tally_plugin.h"

enum { CHARACTER_MAX = 6 }; /* bytes that g_unichar_to_utf8() writes */

static const struct tally_host *host;

/* Appends what there is room for. */
static size_t append(char *value, size_t len, const char *bytes, size_t count)
{
    if (count > TALLY_VALUE_MAX - len)
        count = TALLY_VALUE_MAX - len;
    if (count > 0)
        memcpy(value + len, bytes, count);
    return len + count;
}

/* The host passes texts that are UTF-8; what is not is replaced. */
static size_t append_lower(char *value, size_t len, struct tally_text text)
{
    const char *end = text.at + text.len;

    while (text.at < end) {
        gunichar code =
            g_utf8_get_char_validated(text.at, (gssize)(end - text.at));
        bool is_good = code < (gunichar)-2 && code != 0;
        char bytes[CHARACTER_MAX];
        int count = g_unichar_to_utf8(
            is_good ? g_unichar_tolower(code) : 0xfffd, bytes);

        len = append(value, len, bytes, (size_t)count);
        text.at = is_good ? g_utf8_next_char(text.at) : text.at + 1;
    }
    return len;
}

static size_t name_version(const struct tally_metrics *metrics, char *value)
{
    struct tally_text browser = host->metric_of(metrics, "_browser");
    struct tally_text version = host->metric_of(metrics, "_browser_version");
    size_t len = 0;

    if (version.len == 0 || (host->metric_is_web(metrics) && browser.len == 0))
        return 0;
    if (host->metric_is_web(metrics)) {
        len = append(value, len, "[", 1);
        len = append_lower(value, len, browser);
        len = append(value, len, "]_", 2);
    }
    return append(value, len, version.at, version.len);
}

static int init(const struct tally_host *given, struct tally_plugin *self)
{
    static const struct tally_metric metrics[] = {
        {.size = sizeof(metrics[0]),
         .db = "browser",
         .name = "_browser",
         .short_code = "brw",
         .total_name = "browsers"},
        {.size = sizeof(metrics[0]),
         .db = "browser",
         .name = "_browser_version",
         .set = "browser_version",
         .short_code = "brwv",
         .value = name_version},
    };

    host = given;
    int failure = host->metric(self, &metrics[0]);
    return failure ? failure : host->metric(self, &metrics[1]);
}

TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin = {
    .abi = TALLY_PLUGIN_ABI,
    .size = sizeof(tally_plugin),
    .name = "browser",
    .version = "1.0",
    .about = "counts browsers and their versions",
    .needs = TALLY_CAN_COUNT,
    .init = init,
};
