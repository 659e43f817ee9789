#include "metrics/user_query.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/dictionary.h"
#include "engine/memory.h"
#include "metrics/document.h"
#include "metrics/identity.h"
#include "metrics/property.h"
#include "metrics/user_condition.h"

static const struct {
    const char *name;
    size_t offset;
    bool is_long;
} numbers[] = {
    {"fs", offsetof(struct user, fs), false},
    {"ls", offsetof(struct user, ls), false},
    {"fac", offsetof(struct user, fac), false},
    {"lac", offsetof(struct user, lac), false},
    {"lbst", offsetof(struct user, lbst), false},
    {"lest", offsetof(struct user, lest), false},
    {"sc", offsetof(struct user, sc), false},
    {"sd", offsetof(struct user, sd), true},
    {"tsd", offsetof(struct user, tsd), true},
    {"merges", offsetof(struct user, merges), false},
};

enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

/* What the parts of a query under construction need. */
struct parse {
    struct tally *tally;
    const struct app *app;
    struct user_query *query;
    char *reason;
};

static enum tally_err refuse(const struct parse *parse, const char *what,
                             const char *name)
{
    snprintf(parse->reason, USER_QUERY_REASON_SIZE, "%s \"%.100s\" in query",
             what, name);
    return TALLY_ERR_INVALID;
}

static bool is_flag(const char *name)
{
    return strcmp(name, "hos") == 0 || strcmp(name, "hasInfo") == 0;
}

static bool find_number(const char *name, size_t *offset, bool *is_long)
{
    for (size_t i = 0; i < NUMBERS; i++) {
        if (strcmp(name, numbers[i].name) != 0)
            continue;
        *offset = numbers[i].offset;
        *is_long = numbers[i].is_long;
        return true;
    }
    return false;
}

static bool name_field(const struct catalog *catalog, const char *name,
                       struct condition *condition)
{
    static const char custom[] = "custom.";
    const struct metric *metric = catalog_by_short_code(catalog, text_of(name));
    size_t prefix = sizeof(custom) - 1;

    condition->name = name;
    if (strcmp(name, "uid") == 0 || strcmp(name, "did") == 0) {
        condition->kind = FIELD_ORDINAL;
    } else if (strcmp(name, "_id") == 0) {
        condition->kind = FIELD_APP_USER_ID;
    } else if (find_number(name, &condition->offset, &condition->is_long)) {
        condition->kind = FIELD_NUMBER;
    } else if (is_flag(name)) {
        condition->kind = FIELD_FLAG;
    } else if (metric) {
        condition->kind = FIELD_VALUE;
        condition->set = metric->set;
    } else if (property_is_standard(name)) {
        condition->kind = FIELD_PROPERTY;
    } else if (strncmp(name, custom, prefix) == 0 && name[prefix]) {
        condition->kind = FIELD_PROPERTY;
        condition->is_custom = true;
        condition->name = name + prefix;
    } else {
        return false;
    }
    return true;
}

/* Numbers for texts: users and values are compared by them. */

