/*
 * locale.c - languages, made of `_locale`: `en` of `en_GB`. Chinese is two
 * languages by script, and none without one.
 *
 * /o/langmap, for anybody: {"de": "German", ...}, from Debian's iso-codes at
 * build time.
 */
#include <stdlib.h>
#include <string.h>

#include "metrics/tally_plugin.h"

static const struct tally_host *host;

/* --- the metric --- */

static const struct {
    const char *locale; /* its beginning, in lower case with `_` */
    const char *language;
} chinese[] = {
    {"zh_cn", "zh_hans"},   {"zh_sg", "zh_hans"}, {"zh_hans", "zh_hans"},
    {"zh_tw", "zh_hant"},   {"zh_hk", "zh_hant"}, {"zh_mo", "zh_hant"},
    {"zh_hant", "zh_hant"},
};

static size_t name_chinese(char *value, size_t len)
{
    for (size_t i = 0; i < sizeof(chinese) / sizeof(chinese[0]); i++) {
        size_t begins = strlen(chinese[i].locale);
        if (len < begins || memcmp(value, chinese[i].locale, begins) != 0)
            continue;
        size_t size = strlen(chinese[i].language);
        memcpy(value, chinese[i].language, size);
        return size;
    }
    return 0;
}

static size_t name_language(const struct tally_metrics *metrics, char *value)
{
    struct tally_text locale = host->metric_of(metrics, "_locale");

    if (locale.len == 0)
        locale = host->metric_of(metrics, "_lang");
    size_t len = locale.len < TALLY_VALUE_MAX ? locale.len : TALLY_VALUE_MAX;
    for (size_t i = 0; i < len; i++) {
        char byte = locale.at[i];
        if (byte >= 'A' && byte <= 'Z')
            byte = (char)(byte | 0x20);
        value[i] = byte == '-' ? '_' : byte;
    }
    const char *end = memchr(value, '_', len);
    size_t first = end ? (size_t)(end - value) : len;
    if (first == 2 && memcmp(value, "zh", 2) == 0)
        return name_chinese(value, len);
    return first;
}

/* --- the names of languages --- */

static const struct {
    const char *code;
    const char *name;
} languages[] = {
    {"zh_hans", "Chinese (Simplified)"},
    {"zh_hant", "Chinese (Traditional)"},
#include "language_rows.h"
};

enum {
    LANGUAGES = sizeof(languages) / sizeof(languages[0]),
    ROW_MAX = 1024, /* bytes of one in JSON */
};

static const struct {
    char sign;
    const char *entity;
} entities[] = {
    {'&', "&amp;"}, {'"', "&quot;"}, {'\'', "&#39;"},
    {'<', "&lt;"},  {'>', "&gt;"},
};

static char *add(char *at, const char *text)
{
    size_t len = strlen(text);

    memcpy(at, text, len);
    return at + len;
}

/* As all answers with data are escaped. */
static char *add_escaped(char *at, const char *text)
{
    for (; *text; text++) {
        const char *entity = NULL;
        for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
            if (entities[i].sign == *text)
                entity = entities[i].entity;
        }
        if (entity)
            at = add(at, entity);
        else
            *at++ = *text;
    }
    return at;
}

static char *make_map(void)
{
    char *map = malloc(LANGUAGES * (size_t)ROW_MAX);
    char *at = map;

    if (!map)
        return NULL;
    for (size_t i = 0; i < LANGUAGES; i++) {
        at = add(at, i == 0 ? "{\"" : ",\"");
        at = add(at, languages[i].code);
        at = add(at, "\":\"");
        at = add_escaped(at, languages[i].name);
        at = add(at, "\"");
    }
    memcpy(at, "}", 2);
    return map;
}

static int answer_map(struct tally_call *call, void *user)
{
    const char *map = host->state(host->self(call));

    (void)user;
    host->reply_json(call, 200, (struct tally_text){map, strlen(map)});
    return TALLY_HANDLED;
}

static int init(const struct tally_host *given, struct tally_plugin *self)
{
    static const struct tally_metric langs = {
        .size = sizeof(langs),
        .db = "langs",
        .name = "_lang",
        .short_code = "la",
        .total_name = "languages",
        .value = name_language,
    };

    host = given;
    int failure = host->metric(self, &langs);
    if (!failure)
        failure = host->on(self, "/o/langmap", answer_map, NULL, 0);
    if (failure)
        return failure;
    char *map = make_map();
    host->set_state(self, map);
    return map ? 0 : TALLY_E_FULL;
}

static void finish(struct tally_plugin *self)
{
    free(host->state(self));
}

TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin = {
    .abi = TALLY_PLUGIN_ABI,
    .size = sizeof(tally_plugin),
    .name = "locale",
    .version = "1.0",
    .about = "counts languages",
    .needs = TALLY_CAN_HOOK | TALLY_CAN_COUNT,
    .init = init,
    .close = finish,
};
