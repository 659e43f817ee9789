#include "metrics/addition.h"

#include <stdio.h>
#include <string.h>

enum { DB, NAME, SET, SHORT_CODE, WORDS };

/* What comes before the sign, which is taken off the rest as well. */
static struct text cut(struct text *rest, char sign)
{
    const char *end = rest->len > 0 ? memchr(rest->at, sign, rest->len) : NULL;
    struct text part = *rest;

    if (end)
        part.len = (size_t)(end - rest->at);
    rest->at += end ? part.len + 1 : part.len;
    rest->len -= end ? part.len + 1 : part.len;
    return text_trim(part);
}

static struct metric_definition define(const struct addition *addition)
{
    const char *code = addition->words[SHORT_CODE];

    return (struct metric_definition){
        .db = addition->words[DB],
        .name = addition->words[NAME],
        .set = addition->words[SET],
        .short_code = code[0] ? code : NULL,
        .source = METRIC_CONFIG,
        .tracks_changes = true,
    };
}

static enum tally_err read_one(struct text text, struct addition *addition,
                               char reason[static DEFINITION_REASON_SIZE])
{
    unsigned count = 0;

    *addition = (struct addition){0};
    for (bool more = true; more && count < WORDS; count++) {
        more = text.len > 0 && memchr(text.at, ':', text.len);
        struct text word = cut(&text, ':');
        if (word.len > DEFINITION_WORD_MAX || (more && word.len == 0) ||
            memchr(word.at, '\0', word.len))
            break;
        memcpy(addition->words[count], word.at, word.len);
    }
    if (text.len > 0 || count <= SET || !addition->words[count - 1][0]) {
        snprintf(reason, DEFINITION_REASON_SIZE,
                 "must be metrics like db:name:set or db:name:set:short_code, "
                 "with commas between them");
        return TALLY_ERR_INVALID;
    }
    struct metric_definition definition = define(addition);
    return definition_check(&definition, reason);
}

enum tally_err additions_read(struct text text, struct additions *additions,
                              char reason[static DEFINITION_REASON_SIZE])
{
    struct text rest = text_trim(text);
    enum tally_err err = TALLY_OK;

    additions->count = 0;
    for (bool more = rest.len > 0; !err && more;) {
        if (additions->count == ADDITIONS_MAX) {
            snprintf(reason, DEFINITION_REASON_SIZE,
                     "must be at most %d metrics", ADDITIONS_MAX);
            return TALLY_ERR_INVALID;
        }
        more = memchr(rest.at, ',', rest.len) != NULL;
        err = read_one(cut(&rest, ','), &additions->list[additions->count],
                       reason);
        additions->count++;
    }
    return err;
}

void additions_write(const struct additions *additions, struct buffer *out)
{
    for (unsigned i = 0; i < additions->count; i++) {
        const struct addition *addition = &additions->list[i];
        if (i > 0)
            buffer_add_byte(out, ',');
        for (int word = 0; word < WORDS && addition->words[word][0]; word++) {
            if (word > 0)
                buffer_add_byte(out, ':');
            buffer_add_string(out, addition->words[word]);
        }
    }
}

/* An administrator's metric that says the same. */
static bool is_there(const struct catalog *catalog,
                     const struct metric_definition *definition)
{
    const struct metric *metric =
        catalog_find(catalog, definition->db, definition->set);

    return metric && metric->source == METRIC_CUSTOM &&
           strcmp(metric->key, definition->name) == 0 &&
           strcmp(metric->short_code, definition_short_code(definition)) == 0;
}

enum tally_err additions_apply(const struct additions *additions,
                               struct tally *tally,
                               char reason[static DEFINITION_REASON_SIZE])
{
    enum tally_err err = TALLY_OK;

    for (unsigned i = 0; !err && i < additions->count; i++) {
        struct metric_definition definition = define(&additions->list[i]);
        reason[0] = '\0';
        if (!is_there(tally->catalog, &definition))
            err = tally_add_metric(tally, &definition, reason);
    }
    if (err && !reason[0])
        snprintf(reason, DEFINITION_REASON_SIZE, "%s", tally_err_text(err));
    return err;
}
