#include "metrics/import_member.h"

#include <string.h>

#include "metrics/document.h"
#include "metrics/id.h"
#include "metrics/kind.h"

static void lower(char *text)
{
    for (; text && *text; text++) {
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
    }
}

static bool fits(const char *text)
{
    return text && strlen(text) <= MEMBER_TEXT_MAX;
}

static bool read_member(const cJSON *document, struct member *member,
                        struct permission_source *permission)
{
    *member = (struct member){
        .id = mongo_id(document_find(document, "_id")),
        .full_name = document_string(document, "full_name"),
        .username = document_string(document, "username"),
        .email = document_string(document, "email"),
        .api_key = document_string(document, "api_key"),
        .password = "",
        .lang = document_string(document, "lang"),
        .created_at = mongo_seconds(document_find(document, "created_at")),
        .last_login = mongo_seconds(document_find(document, "last_login")),
        .global_admin = document_bool(document, "global_admin"),
        .locked = document_bool(document, "locked"),
    };
    if (!member->full_name)
        member->full_name = member->username;
    if (!member->email)
        member->email = "";
    lower(cJSON_GetStringValue(document_find(document, "email")));
    *permission = (struct permission_source){
        .sent = document_find(document, "permission"),
        .admin_of = document_find(document, "admin_of"),
        .user_of = document_find(document, "user_of"),
    };
    return member->id && id_is_valid(text_of(member->id)) &&
           fits(member->full_name) && fits(member->username) &&
           fits(member->email) && member->api_key &&
           strlen(member->api_key) == MEMBER_API_KEY_LEN &&
           permission_is_valid(permission);
}

static bool is_taken(const struct registry *registry,
                     const struct member *member)
{
    return registry_member_by_username(registry, text_of(member->username)) ||
           (member->email[0] &&
            registry_member_by_email(registry, text_of(member->email))) ||
           registry_member_by_api_key(registry, text_of(member->api_key));
}

static void put_member(struct import *import, const struct member *member,
                       const struct permission_source *permission)
{
    struct buffer document;
    struct json json;

    buffer_init(&document, DOCUMENT_SIZE_MAX);
    json_init(&json, &document, JSON_PLAIN);
    member_write(&json, member, permission);
    if (buffer_is_whole(&document)) {
        effect_put_document(&import->tally->batch, KIND_MEMBER,
                            text_of(member->id), buffer_text(&document));
        import_leave(import, IMPORT_PASSWORD, member->username);
        import->report.members++;
        import->is_due = true;
    } else {
        import_leave(import, IMPORT_NOT_A_MEMBER, member->username);
    }
    buffer_finish(&document);
}

void import_member_take(struct import *import, const cJSON *document)
{
    const struct registry *registry = import->tally->registry;
    struct permission_source permission;
    struct member member;

    if (import->only)
        return;
    if (!read_member(document, &member, &permission))
        import_leave(import, IMPORT_NOT_A_MEMBER,
                     member.username ? member.username : member.id);
    else if (registry_member(registry, text_of(member.id)))
        return;
    else if (is_taken(registry, &member))
        import_leave(import, IMPORT_NAME_TAKEN, member.username);
    else if (import_step(import))
        put_member(import, &member, &permission);
}
