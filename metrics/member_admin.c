#include "metrics/member_admin.h"

#include "metrics/document.h"
#include "metrics/id.h"
#include "metrics/kind.h"
#include "metrics/login.h"
#include "metrics/member_draft.h"
#include "metrics/member_list.h"

static int refuse(struct manage *call, int status, const char *message)
{
    return answer_write(call->out, (struct answer){status, message});
}

/* Writes the document; false when it would pass its maximum. */
static bool write_document(const struct member *member,
                           const struct permission_source *permission,
                           struct buffer *document)
{
    struct json json;

    json_init(&json, document, JSON_PLAIN);
    member_write(&json, member, permission);
    return buffer_is_whole(document);
}

static bool put_member(struct batch *batch, const struct member_draft *draft)
{
    struct buffer document;

    buffer_init(&document, DOCUMENT_SIZE_MAX);

    bool is_whole =
        write_document(&draft->member, &draft->permission, &document);

    if (is_whole)
        effect_put_document(batch, KIND_MEMBER, text_of(draft->member.id),
                            buffer_text(&document));
    buffer_finish(&document);
    return is_whole;
}

/* Gives the draft its password's hash; true while that has to be made. */
static bool waits_for_hash(struct manage *call, struct member_draft *draft)
{
    if (!draft->password)
        return false;
    if (call->job.work != PASSWORD_HASH || !call->job.done) {
        password_want_hash(&call->job, text_of(draft->password));
        return true;
    }
    draft->member.password = call->job.hash;
    return false;
}

/* Answers with what the stored document says, as any later read does. */
static int answer_created(struct manage *call, const struct member_draft *draft)
{
    bool is_raw = params_is_true(call->claim.params, "raw");
    struct buffer document;
    struct member member;
    struct json json;

    buffer_init(&document, DOCUMENT_SIZE_MAX);

    enum tally_err err = TALLY_ERR_TOO_BIG;

    if (write_document(&draft->member, &draft->permission, &document))
        err = member_parse(buffer_text(&document), &member);
    buffer_finish(&document);
    if (err)
        return refuse(call, 500, "Error creating user");
    json_init(&json, call->out, is_raw ? JSON_PLAIN : JSON_DATA);
    member_list_write(&json, call->claim.registry, &member);
    member_finish(&member);
    return ANSWER_OK;
}

static bool is_api_key(const char *text)
{
    return strlen(text) == MEMBER_API_KEY_LEN &&
           strspn(text, "0123456789abcdefABCDEF") == MEMBER_API_KEY_LEN;
}

/* A random api key, or the one that the operator chose: then what is wrong
 * with that, else NULL. */
static const char *choose_api_key(const struct manage *call, const cJSON *args,
                                  char api_key[static MEMBER_API_KEY_LEN + 1])
{
    const cJSON *sent = document_find(args, "api_key");
    const char *chosen = cJSON_GetStringValue(sent);

    id_draw(api_key, MEMBER_API_KEY_LEN);
    if (!call->claim.is_operator || !sent || cJSON_IsNull(sent))
        return NULL;
    if (!chosen || !is_api_key(chosen))
        return "Invalid api_key, must be 32 hexadecimal digits";
    if (registry_member_by_api_key(call->claim.registry, text_of(chosen)))
        return "api_key already exists";
    memcpy(api_key, chosen, MEMBER_API_KEY_LEN);
    return NULL;
}

int member_admin_create(struct manage *call, const cJSON *args,
                        const struct pass *pass)
{
    char id[ID_SIZE];
    char api_key[MEMBER_API_KEY_LEN + 1];
    struct member_draft draft;

    (void)pass;
    member_draft_read(&draft, call->claim.registry, NULL, args, call->out);
    if (draft.flaws > 0)
        return 400;

    const char *flaw = choose_api_key(call, args, api_key);

    if (flaw)
        return refuse(call, 400, flaw);
    if (waits_for_hash(call, &draft))
        return MANAGE_WAITS;
    id_draw(id, ID_LEN);
    draft.member.id = id;
    draft.member.api_key = api_key;
    draft.member.created_at = call->now;
    if (!put_member(call->batch, &draft))
        return refuse(call, 500, "Error creating user");
    return answer_created(call, &draft);
}