static enum tally_err number_of(const struct parse *parse,
                                const struct condition *condition,
                                const char *text, uint32_t *number)
{
    struct tally *tally = parse->tally;
    uint32_t app = parse->app->number;
    uint8_t hash[IDENTITY_HASH_SIZE];
    enum tally_err err = TALLY_OK;

    *number = 0;
    if (condition->kind == FIELD_VALUE) {
        if (text[0] && strlen(text) <= KEY_NAME_MAX)
            err = dictionary_find(tally->engine, app, condition->set,
                                  text_of(text), number);
    } else if (strcmp(condition->name, "uid") == 0) {
        *number = identity_ordinal(text_of(text));
    } else {
        identity_device_hash(tally->secret, text_of(text), hash);
        err = dictionary_device(tally->engine, app, hash, number);
    }
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

/* Ids and values are texts; numbers given for them are written out. */
static enum tally_err add_number(const struct parse *parse,
                                 struct condition *condition,
                                 const cJSON *value)
{
    const char *string = cJSON_GetStringValue(value);
    char *printed = NULL;
    uint32_t number;

    if (!string && !cJSON_IsNumber(value))
        return refuse(parse, "Text expected for", condition->name);
    if (!string)
        printed = cJSON_PrintUnformatted(value);
    enum tally_err err =
        number_of(parse, condition, string ? string : printed, &number);
    cJSON_free(printed);
    if (!err && number != 0)
        condition->numbers[condition->count++] = number;
    return err;
}

static enum tally_err resolve(const struct parse *parse,
                              struct condition *condition)
{
    const cJSON *operand = condition->operand;
    enum tally_err err = TALLY_OK;
    const cJSON *value;

    if (!cJSON_IsArray(operand)) {
        condition->numbers = memory_alloc(sizeof(uint32_t));
        return add_number(parse, condition, operand);
    }
    condition->numbers = memory_alloc(
        ((size_t)cJSON_GetArraySize(operand) + 1) * sizeof(uint32_t));
    cJSON_ArrayForEach(value, operand)
    {
        if (!err)
            err = add_number(parse, condition, value);
    }
    return err;
}

/* Reading. */

static bool is_scalar(const cJSON *value)
{
    return cJSON_IsString(value) || cJSON_IsNumber(value) ||
           cJSON_IsBool(value);
}

static enum tally_err check_values(const struct parse *parse, const char *name,
                                   const cJSON *values)
{
    const cJSON *value;
    int count = 0;

    if (!cJSON_IsArray(values))
        return refuse(parse, "Array expected for", name);
    cJSON_ArrayForEach(value, values)
    {
        if (!is_scalar(value) || ++count > USER_QUERY_VALUES_MAX)
            return refuse(parse, "Unsupported values for", name);
    }
    return TALLY_OK;
}

static enum tally_err add_condition(const struct parse *parse, const char *name,
                                    enum comparison comparison,
                                    const cJSON *operand)
{
    struct user_query *query = parse->query;
    struct condition *condition = &query->list[query->count];

    if (query->count == USER_QUERY_CONDITIONS_MAX)
        return refuse(parse, "Too many conditions with", name);
    if (!name_field(parse->tally->catalog, name, condition))
        return refuse(parse, "Unsupported field", name);
    condition->comparison = comparison;
    condition->operand = operand;
    query->count++;
    if (condition->kind == FIELD_ORDINAL || condition->kind == FIELD_VALUE)
        return comparison == COMPARE_IN
                   ? resolve(parse, condition)
                   : refuse(parse, "Unsupported operator for", name);
    if (comparison == COMPARE_IN)
        return TALLY_OK;
    if (condition->kind == FIELD_FLAG || condition->kind == FIELD_APP_USER_ID)
        return refuse(parse, "Unsupported operator for", name);
    if (!property_number(operand, &condition->bound))
        return refuse(parse, "Number expected for", name);
    return TALLY_OK;
}

static const struct {
    const char *name;
    enum comparison comparison;
} operators[] = {
    {"$gt", COMPARE_GT},
    {"$gte", COMPARE_GTE},
    {"$lt", COMPARE_LT},
    {"$lte", COMPARE_LTE},
};

enum { OPERATORS = sizeof(operators) / sizeof(operators[0]) };

static enum tally_err add_operator(const struct parse *parse, const char *name,
                                   const cJSON *operand)
{
    if (strcmp(operand->string, "$in") == 0) {
        enum tally_err err = check_values(parse, name, operand);
        return err ? err : add_condition(parse, name, COMPARE_IN, operand);
    }
    if (strcmp(operand->string, "$eq") == 0 && is_scalar(operand))
        return add_condition(parse, name, COMPARE_IN, operand);
    for (size_t i = 0; i < OPERATORS; i++) {
        if (strcmp(operand->string, operators[i].name) == 0)
            return add_condition(parse, name, operators[i].comparison, operand);
    }
    return refuse(parse, "Unsupported operator", operand->string);
}

static enum tally_err add_field(const struct parse *parse, const cJSON *given)
{
    enum tally_err err = TALLY_OK;
    const cJSON *operand;

    if (is_scalar(given))
        return add_condition(parse, given->string, COMPARE_IN, given);
    if (!cJSON_IsObject(given) || !given->child)
        return refuse(parse, "Unsupported value of", given->string);
    cJSON_ArrayForEach(operand, given)
    {
        if (!err)
            err = add_operator(parse, given->string, operand);
    }
    return err;
}

enum tally_err user_query_create(struct tally *tally, const struct app *app,
                                 struct text json, struct user_query **query,
                                 char reason[static USER_QUERY_REASON_SIZE])
{
    struct user_query *created = memory_alloc(sizeof(*created));
    struct parse parse = {tally, app, created, reason};
    enum tally_err err = TALLY_OK;
    const cJSON *given;

    created->tree = document_parse(json.len > 0 ? json : TEXT("{}"));
    if (!created->tree) {
        snprintf(reason, USER_QUERY_REASON_SIZE, "Query is not a JSON object");
        err = TALLY_ERR_INVALID;
    }
    cJSON_ArrayForEach(given, created->tree)
    {
        if (!err)
            err = add_field(&parse, given);
    }
    if (err) {
        user_query_destroy(created);
        return err;
    }
    *query = created;
    return TALLY_OK;
}

void user_query_destroy(struct user_query *query)
{
    if (!query)
        return;

    for (unsigned i = 0; i < query->count; i++)
        free(query->list[i].numbers);
    cJSON_Delete(query->tree);
    free(query);
}

bool user_query_is_empty(const struct user_query *query)
{
    return query->count == 0;
}

bool user_query_candidates(const struct user_query *query,
                           const uint32_t **ordinals, size_t *count)
{
    for (unsigned i = 0; i < query->count; i++) {
        const struct condition *condition = &query->list[i];
        if (condition->kind == FIELD_ORDINAL) {
            *ordinals = condition->numbers;
            *count = condition->count;
            return true;
        }
    }
    return false;
}
