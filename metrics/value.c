#include "metrics/value.h"

#include <glib.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <strings.h>

#include "engine/utf8.h"
#include "metrics/carrier.h"
#include "metrics/decimal.h"
#include "metrics/draft.h"

/* The text of a metric; `number` holds it when it was a JSON number. */
struct raw {
    struct text text;
    char number[DECIMAL_SIZE];
};

/* Names the draft as it stands; false when it is empty. */
static bool cut(const struct draft *draft, size_t from, struct value *value)
{
    size_t len = draft->len - from;
    const char *bytes = draft->bytes + from;

    if (len > VALUE_MAX) {
        len = VALUE_MAX;
        while (len > VALUE_MAX - UTF8_MAX && (bytes[len] & 0xc0) == 0x80)
            len--;
    }
    if (len == 0)
        return false;

    memcpy(value->bytes, bytes, len);
    value->len = (uint8_t)len;
    return true;
}

static bool escape(struct draft *draft, struct value *value)
{
    for (size_t i = 0; i < draft->len; i++) {
        if (draft->bytes[i] == '.')
            draft->bytes[i] = ':';
    }
    return cut(draft, draft->len > 0 && draft->bytes[0] == '$', value);
}

/* JavaScript prints the numbers of JSON in its own way; 0 is no value. */
static bool read_number(struct text json, struct raw *raw)
{
    char digits[64] = "";

    if (json.len == 0 || json.len >= sizeof(digits))
        return false;
    memcpy(digits, json.at, json.len);

    double number = strtod(digits, NULL);
    if (number == 0 || !isfinite(number))
        return false;
    decimal_print(raw->number, number);
    raw->text = text_of(raw->number);
    return true;
}

static bool read_raw(const struct params *metrics, const char *key,
                     struct raw *raw)
{
    const struct param *param = params_find(metrics, key);

    if (!param)
        return false;
    if (param->kind == PARAM_NUMBER)
        return read_number(param->value, raw);
    if (param->kind != PARAM_TEXT &&
        !(param->kind == PARAM_BOOL && text_is(param->value, "true")))
        return false;

    raw->text = param->value;
    return raw->text.len > 0;
}

static bool name_plain(const struct params *metrics, const char *key,
                       struct draft *draft)
{
    struct raw raw;

    if (!read_raw(metrics, key, &raw))
        return false;

    draft_add(draft, raw.text);
    return true;
}

static bool is_digits(struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!g_ascii_isdigit(text.at[i]))
            return false;
    }
    return text.len > 0;
}

static bool name_carrier(const struct params *metrics, const char *key,
                         struct draft *draft)
{
    struct raw raw;

    if (!read_raw(metrics, key, &raw))
        return false;

    carrier_draft(raw.text, draft);
    return true;
}

/* --- operating systems --- */

static const struct {
    const char *os; /* in lower case */
    const char *code;
} os_codes[] = {
    {"webos", "webos"},
    {"brew", "brew"},
    {"unknown", "unk"},
    {"undefined", "unk"},
    {"tvos", "atv"},
    {"apple tv", "atv"},
    {"watchos", "wos"},
    {"unity editor", "uty"},
    {"qnx", "qnx"},
    {"os/2", "os2"},
    {"amazon fire tv", "aft"},
    {"amazon", "amz"},
    {"web", "web"},
    {"windows", "mw"},
    {"open bsd", "ob"},
    {"searchbot", "sb"},
    {"sun os", "so"},
    {"solaris", "so"},
    {"beos", "bo"},
    {"mac osx", "o"},
    {"macos", "o"},
    {"mac", "o"},
    {"osx", "o"},
    {"linux", "l"},
    {"unix", "u"},
    {"ios", "i"},
    {"android", "a"},
    {"blackberry", "b"},
    {"windows phone", "w"},
    {"wp", "w"},
    {"roku", "r"},
    {"symbian", "s"},
    {"chrome", "c"},
    {"debian", "d"},
    {"nokia", "n"},
    {"firefox", "f"},
    {"tizen", "t"},
    {"arch", "l"},
};

