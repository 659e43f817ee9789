#include "metrics/definition.h"

#include <stdio.h>
#include <string.h>

#include "metrics/document.h"
#include "metrics/kind.h"
#include "metrics/property.h"

enum { DOCUMENT_MAX = 1024 };

/* Methods of /o that read something else, tables of exports, files of
 * imports. */
static const char *const taken_dbs[] = {
    "total_users",  "retention",    "live",        "concurrent",
    "latest_users", "user_details", "consents",    "get_period_obj",
    "events",       "get_events",   "top_events",  "all_apps",
    "views",        "times-of-day", "notes",       "users",
    "sessions",     "locations",    "countries",   "app_versions",
    "counters",     "app_users",    "events_data", "apps",
    "members",      NULL,
};

/* Names of sets in reads and exports. */
static const char *const taken_sets[] = {
    "users",   "sessions",  "locations",        "frequency",
    "loyalty", "durations", "platform_version", NULL,
};

/* Members of users' records that are no metrics. */
static const char *const taken_codes[] = {
    "_id",        "did",    "uid",     "fs",
    "ls",         "fac",    "lac",     "first_sync",
    "last_sync",  "sc",     "sd",      "tsd",
    "lbst",       "lest",   "hos",     "lsid",
    "loc",        "rgn",    "tz",      "hasInfo",
    "merges",     "ornt",   "data",    "last_req",
    "lvid",       "t",      "lu",      "last_req_post",
    "merged_uid", "custom", "consent", "merged_did",
    "details",    "lo",     "n",       "consent_changes",
    NULL,
};

/* Keys that are read for others. */
static const char *const taken_keys[] = {"_locale", "_ua", NULL};

const char *definition_short_code(const struct metric_definition *definition)
{
    return definition->short_code ? definition->short_code : definition->set;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word(const char *word)
{
    size_t len = strlen(word);

    if (len > DEFINITION_WORD_MAX || !is_letter(word[0]))
        return false;
    for (size_t i = 1; i < len; i++) {
        if (!is_letter(word[i]) && word[i] != '-' &&
            !(word[i] >= '0' && word[i] <= '9'))
            return false;
    }
    return true;
}

static bool is_taken(const char *const *taken, const char *word)
{
    while (*taken && strcmp(*taken, word) != 0)
        taken++;
    return *taken != NULL;
}

static enum tally_err check_word(const char *role, const char *word,
                                 const char *const *taken,
                                 char reason[static DEFINITION_REASON_SIZE])
{
    if (!word || !word[0]) {
        snprintf(reason, DEFINITION_REASON_SIZE, "Missing \"%s\" of a metric",
                 role);
    } else if (!is_word(word)) {
        snprintf(reason, DEFINITION_REASON_SIZE,
                 "Invalid \"%s\" of a metric: \"%.64s\" is not 1 to %d "
                 "letters, digits, _ and -, with a letter or _ first",
                 role, word, DEFINITION_WORD_MAX);
    } else if (is_taken(taken, word)) {
        snprintf(reason, DEFINITION_REASON_SIZE,
                 "Invalid \"%s\" of a metric: \"%s\" has a meaning of its own",
                 role, word);
    } else {
        return TALLY_OK;
    }
    return TALLY_ERR_INVALID;
}

enum tally_err definition_check(const struct metric_definition *definition,
                                char reason[static DEFINITION_REASON_SIZE])
{
    bool has_key = definition->name || definition->source != METRIC_PLUGIN;
    const char *role = definition->short_code ? "short_code" : "set";
    const char *code = definition_short_code(definition);
    enum tally_err err = check_word("db", definition->db, taken_dbs, reason);

    if (!err && has_key)
        err = check_word("name", definition->name, taken_keys, reason);
    if (!err)
        err = check_word("set", definition->set, taken_sets, reason);
    if (!err)
        err = check_word(role, code, taken_codes, reason);
    if (err || !property_is_standard(code))
        return err;
    snprintf(reason, DEFINITION_REASON_SIZE,
             "Invalid \"%s\" of a metric: \"%s\" is a property of users", role,
             code);
    return TALLY_ERR_INVALID;
}

static enum tally_err refuse_taken(const char *role, const char *word,
                                   const struct metric *metric,
                                   char reason[static DEFINITION_REASON_SIZE])
{
    snprintf(reason, DEFINITION_REASON_SIZE,
             "\"%s\" of the metric is taken: \"%s\" is of the metric \"%s\" "
             "in \"%s\"",
             role, word, metric->name, metric->collection);
    return TALLY_ERR_EXISTS;
}

/* Sets and short codes are asked for in the same places. */
static bool has_word(const struct metric *metric, const char *word)
{
    return word && (strcmp(word, metric->name) == 0 ||
                    (metric->alias && strcmp(word, metric->alias) == 0) ||
                    strcmp(word, metric->short_code) == 0);
}

enum tally_err definition_compare(const struct metric_definition *definition,
                                  const struct metric *metric,
                                  char reason[static DEFINITION_REASON_SIZE])
{
    if (strcmp(definition->db, metric->collection) == 0 &&
        strcmp(definition->set, metric->name) == 0) {
        snprintf(reason, DEFINITION_REASON_SIZE,
                 "The metric \"%s\" in \"%s\" exists already", metric->name,
                 metric->collection);
        return TALLY_ERR_EXISTS;
    }
    if (definition->name && metric->key &&
        strcmp(definition->name, metric->key) == 0)
        return refuse_taken("name", definition->name, metric, reason);
    if (has_word(metric, definition->set))
        return refuse_taken("set", definition->set, metric, reason);
    if (has_word(metric, definition->alias))
        return refuse_taken("alias", definition->alias, metric, reason);
    if (has_word(metric, definition_short_code(definition)))
        return refuse_taken("short_code", definition_short_code(definition),
                            metric, reason);
    return TALLY_OK;
}

void definition_put(struct batch *batch,
                    const struct metric_definition *definition, uint32_t number,
                    bool is_custom)
{
    char name[2 * DEFINITION_WORD_MAX + 2];
    struct buffer out;
    struct json json;

    buffer_init(&out, DOCUMENT_MAX);
    json_init(&json, &out, JSON_PLAIN);
    json_open_object(&json);
    json_member_int(&json, "number", number);
    json_member_string(&json, "db", definition->db);
    if (definition->name)
        json_member_string(&json, "name", definition->name);
    json_member_string(&json, "set", definition->set);
    json_member_string(&json, "short_code", definition_short_code(definition));
    if (is_custom)
        json_member_bool(&json, "custom", true);
    json_close_object(&json);
    snprintf(name, sizeof(name), "%s %s", definition->db, definition->set);
    effect_put_document(batch, KIND_METRIC, text_of(name), buffer_text(&out));
    buffer_finish(&out);
}

enum tally_err definition_read(const cJSON *document,
                               struct metric_definition *definition,
                               bool *is_custom)
{
    int64_t number = document_int(document, "number");

    if (number < SET_CUSTOM_FIRST || number >= SET_CUSTOM_END ||
        !document_string(document, "db") || !document_string(document, "set"))
        return TALLY_ERR_CORRUPT;
    *definition = (struct metric_definition){
        .db = document_string(document, "db"),
        .name = document_string(document, "name"),
        .set = document_string(document, "set"),
        .short_code = document_string(document, "short_code"),
        .source = METRIC_CUSTOM,
        .tracks_changes = true,
        .number = (uint32_t)number,
    };
    *is_custom = document_bool(document, "custom");
    return TALLY_OK;
}