/* Whether an installation would be without an admin but for this one. */
static bool is_last_admin(const struct registry *registry,
                          const struct member *member)
{
    const struct member *other;

    if (!member->global_admin || member->locked)
        return false;
    for (unsigned i = 0; (other = registry_member_at(registry, i)); i++) {
        if (other != member && other->global_admin && !other->locked)
            return false;
    }
    return true;
}

static int change_member(struct manage *call, const cJSON *args,
                         const struct member *old)
{
    struct member_draft draft;

    member_draft_read(&draft, call->claim.registry, old, args, call->out);
    if (draft.flaws > 0)
        return 400;
    if ((!draft.member.global_admin || draft.member.locked) &&
        is_last_admin(call->claim.registry, old))
        return refuse(call, 400, "global admin limit");
    if (waits_for_hash(call, &draft))
        return MANAGE_WAITS;
    if (draft.password)
        draft.member.password_changed = call->now;
    if (!put_member(call->batch, &draft))
        return refuse(call, 400, "Too many values");
    return refuse(call, ANSWER_OK, "Success");
}

int member_admin_update(struct manage *call, const cJSON *args,
                        const struct pass *pass)
{
    struct text id = text_of(document_string(args, "user_id"));
    const struct member *member = registry_member(call->claim.registry, id);

    (void)pass;
    if (!id_is_valid(id))
        return refuse(call, 400, "Not enough args");
    if (!member)
        return refuse(call, 404, "User not found");
    return change_member(call, args, member);
}

int member_admin_delete(struct manage *call, const cJSON *args,
                        const struct pass *pass)
{
    const cJSON *ids = document_find(args, "user_ids");
    const cJSON *item;
    bool is_complete = true;

    if (!cJSON_IsArray(ids))
        return refuse(call, 400, "Not enough args");
    cJSON_ArrayForEach(item, ids)
    {
        const struct member *member = registry_member(
            call->claim.registry, text_of(cJSON_GetStringValue(item)));

        if (!member || member == pass->member)
            is_complete = false;
        else
            effect_erase_document(call->batch, KIND_MEMBER,
                                  text_of(member->id));
    }
    return refuse(call, ANSWER_OK,
                  is_complete ? "Success"
                              : "Some users cannot be deleted, please see "
                                "logs for more detail");
}

int member_admin_delete_own(struct manage *call, const cJSON *args,
                            const struct pass *pass)
{
    struct text password = params_text(call->claim.params, "password");
    const struct member *member = pass->member;
    const struct answer wrong = {400, "password not valid"};

    if (password.len == 0)
        password = text_of(document_string(args, "password"));
    if (password.len == 0)
        return refuse(call, 400, "password mandatory");

    int status = login_compare(call, member, password, wrong);

    if (status != ANSWER_OK)
        return status;
    if (is_last_admin(call->claim.registry, member))
        return refuse(call, 400, "global admin limit");
    effect_erase_document(call->batch, KIND_MEMBER, text_of(member->id));
    return refuse(call, ANSWER_OK, "Success");
}

enum tally_err member_admin_found(const struct registry *registry,
                                  const char *username, const char *api_key,
                                  int64_t now, struct batch *batch)
{
    char id[ID_SIZE];
    struct member_draft draft = {.member = {.id = id,
                                            .full_name = username,
                                            .username = username,
                                            .email = "",
                                            .api_key = api_key,
                                            .password = "",
                                            .created_at = now,
                                            .global_admin = true}};

    if (!is_api_key(api_key) || username[0] == '\0' ||
        strlen(username) > MEMBER_TEXT_MAX)
        return TALLY_ERR_INVALID;
    if (registry_member_by_api_key(registry, text_of(api_key)) ||
        registry_member_by_username(registry, text_of(username)))
        return TALLY_ERR_EXISTS;
    id_draw(id, ID_LEN);
    return put_member(batch, &draft) ? TALLY_OK : TALLY_ERR_INVALID;
}