/* The code of the longest name that the system's begins with, NULL if none. */
static const char *os_code(struct text os)
{
    const char *code = NULL;
    size_t longest = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(os_codes); i++) {
        if (os.len == 0 || (os.at[0] | 0x20) != os_codes[i].os[0])
            continue;
        size_t len = strlen(os_codes[i].os);

        if (len > longest && os.len >= len &&
            strncasecmp(os.at, os_codes[i].os, len) == 0) {
            longest = len;
            code = os_codes[i].code;
        }
    }
    return code;
}

/* The value behind the code of its operating system, if that is known. */
static bool name_with_os(const struct params *metrics, const char *key,
                         struct draft *draft)
{
    struct raw raw;
    struct raw os;

    if (!read_raw(metrics, key, &raw))
        return false;
    if (read_raw(metrics, "_os", &os)) {
        const char *code = os_code(os.text);

        if (code)
            draft_add_string(draft, code);
        else
            draft_add_code_point(
                draft, g_unichar_tolower(draft_take_character(&os.text)));
    }
    draft_add(draft, raw.text);
    return true;
}

/* --- what Apple does not tell --- */

static const struct {
    const char *os;
    const char *device; /* its beginning */
    const char *type;
} device_types[] = {
    {"iOS", "iPhone", "mobile"},    {"iOS", "iPod", "mobile"},
    {"iOS", "iPad", "tablet"},      {"watchOS", "Watch", "wearable"},
    {"tvOS", "AppleTV", "smarttv"}, {"macOS", "Mac", "desktop"},
    {"macOS", "iMac", "desktop"},
};

static bool name_device_type(const struct params *metrics, const char *key,
                             struct draft *draft)
{
    struct raw os;
    struct raw device;

    if (name_plain(metrics, key, draft))
        return true;
    if (!read_raw(metrics, "_os", &os) ||
        !read_raw(metrics, "_device", &device))
        return false;

    for (size_t i = 0; i < G_N_ELEMENTS(device_types); i++) {
        if (text_is(os.text, device_types[i].os) &&
            text_has_prefix(device.text, device_types[i].device)) {
            draft_add_string(draft, device_types[i].type);
            return true;
        }
    }
    return false;
}

static bool name_manufacturer(const struct params *metrics, const char *key,
                              struct draft *draft)
{
    static const char *const systems[] = {"iOS", "watchOS", "tvOS", "macOS"};
    struct raw os;

    if (name_plain(metrics, key, draft))
        return true;
    if (!read_raw(metrics, "_os", &os))
        return false;

    for (size_t i = 0; i < G_N_ELEMENTS(systems); i++) {
        if (text_is(os.text, systems[i])) {
            draft_add_string(draft, "Apple");
            return true;
        }
    }
    return false;
}

/* --- others --- */

static bool name_app_version(const struct params *metrics, const char *key,
                             struct draft *draft)
{
    struct raw raw;

    if (!read_raw(metrics, key, &raw))
        return false;

    draft_add(draft, raw.text);
    if (is_digits(raw.text))
        draft_add_string(draft, ".0");
    return true;
}

static bool name_has_hinge(const struct params *metrics, const char *key,
                           struct draft *draft)
{
    struct raw raw;

    if (!read_raw(metrics, key, &raw))
        return false;

    bool hinged = text_is(raw.text, "true") || text_is(raw.text, "hinged");
    draft_add_string(draft, hinged ? "hinged" : "not_hinged");
    return true;
}

static const struct {
    const char *locale; /* its beginning, in lower case with `_` */
    const char *language;
} chinese[] = {
    {"zh_cn", "zh_hans"},   {"zh_sg", "zh_hans"}, {"zh_hans", "zh_hans"},
    {"zh_tw", "zh_hant"},   {"zh_hk", "zh_hant"}, {"zh_mo", "zh_hant"},
    {"zh_hant", "zh_hant"},
};

