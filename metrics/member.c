#include "metrics/member.h"

#include <sodium.h>

#include "metrics/document.h"
#include "metrics/id.h"

_Static_assert(MEMBER_DIGEST_SIZE == crypto_hash_sha256_BYTES,
               "the digest is a SHA-256");

static bool is_complete(const struct member *member)
{
    return member->full_name && member->username && member->email &&
           member->api_key && member->password &&
           id_is_valid(text_of(member->id));
}

enum tally_err member_parse(struct text document, struct member *member)
{
    cJSON *root = document_parse(document);

    if (!root)
        return TALLY_ERR_CORRUPT;

    struct member parsed = {
        .id = document_string(root, "_id"),
        .full_name = document_string(root, "full_name"),
        .username = document_string(root, "username"),
        .email = document_string(root, "email"),
        .api_key = document_string(root, "api_key"),
        .password = document_string(root, "password"),
        .lang = document_string(root, "lang"),
        .created_at = document_int(root, "created_at"),
        .last_login = document_int(root, "last_login"),
        .password_changed = document_int(root, "password_changed"),
        .global_admin = document_bool(root, "global_admin"),
        .locked = document_bool(root, "locked"),
        .permission = document_find(root, "permission"),
        .document = root,
    };

    if (!is_complete(&parsed)) {
        member_finish(&parsed);
        return TALLY_ERR_CORRUPT;
    }
    member_digest(text_of(parsed.api_key), parsed.digest);
    *member = parsed;
    return TALLY_OK;
}

void member_finish(struct member *member)
{
    cJSON_Delete(member->document);
    *member = (struct member){0};
}

void member_digest(struct text api_key,
                   unsigned char digest[static MEMBER_DIGEST_SIZE])
{
    crypto_hash_sha256(digest, (const unsigned char *)api_key.at, api_key.len);
}

void member_write_fields(struct json *json, const struct member *member)
{
    json_member_string(json, "_id", member->id);
    json_member_string(json, "full_name", member->full_name);
    json_member_string(json, "username", member->username);
    json_member_string(json, "email", member->email);
    json_member_string(json, "api_key", member->api_key);
    if (member->lang)
        json_member_string(json, "lang", member->lang);
    json_member_int(json, "created_at", member->created_at);
    if (member->last_login)
        json_member_int(json, "last_login", member->last_login);
    json_member_int(json, "password_changed", member->password_changed);
    json_member_bool(json, "global_admin", member->global_admin);
    json_member_bool(json, "locked", member->locked);
}

void member_write(struct json *json, const struct member *member,
                  const struct permission_source *source)
{
    json_open_object(json);
    member_write_fields(json, member);
    json_member_string(json, "password", member->password);
    json_key_string(json, "permission");
    permission_write(json, source);
    json_close_object(json);
}
