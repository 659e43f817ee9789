#include "metrics/app_list.h"

#include "metrics/document.h"

static void write_app(struct json *json, const struct app *app)
{
    json_key_string(json, app->id);
    app_write_listed(json, app);
}

static void write_every(struct json *json, const char *key,
                        const struct registry *registry)
{
    const struct app *app;

    json_key_string(json, key);
    json_open_object(json);
    for (unsigned i = 0; (app = registry_app_at(registry, i)); i++)
        write_app(json, app);
    json_close_object(json);
}

void app_list_write_all(struct json *json, const struct registry *registry)
{
    json_open_object(json);
    write_every(json, "admin_of", registry);
    write_every(json, "user_of", registry);
    json_close_object(json);
}

static void write_some(struct json *json, const char *key,
                       const struct registry *registry,
                       const struct permission_list *list)
{
    json_key_string(json, key);
    json_open_object(json);
    for (unsigned i = 0; i < list->count; i++) {
        const struct app *app = registry_app(registry, list->ids[i]);

        if (app)
            write_app(json, app);
    }
    json_close_object(json);
}

void app_list_write_mine(struct json *json, const struct registry *registry,
                         const struct member *member)
{
    struct permission_list list;

    if (member->global_admin) {
        app_list_write_all(json, registry);
        return;
    }
    json_open_object(json);
    permission_admins(member->permission, &list);
    write_some(json, "admin_of", registry, &list);
    permission_users(member->permission, &list);
    write_some(json, "user_of", registry, &list);
    json_close_object(json);
}

/* What a member is for an app, the highest first. */
enum role { ROLE_GLOBAL_ADMIN, ROLE_ADMIN, ROLE_USER, ROLE_NONE };

static enum role role_of(const struct member *member, const struct app *app)
{
    struct permission_list users;

    if (member->global_admin)
        return ROLE_GLOBAL_ADMIN;
    if (permission_is_admin(member->permission, text_of(app->id)))
        return ROLE_ADMIN;
    permission_users(member->permission, &users);
    for (unsigned i = 0; i < users.count; i++) {
        if (text_is(users.ids[i], app->id))
            return ROLE_USER;
    }
    return ROLE_NONE;
}

static void write_role(struct json *json, const char *key, enum role role,
                       const struct registry *registry, const struct app *app)
{
    const struct member *member;

    json_key_string(json, key);
    json_open_array(json);
    for (unsigned i = 0; (member = registry_member_at(registry, i)); i++) {
        if (role_of(member, app) != role)
            continue;
        json_open_object(json);
        json_member_string(json, "full_name", member->full_name);
        json_member_string(json, "username", member->username);
        json_close_object(json);
    }
    json_close_array(json);
}

static void write_history(struct json *json, const struct registry *registry,
                          const struct app *app)
{
    const struct member *owner = registry_member(registry, text_of(app->owner));

    json_key_string(json, "app");
    json_open_object(json);
    json_member_string(json, "owner", owner ? owner->full_name : "");
    json_member_string(json, "owner_id", app->owner ? app->owner : "");
    json_member_int(json, "created_at", app->created_at);
    json_member_int(json, "edited_at", app->edited_at);
    json_key_string(json, "plugins");
    if (app->plugins) {
        document_write(json, app->plugins);
    } else {
        json_open_object(json);
        json_close_object(json);
    }
    json_member_int(json, "last_data", app->last_data);
    json_member_int(json, "last_data_users", app->last_data);
    json_close_object(json);
}

void app_list_write_details(struct json *json, const struct registry *registry,
                            const struct app *app)
{
    json_open_object(json);
    write_history(json, registry, app);
    write_role(json, "global_admin", ROLE_GLOBAL_ADMIN, registry, app);
    write_role(json, "admin", ROLE_ADMIN, registry, app);
    write_role(json, "user", ROLE_USER, registry, app);
    json_close_object(json);
}
