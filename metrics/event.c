#include "metrics/event.h"

#include <math.h>
#include <stdlib.h>

#include "engine/utf8.h"
#include "metrics/decimal.h"
#include "metrics/event_set.h"

#define INTERNAL "[CLY]_"

enum { PREFIXED_MAX = 31, NUMBER_SIZE = SCAN_NUMBER_MAX + 1 };

/* Those that Countly's own features send. */
static const char *const internal_keys[] = {
    "session",     "session_begin", "view",        "action",  "crash",
    "push_sent",   "push_action",   "star_rating", "nps",     "survey",
    "orientation", "apm_device",    "apm_network", "consent",
};

bool event_is_internal(struct text key)
{
    return text_has_prefix(key, INTERNAL);
}

static bool is_known(struct text key)
{
    struct text rest = {key.at + strlen(INTERNAL), key.len - strlen(INTERNAL)};

    for (size_t i = 0; i < sizeof(internal_keys) / sizeof(internal_keys[0]);
         i++) {
        if (text_is(rest, internal_keys[i]))
            return true;
    }
    return text_has_prefix(rest, "llm");
}

/* Strings are decoded, what else there is keeps its JSON text. */
bool event_plain_text(const struct scan_value *value, struct arena *arena,
                      struct text *text)
{
    *text = value->text;
    if (value->kind != SCAN_STRING || !value->has_escapes)
        return true;
    char *bytes = arena_alloc(arena, value->text.len + 1);
    if (!bytes)
        return false;
    *text = (struct text){bytes, scan_decode(bytes, value->text)};
    return true;
}

/* What JavaScript takes for false. */
static bool is_nothing(const struct scan_value *value)
{
    switch (value->kind) {
    case SCAN_STRING:
        return value->text.len == 0;
    case SCAN_NULL:
        return true;
    case SCAN_BOOL:
        return text_is(value->text, "false");
    case SCAN_NUMBER:
        return text_is(value->text, "0");
    default:
        return false;
    }
}

bool event_is_true(const struct scan_value *value)
{
    return !is_nothing(value) && !text_is(value->text, "0") &&
           !text_is(value->text, "false");
}

/* Keys. */

/* How much at the start of the text has no place in a key. */
static size_t unwanted(struct text text)
{
    static const char *const parts[] = {"system.", "..", "$"};

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (text_has_prefix(text, parts[i]))
            return strlen(parts[i]);
    }
    return 0;
}

static bool clean_key(struct text raw, struct arena *arena, struct text *key)
{
    char *bytes = arena_strndup(arena, raw.at, raw.len);
    size_t len = 0;

    if (!bytes)
        return false;
    for (size_t i = 0; i < raw.len;) {
        size_t skip = unwanted((struct text){raw.at + i, raw.len - i});
        if (skip == 0)
            bytes[len++] = raw.at[i++];
        i += skip;
    }
    *key = (struct text){bytes, len};
    return true;
}

/* As JavaScript counts: characters beyond the first plane are two. */
static size_t count_characters(struct text text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        count += (byte & 0xc0) != 0x80;
        count += byte >= 0xf0;
    }
    return count;
}

static bool read_key(const struct scan_value *value, struct arena *arena,
                     struct event *event)
{
    struct text raw;

    if (is_nothing(value) || !event_plain_text(value, arena, &raw) ||
        !clean_key(raw, arena, &event->key))
        return false;
    event->is_internal = event_is_internal(event->key);
    return event->key.len > 0 && event->key.len <= EVENT_KEY_MAX &&
           count_characters(event->key) <= EVENT_KEY_CHARACTERS &&
           (!event->is_internal || is_known(event->key));
}

/* Numbers. */

static bool is_number_text(struct text text)
{
    bool digits = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        digits = digits || (c >= '0' && c <= '9');
        if (!(c >= '0' && c <= '9') && !strchr("+-.eE", c))
            return false;
    }
    return digits && text.len < NUMBER_SIZE;
}

/* A number, or a string that holds nothing else. */
static bool read_number(const struct scan_value *value, double *number)
{
    char bytes[NUMBER_SIZE];
    char *end;

    if ((value->kind != SCAN_NUMBER && value->kind != SCAN_STRING) ||
        !is_number_text(value->text))
        return false;
    memcpy(bytes, value->text.at, value->text.len);
    bytes[value->text.len] = '\0';
    *number = strtod(bytes, &end);
    return end == bytes + value->text.len && isfinite(*number);
}

static int64_t read_count(const struct scan_value *value)
{
    double number;

    if (!read_number(value, &number))
        return 1;
    return fabs(number) <= EVENT_COUNT_MAX ? (int64_t)number : 0;
}

int64_t event_units(const struct scan_value *value)
{
    double number;

    if (!read_number(value, &number) || fabs(number) > EVENT_NUMBER_MAX)
        return 0;
    return llround(number * EVENT_PER_ONE);
}

/* Members. */

struct reading {
    struct event *event;
    struct arena *arena;
    bool has_key;
};

static void take_key(struct reading *reading, const struct scan_value *value)
{
    reading->has_key = read_key(value, reading->arena, reading->event);
}

static void take_count(struct reading *reading, const struct scan_value *value)
{
    reading->event->count = read_count(value);
}

static void take_sum(struct reading *reading, const struct scan_value *value)
{
    reading->event->sum = event_units(value);
}

