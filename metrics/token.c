#include "metrics/token.h"

#include "metrics/document.h"
#include "metrics/id.h"
#include "metrics/pattern.h"

static cJSON *array_of(const cJSON *root, const char *name)
{
    cJSON *value = cJSON_GetObjectItemCaseSensitive(root, name);

    return cJSON_IsArray(value) ? value : NULL;
}

enum tally_err token_parse(struct text document, struct token *token)
{
    cJSON *root = document_parse(document);

    if (!root)
        return TALLY_ERR_CORRUPT;

    struct token parsed = {
        .id = document_string(root, "_id"),
        .owner = document_string(root, "owner"),
        .purpose = document_string(root, "purpose"),
        .ttl = document_int(root, "ttl"),
        .ends = document_int(root, "ends"),
        .multi = document_bool(root, "multi"),
        .apps = array_of(root, "app"),
        .endpoint = array_of(root, "endpoint"),
        .document = root,
    };

    if (!parsed.id || !parsed.owner || !parsed.purpose) {
        token_finish(&parsed);
        return TALLY_ERR_CORRUPT;
    }
    member_digest(text_of(parsed.id), parsed.digest);
    *token = parsed;
    return TALLY_OK;
}

void token_finish(struct token *token)
{
    cJSON_Delete(token->document);
    *token = (struct token){0};
}

/* Empty text where there is no list, as Countly has it. */
static void write_list(struct json *json, const char *key, const cJSON *list)
{
    json_key_string(json, key);
    if (list)
        document_write(json, list);
    else
        json_string(json, "");
}

void token_write(struct json *json, const struct token *token)
{
    json_open_object(json);
    json_member_string(json, "_id", token->id);
    json_member_int(json, "ttl", token->ttl);
    json_member_int(json, "ends", token->ends);
    json_member_bool(json, "multi", token->multi);
    json_member_string(json, "owner", token->owner);
    write_list(json, "app", token->apps);
    write_list(json, "endpoint", token->endpoint);
    json_member_string(json, "purpose", token->purpose);
    json_member_bool(json, "temporary", false);
    json_close_object(json);
}

bool token_has_ended(const struct token *token, int64_t now)
{
    return token->ttl != 0 && now >= token->ends;
}

static bool allows_app(const struct token *token, struct text app_id)
{
    const cJSON *app;

    if (!token->apps || app_id.len == 0)
        return true;
    cJSON_ArrayForEach(app, token->apps)
    {
        if (cJSON_IsString(app) && text_is(app_id, app->valuestring))
            return true;
    }
    return false;
}

static bool matches(const cJSON *source, struct text subject)
{
    struct pattern pattern;

    return cJSON_IsString(source) &&
           pattern_read(&pattern, text_of(source->valuestring)) &&
           pattern_matches(&pattern, subject);
}

static bool matches_params(const cJSON *patterns, const struct params *params)
{
    const cJSON *pattern;

    cJSON_ArrayForEach(pattern, patterns)
    {
        const struct param *param = params_find(params, pattern->string);

        if (!param || !matches(pattern, param_text(param)))
            return false;
    }
    return true;
}

static bool allows_path(const cJSON *endpoint, struct text path,
                        const struct params *params)
{
    if (!cJSON_IsObject(endpoint))
        return matches(endpoint, path);
    return matches(document_find(endpoint, "endpoint"), path) &&
           matches_params(document_find(endpoint, "params"), params);
}

bool token_allows(const struct token *token, struct text path,
                  struct text app_id, const struct params *params)
{
    const cJSON *endpoint;

    if (!allows_app(token, app_id))
        return false;
    cJSON_ArrayForEach(endpoint, token->endpoint)
    {
        if (allows_path(endpoint, path, params))
            return true;
    }
    return !token->endpoint;
}

bool token_has_valid_apps(const cJSON *apps)
{
    const cJSON *app;

    cJSON_ArrayForEach(app, apps)
    {
        if (!id_is_valid(text_of(cJSON_GetStringValue(app))))
            return false;
    }
    return cJSON_GetArraySize(apps) > 0 &&
           cJSON_GetArraySize(apps) <= TOKEN_APPS_MAX;
}

static bool is_pattern(const cJSON *source)
{
    struct pattern pattern;

    return cJSON_IsString(source) &&
           pattern_read(&pattern, text_of(source->valuestring));
}

static bool is_endpoint(const cJSON *endpoint)
{
    const cJSON *params = document_find(endpoint, "params");
    const cJSON *param;

    if (!cJSON_IsObject(endpoint))
        return is_pattern(endpoint);
    if ((params && !cJSON_IsObject(params)) ||
        cJSON_GetArraySize(params) > TOKEN_PARAMS_MAX)
        return false;
    cJSON_ArrayForEach(param, params)
    {
        if (!is_pattern(param))
            return false;
    }
    return is_pattern(document_find(endpoint, "endpoint"));
}

bool token_has_valid_endpoint(const cJSON *endpoint)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, endpoint)
    {
        if (!is_endpoint(item))
            return false;
    }
    return cJSON_IsArray(endpoint) && cJSON_GetArraySize(endpoint) > 0 &&
           cJSON_GetArraySize(endpoint) <= TOKEN_ENDPOINTS_MAX;
}
