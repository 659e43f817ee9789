#include "metrics/member_list.h"

#include "metrics/document.h"

static void write_apps(struct json *json, const char *key,
                       const struct registry *registry,
                       const struct permission_list *list)
{
    json_key_string(json, key);
    json_open_array(json);
    for (unsigned i = 0; i < list->count; i++) {
        if (registry_app(registry, list->ids[i]))
            json_text(json, list->ids[i]);
    }
    json_close_array(json);
}

static void write_body(struct json *json, const struct registry *registry,
                       const struct member *member)
{
    struct permission_list list;

    member_write_fields(json, member);
    json_key_string(json, "permission");
    document_write(json, member->permission);
    permission_admins(member->permission, &list);
    write_apps(json, "admin_of", registry, &list);
    permission_users(member->permission, &list);
    write_apps(json, "user_of", registry, &list);
}

void member_list_write(struct json *json, const struct registry *registry,
                       const struct member *member)
{
    json_open_object(json);
    write_body(json, registry, member);
    json_close_object(json);
}

static void write_entry(struct json *json, const struct manage *call,
                        const struct member *asks, const struct member *member)
{
    json_key_string(json, member->id);
    json_open_object(json);
    write_body(json, call->claim.registry, member);
    json_member_bool(json, "is_current_user", member == asks);
    json_member_bool(
        json, "blocked",
        logins_are_blocked(call->logins, call->settings, member, call->now));
    json_close_object(json);
}

void member_list_write_all(struct json *json, const struct manage *call,
                           const struct member *asks)
{
    const struct registry *registry = call->claim.registry;
    const struct member *member;

    json_open_object(json);
    for (unsigned i = 0; (member = registry_member_at(registry, i)); i++)
        write_entry(json, call, asks, member);
    json_close_object(json);
}

void member_list_write_one(struct json *json, const struct manage *call,
                           const struct member *asks, struct text id)
{
    const struct member *member = registry_member(call->claim.registry, id);

    json_open_object(json);
    if (member)
        write_entry(json, call, asks, member);
    json_close_object(json);
}