static void take_duration(struct reading *reading,
                          const struct scan_value *value)
{
    reading->event->duration = event_units(value);
}

static struct text scalar(const struct scan_value *value)
{
    bool usable = value->kind == SCAN_NUMBER || value->kind == SCAN_STRING;

    return usable ? value->text : (struct text){NULL, 0};
}

static void take_timestamp(struct reading *reading,
                           const struct scan_value *value)
{
    reading->event->timestamp = scalar(value);
}

static void take_hour(struct reading *reading, const struct scan_value *value)
{
    reading->event->hour = scalar(value);
}

static void take_dow(struct reading *reading, const struct scan_value *value)
{
    reading->event->dow = scalar(value);
}

static void take_segmentation(struct reading *reading,
                              const struct scan_value *value)
{
    reading->event->segmentation =
        value->kind == SCAN_OBJECT ? value->text : (struct text){NULL, 0};
}

static const struct {
    const char *name;
    void (*take)(struct reading *reading, const struct scan_value *value);
} members[] = {
    {"key", take_key},
    {"count", take_count},
    {"sum", take_sum},
    {"dur", take_duration},
    {"timestamp", take_timestamp},
    {"hour", take_hour},
    {"dow", take_dow},
    {"segmentation", take_segmentation},
};

static void take_member(struct reading *reading, struct text name,
                        const struct scan_value *value)
{
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (text_is(name, members[i].name)) {
            members[i].take(reading, value);
            return;
        }
    }
}

bool event_read(const struct scan_value *item, struct arena *arena,
                struct event *event)
{
    struct reading reading = {event, arena, false};
    struct scan_value name;
    struct scan_value value;
    struct text text;
    struct scan scan;

    if (item->kind != SCAN_OBJECT)
        return false;
    *event = (struct event){.count = 1};
    scan_init(&scan, item->text);
    if (!scan_enter(&scan, '{'))
        return false;
    while (scan_member(&scan, &name, &value) == SCAN_MORE) {
        if (event_plain_text(&name, arena, &text))
            take_member(&reading, text, &value);
    }
    return reading.has_key;
}

/* Segmentation. */

static void append(struct value *value, struct text text)
{
    struct text cut = {text.at, VALUE_MAX};

    if (text.len > (size_t)VALUE_MAX)
        text.len = utf8_valid_length(cut);
    value->len = (uint8_t)text.len;
    memcpy(value->bytes, text.at, text.len);
}

/* Takes away leading `$`, and dots; false when nothing is left. */
static bool name_segment(struct text raw, struct arena *arena,
                         struct value *name)
{
    char *bytes = arena_strndup(arena, raw.at, raw.len);
    size_t len = 0;
    size_t i = 0;

    if (!bytes)
        return false;
    while (i < raw.len && raw.at[i] == '$')
        i++;
    for (; i < raw.len; i++) {
        if (raw.at[i] != '.')
            bytes[len++] = raw.at[i];
    }
    append(name, (struct text){bytes, len});
    return name->len > 0;
}

/* Would be taken for the day of a month (spec B.8). */
static bool needs_prefix(struct text text)
{
    int number = 0;

    if (text.len == 0 || text.len > 2 || text.at[0] == '0')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        number = number * 10 + text.at[i] - '0';
    }
    return number <= PREFIXED_MAX;
}

struct value event_plain_name(struct text text)
{
    static const char prefix[] = "[CLY]";
    struct value name;

    if (!needs_prefix(text)) {
        append(&name, text);
        return name;
    }
    name.len = (uint8_t)(sizeof(prefix) - 1 + text.len);
    memcpy(name.bytes, prefix, sizeof(prefix) - 1);
    memcpy(name.bytes + sizeof(prefix) - 1, text.at, text.len);
    return name;
}

static bool name_text(struct text raw, struct arena *arena, struct value *value)
{
    while (raw.len > 0 && raw.at[0] == '$') {
        raw.at++;
        raw.len--;
    }
    char *bytes = arena_strndup(arena, raw.at, raw.len);
    if (!bytes)
        return false;
    for (size_t i = 0; i < raw.len; i++) {
        if (bytes[i] == '.')
            bytes[i] = ':';
    }
    *value = event_plain_name((struct text){bytes, raw.len});
    return value->len > 0;
}

static bool name_value(const struct scan_value *raw, struct arena *arena,
                       struct value *value)
{
    char digits[DECIMAL_SIZE];
    struct text text;
    double number;

    switch (raw->kind) {
    case SCAN_ARRAY:
        return false;
    case SCAN_OBJECT:
        return name_text(TEXT("[object Object]"), arena, value);
    case SCAN_NUMBER:
        if (!read_number(raw, &number))
            return false;
        decimal_print(digits, number);
        return name_text(text_of(digits), arena, value);
    default:
        return event_plain_text(raw, arena, &text) &&
               name_text(text, arena, value);
    }
}

bool event_next_segment(struct scan *scan, struct arena *arena,
                        struct value *name, struct value *value)
{
    struct scan_value raw_name;
    struct scan_value raw;
    struct text text;

    while (scan_member(scan, &raw_name, &raw) == SCAN_MORE) {
        if (event_plain_text(&raw_name, arena, &text) &&
            name_segment(text, arena, name) && name_value(&raw, arena, value))
            return true;
    }
    return false;
}
