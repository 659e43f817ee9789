#include "metrics/user_query.h"

#include "metrics/document.h"
#include "metrics/identity.h"
#include "metrics/property.h"
#include "metrics/user_condition.h"

static bool has_number(const struct condition *condition, uint32_t number)
{
    for (size_t i = 0; i < condition->count; i++) {
        if (condition->numbers[i] == number)
            return true;
    }
    return false;
}

static bool is_in(const struct condition *condition, const cJSON *value)
{
    const cJSON *operand;

    if (!cJSON_IsArray(condition->operand))
        return cJSON_Compare(condition->operand, value, true);
    cJSON_ArrayForEach(operand, condition->operand)
    {
        if (cJSON_Compare(operand, value, true))
            return true;
    }
    return false;
}

static bool is_text_in(const struct condition *condition, const char *text)
{
    cJSON value = {.type = cJSON_String,
                   .valuestring = (char *)(uintptr_t)text};

    return is_in(condition, &value);
}

static bool is_number_in(const struct condition *condition, double number)
{
    cJSON value = {.type = cJSON_Number, .valuedouble = number};

    switch (condition->comparison) {
    case COMPARE_GT:
        return number > condition->bound;
    case COMPARE_GTE:
        return number >= condition->bound;
    case COMPARE_LT:
        return number < condition->bound;
    case COMPARE_LTE:
        return number <= condition->bound;
    case COMPARE_IN:
        break;
    }
    return is_in(condition, &value);
}

static double number_of(const struct condition *condition,
                        const struct user *user)
{
    const char *at = (const char *)user + condition->offset;
    uint64_t wide;
    uint32_t narrow;

    if (!condition->is_long) {
        memcpy(&narrow, at, sizeof(narrow));
        return narrow;
    }
    memcpy(&wide, at, sizeof(wide));
    return (double)wide;
}

static bool is_flag_in(const struct condition *condition,
                       const struct user *user)
{
    bool is_open = strcmp(condition->name, "hos") == 0;
    bool flag = is_open ? user->is_open : user->has_info;
    cJSON value = {.type = flag ? cJSON_True : cJSON_False};

    return is_in(condition, &value);
}

static enum tally_err match_id(const struct condition *condition,
                               struct portrait *portrait, bool *matches)
{
    char id[IDENTITY_APP_USER_ID_SIZE];
    enum tally_err err = portrait_need_profile(portrait);

    if (err)
        return err;
    identity_app_user_id(portrait->app_key, portrait->profile.did, id);
    *matches = is_text_in(condition, id);
    return TALLY_OK;
}

/* A value without a number is kept as text. */
static enum tally_err match_value(const struct condition *condition,
                                  struct portrait *portrait, bool *matches)
{
    const struct user_value *value =
        user_value(&portrait->user, condition->set);

    if (!value || value->value != 0) {
        *matches = value && has_number(condition, value->value);
        return TALLY_OK;
    }
    enum tally_err err = portrait_need_profile(portrait);
    if (err)
        return err;
    struct text text = profile_text(&portrait->profile, condition->set);
    char *copy = arena_strndup(portrait->arena, text.at, text.len);
    if (!copy)
        return TALLY_ERR_TOO_BIG;
    *matches = is_text_in(condition, copy);
    return TALLY_OK;
}

static bool is_property_in(const struct condition *condition,
                           const cJSON *value)
{
    const cJSON *element;

    if (cJSON_IsNumber(value))
        return is_number_in(condition, value->valuedouble);
    if (condition->comparison != COMPARE_IN || !value)
        return false;
    cJSON_ArrayForEach(element, value)
    {
        if (is_in(condition, element))
            return true;
    }
    return !cJSON_IsArray(value) && is_in(condition, value);
}

static enum tally_err match_property(const struct condition *condition,
                                     struct portrait *portrait, bool *matches)
{
    struct property property = {condition->name, condition->is_custom};
    struct properties properties;
    enum tally_err err = portrait_need_profile(portrait);

    *matches = false;
    if (err || portrait->profile.details.len == 0)
        return err;
    err = properties_read(&properties, portrait->profile.details, 0);
    if (err)
        return err;
    *matches = is_property_in(condition, property_find(&properties, &property));
    properties_finish(&properties);
    return TALLY_OK;
}

static enum tally_err match(const struct condition *condition,
                            struct portrait *portrait, bool *matches)
{
    const struct user *user = &portrait->user;

    switch (condition->kind) {
    case FIELD_ORDINAL:
        *matches = has_number(condition, portrait->ordinal);
        return TALLY_OK;
    case FIELD_NUMBER:
        *matches = is_number_in(condition, number_of(condition, user));
        return TALLY_OK;
    case FIELD_FLAG:
        *matches = is_flag_in(condition, user);
        return TALLY_OK;
    case FIELD_VALUE:
        return match_value(condition, portrait, matches);
    case FIELD_APP_USER_ID:
        return match_id(condition, portrait, matches);
    case FIELD_PROPERTY:
        break;
    }
    return match_property(condition, portrait, matches);
}

enum tally_err user_query_match(const struct user_query *query,
                                struct portrait *portrait, bool *matches)
{
    enum tally_err err = TALLY_OK;

    *matches = true;
    for (unsigned i = 0; !err && *matches && i < query->count; i++)
        err = match(&query->list[i], portrait, matches);
    return err;
}
