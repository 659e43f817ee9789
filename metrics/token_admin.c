#include "metrics/token_admin.h"

#include "metrics/document.h"
#include "metrics/id.h"
#include "metrics/kind.h"
#include "metrics/pattern.h"

enum {
    TTL_DEFAULT = 1800,
    TTL_DIGITS_MAX = 9,
    ERASE_AT_ONCE = 8,
    LOOK_AT_ONCE = 64,
};

static const struct keyring *keyring_of(const struct manage *call)
{
    return registry_keyring(call->claim.registry);
}

static int refuse(struct manage *call, int status, const char *message)
{
    return answer_write(call->out, (struct answer){status, message});
}

/* Opens the answer {"result": ... */
static struct json open_result(struct manage *call)
{
    bool is_raw = params_is_true(call->claim.params, "raw");
    struct json json;

    json_init(&json, call->out, is_raw ? JSON_PLAIN : JSON_DATA);
    json_open_object(&json);
    json_key_string(&json, "result");
    return json;
}

static bool read_ttl(const struct params *params, int64_t *ttl)
{
    struct text text = params_text(params, "ttl");
    int64_t sum = 0;

    *ttl = TTL_DEFAULT;
    if (text.len == 0)
        return true;
    if (text.len > TTL_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        sum = sum * 10 + (text.at[i] - '0');
    }
    *ttl = sum;
    return sum <= TOKEN_TTL_MAX;
}

/* What is too long to be valid, or no string, becomes empty: not valid either.
 */
static void add_text(cJSON *list, struct text text)
{
    char copy[PATTERN_MAX + 1] = "";

    if (text.len > 0 && text.len <= PATTERN_MAX &&
        !memchr(text.at, '\0', text.len))
        memcpy(copy, text.at, text.len);
    cJSON_AddItemToArray(list, cJSON_CreateString(copy));
}

/* The parts between the commas, one more than there may be at most; NULL for
 * an empty text. */
static cJSON *split(struct text text)
{
    cJSON *list = text.len > 0 ? cJSON_CreateArray() : NULL;

    for (unsigned i = 0; list && i <= TOKEN_APPS_MAX; i++) {
        const char *comma = text.len ? memchr(text.at, ',', text.len) : NULL;
        size_t len = comma ? (size_t)(comma - text.at) : text.len;

        add_text(list, (struct text){text.at, len});
        if (!comma)
            break;
        text.at += len + 1;
        text.len -= len + 1;
    }
    return list;
}

/* The array that a JSON text holds, or an array of the object that it holds;
 * else NULL. */
static cJSON *parse_list(struct text text)
{
    struct buffer document;
    cJSON *list = NULL;

    buffer_init(&document, DOCUMENT_SIZE_MAX);
    buffer_add_string(&document, "{\"list\":");
    buffer_add(&document, text.at, text.len);
    buffer_add_string(&document, "}");
    cJSON *root = buffer_is_whole(&document)
                      ? document_parse(buffer_text(&document))
                      : NULL;
    buffer_finish(&document);
    if (cJSON_GetArraySize(root) == 1)
        list = cJSON_DetachItemFromObjectCaseSensitive(root, "list");
    cJSON_Delete(root);
    if (cJSON_IsArray(list) || !list)
        return list;

    cJSON *whole = cJSON_CreateArray();

    cJSON_AddItemToArray(whole, list);
    return whole;
}

/* Reads what was sent into a draft; what is wrong with it, else NULL. A
 * restriction that is not understood must not be dropped. */
static const char *read_draft(const struct params *params, struct token *token)
{
    struct text query = params_text(params, "endpointquery");
    struct text endpoint = params_text(params, "endpoint");
    struct text apps = params_text(params, "apps");
    struct text multi = params_text(params, "multi");

    if (!read_ttl(params, &token->ttl))
        return "Invalid parameter \"ttl\"";
    token->multi = !text_is(multi, "false") && !text_is(multi, "0");
    token->apps = split(apps);
    if (apps.len > 0 && !token_has_valid_apps(token->apps))
        return "Invalid parameter \"apps\"";
    token->endpoint = query.len > 0 ? parse_list(query) : split(endpoint);
    if (token_has_valid_endpoint(token->endpoint))
        return NULL;
    if (query.len > 0)
        return "Invalid parameter \"endpointquery\"";
    return endpoint.len > 0 ? "Invalid parameter \"endpoint\"" : NULL;
}

static bool put_token(struct batch *batch, const struct token *token)
{
    struct buffer document;
    struct json json;

    buffer_init(&document, DOCUMENT_SIZE_MAX);
    json_init(&json, &document, JSON_PLAIN);
    token_write(&json, token);

    bool is_whole = buffer_is_whole(&document);

    if (is_whole)
        effect_put_document(batch, KIND_TOKEN, text_of(token->id),
                            buffer_text(&document));
    buffer_finish(&document);
    return is_whole;
}

static void erase(struct batch *batch, const struct token *token)
{
    effect_erase_document(batch, KIND_TOKEN, text_of(token->id));
}

