#include "metrics/right.h"

#include "metrics/id.h"
#include "metrics/kind.h"

static const struct answer allowed = {ANSWER_OK, ""};

/* No api key has the digest of zeros, and no password matches an empty hash. */
static const struct member operator_member = {
    .id = "000000000000000000000000",
    .full_name = "operator",
    .username = "operator",
    .email = "",
    .api_key = "",
    .password = "",
    .global_admin = true,
};

static bool has_form(const struct params *params, const char *name)
{
    return !params_has(params, name) || id_is_valid(params_text(params, name));
}

struct answer right_ids(const struct params *params)
{
    if (!has_form(params, "app_id"))
        return (struct answer){400, "Invalid parameter \"app_id\""};
    if (!has_form(params, "user_id"))
        return (struct answer){400, "Invalid parameter \"user_id\""};
    return allowed;
}

static const struct token *find_token(const struct claim *claim)
{
    struct text sent = params_text(claim->params, "auth_token");

    if (sent.len == 0)
        sent = claim->token;
    if (sent.len == 0 || !claim->batch)
        return NULL;
    return keyring_find(registry_keyring(claim->registry), sent);
}

/* Whom a token stands for, used up if it is for one use; NULL when there is
 * no token or it is not valid for this request. */
static const struct member *use_token(const struct claim *claim,
                                      struct text app_id)
{
    const struct token *token = find_token(claim);

    if (!token || token_has_ended(token, claim->now) ||
        !token_allows(token, claim->path, app_id, claim->params))
        return NULL;

    const struct member *owner =
        registry_member(claim->registry, text_of(token->owner));

    if (!owner || owner->locked)
        return NULL;
    if (!token->multi)
        effect_erase_document(claim->batch, KIND_TOKEN, text_of(token->id));
    return owner;
}

/* Who asks about an app, which may be empty. */
static struct answer identify(const struct claim *claim, struct text app_id,
                              const struct member **member)
{
    if (claim->is_operator) {
        *member = &operator_member;
        return allowed;
    }

    const struct member *owner = use_token(claim, app_id);

    if (owner) {
        *member = owner;
        return allowed;
    }
    if (!params_has(claim->params, "api_key")) {
        if (claim->token.len > 0 || params_has(claim->params, "auth_token"))
            return (struct answer){400, "Token not valid"};
        return (struct answer){
            400, "Missing parameter \"api_key\" or \"auth_token\""};
    }

    const struct member *found = registry_member_by_api_key(
        claim->registry, params_text(claim->params, "api_key"));

    if (!found)
        return (struct answer){401, "User does not exist"};
    *member = found;
    return allowed;
}

/* The right was there; a locked member cannot use it. */
static struct answer admit(const struct member *member, const struct app *app,
                           struct pass *pass)
{
    if (member->locked)
        return (struct answer){401, "User is locked"};
    *pass = (struct pass){.member = member, .app = app};
    return allowed;
}

/* The last question of each check. */
static struct answer permit(const struct claim *claim, struct answer answer,
                            const struct pass *pass, bool reads)
{
    if (answer.status != ANSWER_OK || !claim->permit ||
        claim->permit(claim, pass, reads))
        return answer;
    return (struct answer){401, "User does not have permission"};
}

struct answer right_user(const struct claim *claim, struct pass *pass)
{
    struct text app_id = params_text(claim->params, "app_id");
    const struct member *member;
    struct answer answer = identify(claim, app_id, &member);

    if (answer.status == ANSWER_OK)
        answer = admit(member, NULL, pass);
    return permit(claim, answer, pass, false);
}

struct answer right_global_admin(const struct claim *claim, struct pass *pass)
{
    struct text app_id = params_text(claim->params, "app_id");
    const struct member *member;
    struct answer answer = identify(claim, app_id, &member);

    if (answer.status != ANSWER_OK)
        return answer;
    if (!member->global_admin)
        return (struct answer){401, "User does not have right"};
    return permit(claim, admit(member, NULL, pass), pass, false);
}

/* Whether a token that speaks for its owner does so of some apps only. */
static bool is_limited(const struct claim *claim, const struct member *member)
{
    const struct token *token = find_token(claim);

    return token && token->apps && text_is(text_of(member->id), token->owner);
}

/* What is left once the right is known. */
static struct answer enter(const struct claim *claim, struct text app_id,
                           const struct member *member, struct pass *pass)
{
    const struct app *app = registry_app(claim->registry, app_id);
    struct pass entered;
    struct answer answer = admit(member, app, &entered);

    if (answer.status != ANSWER_OK)
        return answer;
    if (!app)
        return (struct answer){401, "App does not exist"};
    *pass = entered;
    pass->is_limited = is_limited(claim, member);
    return allowed;
}

/* Who asks; an app must be named. */
static struct answer identify_for(const struct claim *claim, struct text app_id,
                                  const struct member **member)
{
    struct answer answer = identify(claim, app_id, member);

    if (answer.status == ANSWER_OK && app_id.len == 0)
        return (struct answer){401, "No app_id provided"};
    return answer;
}

struct answer right_feature_of(const struct claim *claim, struct text app_id,
                               enum permission_action action,
                               const char *feature, struct pass *pass)
{
    const struct member *member;
    struct answer answer = identify_for(claim, app_id, &member);

    if (answer.status != ANSWER_OK)
        return answer;
    if (!member->global_admin &&
        !permission_allows(member->permission, action, app_id, feature))
        return (struct answer){401, "User does not have right"};

    struct pass entered;

    answer = enter(claim, app_id, member, &entered);
    if (answer.status != ANSWER_OK)
        return answer;
    if (action != PERMISSION_READ && entered.app->locked)
        return (struct answer){403, "App is locked"};
    *pass = entered;
    return permit(claim, allowed, pass, action == PERMISSION_READ);
}

struct answer right_feature(const struct claim *claim,
                            enum permission_action action, const char *feature,
                            struct pass *pass)
{
    return right_feature_of(claim, params_text(claim->params, "app_id"), action,
                            feature, pass);
}

struct answer right_app_admin(const struct claim *claim, struct pass *pass)
{
    struct text app_id = params_text(claim->params, "app_id");
    const struct member *member;
    struct answer answer = identify_for(claim, app_id, &member);

    if (answer.status != ANSWER_OK)
        return answer;
    if (!right_administers(member, app_id))
        return (struct answer){401, "User does not have right"};
    return permit(claim, enter(claim, app_id, member, pass), pass, false);
}

struct answer right_managed_app(const struct claim *claim, struct text app_id,
                                struct pass *pass)
{
    const struct member *member;
    struct answer answer = identify_for(claim, app_id, &member);

    if (answer.status != ANSWER_OK)
        return answer;
    if (!right_administers(member, app_id))
        return (struct answer){401,
                               "User does not have admin rights for this app"};

    const struct app *app = registry_app(claim->registry, app_id);
    struct pass admitted;

    answer = admit(member, app, &admitted);
    if (answer.status != ANSWER_OK)
        return answer;
    if (!app)
        return (struct answer){404, "App not found"};
    *pass = admitted;
    return permit(claim, allowed, pass, false);
}

bool right_administers(const struct member *member, struct text app_id)
{
    return member->global_admin ||
           permission_is_admin(member->permission, app_id);
}