/* Chinese is two languages by script; without one it is none. */
static void name_chinese(struct draft *draft)
{
    struct text locale = {draft->bytes, draft->len};

    for (size_t i = 0; i < G_N_ELEMENTS(chinese); i++) {
        if (text_has_prefix(locale, chinese[i].locale)) {
            draft->len = 0;
            draft_add_string(draft, chinese[i].language);
            return;
        }
    }
    draft->len = 0;
}

static bool name_language(const struct params *metrics, const char *key,
                          struct draft *draft)
{
    if (!name_plain(metrics, "_locale", draft) &&
        !name_plain(metrics, key, draft))
        return false;

    for (size_t i = 0; i < draft->len; i++) {
        char byte = g_ascii_tolower(draft->bytes[i]);

        draft->bytes[i] = byte == '-' ? '_' : byte;
    }
    const char *end = memchr(draft->bytes, '_', draft->len);
    size_t len = end ? (size_t)(end - draft->bytes) : draft->len;
    if (text_is((struct text){draft->bytes, len}, "zh"))
        name_chinese(draft);
    else
        draft->len = len;
    return draft->len > 0;
}

static const struct {
    const char *key;
    bool (*name)(const struct params *metrics, const char *key,
                 struct draft *draft);
} rules[] = {
    {"_carrier", name_carrier},         {"_os_version", name_with_os},
    {"_density", name_with_os},         {"_app_version", name_app_version},
    {"_device_type", name_device_type}, {"_manufacturer", name_manufacturer},
    {"_has_hinge", name_has_hinge},     {"_lang", name_language},
};

bool value_of(const struct params *metrics, const char *key,
              struct value *value)
{
    struct draft draft = {.len = 0};
    struct raw raw;

    if (strcmp(key, "_store") == 0)
        return read_raw(metrics, key, &raw) && value_source(raw.text, value);
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        if (key[1] == rules[i].key[1] && strcmp(key, rules[i].key) == 0)
            return rules[i].name(metrics, key, &draft) && escape(&draft, value);
    }
    return name_plain(metrics, key, &draft) && escape(&draft, value);
}

bool value_plain(struct text raw, struct value *value)
{
    struct draft draft = {.len = 0};

    draft_add(&draft, raw);
    return escape(&draft, value);
}

bool value_source(struct text raw, struct value *value)
{
    struct draft draft = {.len = 0};

    for (size_t i = 0; i < raw.len && draft.len < sizeof(draft.bytes); i++) {
        if (raw.at[i] == '.')
            draft_add_string(&draft, "&#46;");
        else if (raw.at[i] == '$' && i == 0)
            draft_add_string(&draft, "&#36;");
        else
            draft_add(&draft, (struct text){raw.at + i, 1});
    }
    return cut(&draft, 0, value);
}

bool value_web_browser(const struct params *metrics, struct value *value)
{
    struct draft draft = {.len = 0};
    struct raw browser;
    struct raw version;

    if (!read_raw(metrics, "_browser", &browser) ||
        !read_raw(metrics, "_browser_version", &version))
        return false;

    draft_add_string(&draft, "[");
    while (browser.text.len > 0)
        draft_add_code_point(
            &draft, g_unichar_tolower(draft_take_character(&browser.text)));
    draft_add_string(&draft, "]_");
    draft_add(&draft, version.text);
    return escape(&draft, value);
}

bool value_sdk(struct text name, struct text version, struct value *value)
{
    struct draft draft = {.len = 0};

    if (name.len == 0 || version.len == 0)
        return false;
    draft_add_string(&draft, "[");
    draft_add(&draft, name);
    draft_add_string(&draft, "]_");
    draft_add(&draft, version);
    return escape(&draft, value);
}
