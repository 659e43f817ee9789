/*
 * value.h - what a metric's value is called when it is counted.
 *
 * Clients report raw strings; counters, user records and lists use names that
 * are derived here (spec B.7.3, 0.4.7, 0.4.16, 0.4.21). Some of them need more
 * than one metric of the request, so all functions take the whole `metrics`
 * object. Everything is pure: the same metrics give the same names.
 */
#ifndef METRICS_VALUE_H
#define METRICS_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/text.h"
#include "metrics/params.h"

enum { VALUE_MAX = 255 };

/* A name: 1..VALUE_MAX bytes, cut on a UTF-8 boundary. */
struct value {
    uint8_t len;
    char bytes[VALUE_MAX];
};

static inline struct text value_text(const struct value *value)
{
    return (struct text){value->bytes, value->len};
}

/* Names the value of the metric `key`. Rules of their own have `_carrier`,
 * `_os_version`, `_density`, `_app_version`, `_device_type`, `_manufacturer`
 * and `_has_hinge`, `_lang` (made of `_locale`) and `_store`; any other key is
 * taken as it is. False when there is none: absent, null, false, the number
 * 0, empty, nested, or dropped by its rule. */
bool value_of(const struct params *metrics, const char *key,
              struct value *value);

/* Names a property without rules, like a city; false when it is empty. */
bool value_plain(struct text raw, struct value *value);

/* Names a source, `_store` or what stands for it: a leading `$` and each dot
 * become character references. False when it is empty. */
bool value_source(struct text raw, struct value *value);

/* Names `_browser_version` in a web app: `[browser]_version`. False without
 * both. */
bool value_web_browser(const struct params *metrics, struct value *value);

/* Names an SDK by its name and version: `[name]_version`. False without
 * both. */
bool value_sdk(struct text name, struct text version, struct value *value);

#endif