/* A member with too many tokens has to make room: some that have ended go. */
static bool has_room(struct manage *call, const char *owner)
{
    const struct token *token;
    unsigned erased = 0;

    if (keyring_count(keyring_of(call), owner) < TOKENS_MAX)
        return true;
    for (unsigned i = 0; (token = keyring_at(keyring_of(call), i)); i++) {
        if (strcmp(token->owner, owner) == 0 &&
            token_has_ended(token, call->now) && erased++ < ERASE_AT_ONCE)
            erase(call->batch, token);
    }
    return erased > 0;
}

static int create(struct manage *call, struct token *token)
{
    struct text purpose = params_text(call->claim.params, "purpose");
    char text[TOKEN_PURPOSE_MAX + 1] = "";
    char id[TOKEN_LEN + 1];

    if (purpose.len > TOKEN_PURPOSE_MAX ||
        (purpose.len > 0 && memchr(purpose.at, '\0', purpose.len)))
        return refuse(call, 400, "Invalid parameter \"purpose\"");
    if (!has_room(call, token->owner))
        return refuse(call, 400, "Too many tokens, delete some first");
    if (purpose.len > 0)
        memcpy(text, purpose.at, purpose.len);
    id_draw(id, TOKEN_LEN);
    token->id = id;
    token->purpose = text;
    token->ends = call->now + token->ttl;
    if (!put_token(call->batch, token))
        return refuse(call, 400, "Too many values");
    return refuse(call, ANSWER_OK, id);
}

int token_admin_create(struct manage *call, const cJSON *args,
                       const struct pass *pass)
{
    struct token token = {.owner = pass->member->id};
    int status;

    (void)args;
    if (!registry_member(call->claim.registry, text_of(token.owner)))
        return refuse(call, 401, "User does not exist");

    const char *flaw = read_draft(call->claim.params, &token);

    status = flaw ? refuse(call, 400, flaw) : create(call, &token);
    cJSON_Delete(token.apps);
    cJSON_Delete(token.endpoint);
    return status;
}

int token_admin_delete(struct manage *call, const cJSON *args,
                       const struct pass *pass)
{
    struct text id = params_text(call->claim.params, "tokenid");
    const struct token *token = keyring_find(keyring_of(call), id);
    bool is_own = token && strcmp(token->owner, pass->member->id) == 0;

    (void)args;
    if (id.len == 0)
        return refuse(call, 404, "Token id not provided");
    if (is_own)
        erase(call->batch, token);

    struct json json = open_result(call);

    json_open_object(&json);
    json_member_int(&json, "n", is_own);
    json_member_int(&json, "ok", 1);
    json_member_int(&json, "deletedCount", is_own);
    json_close_object(&json);
    json_close_object(&json);
    return ANSWER_OK;
}

int token_admin_list(struct manage *call, const cJSON *args,
                     const struct pass *pass)
{
    struct json json = open_result(call);
    const struct token *token;

    (void)args;
    json_open_array(&json);
    for (unsigned i = 0; (token = keyring_at(keyring_of(call), i)); i++) {
        if (strcmp(token->owner, pass->member->id) == 0)
            token_write(&json, token);
    }
    json_close_array(&json);
    json_close_object(&json);
    return ANSWER_OK;
}

static bool is_alive(const struct registry *registry, const struct token *token,
                     int64_t now)
{
    return token && !token_has_ended(token, now) &&
           registry_member(registry, text_of(token->owner));
}

int token_admin_check(struct manage *call, const cJSON *args,
                      const struct pass *pass)
{
    struct text id = params_text(call->claim.params, "token");
    const struct token *token = keyring_find(keyring_of(call), id);
    bool is_valid = is_alive(call->claim.registry, token, call->now);
    int64_t time = 0;

    (void)args;
    (void)pass;
    if (id.len == 0)
        return refuse(call, 400, "Missing parameter \"token\"");
    if (is_valid)
        time = token->ttl == 0 ? -1 : token->ends - call->now;

    struct json json = open_result(call);

    json_open_object(&json);
    json_member_bool(&json, "valid", is_valid);
    json_member_int(&json, "time", time);
    json_close_object(&json);
    json_close_object(&json);
    return ANSWER_OK;
}

bool token_admin_expire(const struct registry *registry, int64_t now,
                        unsigned *at, struct batch *batch)
{
    const struct keyring *keyring = registry_keyring(registry);
    unsigned last = *at + LOOK_AT_ONCE;
    unsigned first_erased = last;
    unsigned erased = 0;

    for (; *at < last && erased < ERASE_AT_ONCE; ++*at) {
        const struct token *token = keyring_at(keyring, *at);

        if (!token)
            break;
        if (is_alive(registry, token, now))
            continue;
        erase(batch, token);
        if (erased++ == 0)
            first_erased = *at;
    }
    /* The last tokens take the places of those erased: look there again. */
    if (erased > 0)
        *at = first_erased;
    else if (!keyring_at(keyring, *at))
        *at = 0;
    return *at == 0 && erased == 0;
}
