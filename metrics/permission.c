#include "metrics/permission.h"

#include "metrics/document.h"
#include "metrics/id.h"

static const char *const action_names[PERMISSION_ACTIONS] = {
    [PERMISSION_CREATE] = "c",
    [PERMISSION_READ] = "r",
    [PERMISSION_UPDATE] = "u",
    [PERMISSION_DELETE] = "d",
};

static bool has_id(const struct permission_list *list, struct text id)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (text_equal(list->ids[i], id))
            return true;
    }
    return false;
}

static void add_id(struct permission_list *list, struct text id)
{
    if (!id_is_valid(id) || has_id(list, id))
        return;
    if (list->count == PERMISSION_APPS_MAX) {
        list->overflowed = true;
        return;
    }
    list->ids[list->count++] = id;
}

/* Adds the ids of an array, and of the arrays in it. */
static void add_ids(struct permission_list *list, const cJSON *array)
{
    const cJSON *item;
    const cJSON *inner;

    cJSON_ArrayForEach(item, array)
    {
        if (cJSON_IsString(item))
            add_id(list, text_of(item->valuestring));
        if (!cJSON_IsArray(item))
            continue;
        cJSON_ArrayForEach(inner, item)
        {
            if (cJSON_IsString(inner))
                add_id(list, text_of(inner->valuestring));
        }
    }
}

static const cJSON *admins_of(const cJSON *permission)
{
    return document_find(document_find(permission, "_"), "a");
}

static const cJSON *entries_of(const cJSON *permission,
                               enum permission_action action)
{
    return document_find(permission, action_names[action]);
}

static const cJSON *entry_of(const cJSON *permission,
                             enum permission_action action, struct text app)
{
    const cJSON *entry;

    cJSON_ArrayForEach(entry, entries_of(permission, action))
    {
        if (entry->string && text_is(app, entry->string))
            return entry;
    }
    return NULL;
}

static bool grants_anything(const cJSON *entry)
{
    const cJSON *feature;

    if (document_bool(entry, "all"))
        return true;
    cJSON_ArrayForEach(feature, document_find(entry, "allowed"))
    {
        if (cJSON_IsTrue(feature))
            return true;
    }
    return false;
}

bool permission_is_admin(const cJSON *permission, struct text app)
{
    const cJSON *id;

    cJSON_ArrayForEach(id, admins_of(permission))
    {
        if (cJSON_IsString(id) && text_is(app, id->valuestring))
            return true;
    }
    return false;
}

bool permission_allows(const cJSON *permission, enum permission_action action,
                       struct text app, const char *feature)
{
    if (permission_is_admin(permission, app))
        return true;

    const cJSON *entry = entry_of(permission, action, app);

    return document_bool(entry, "all") ||
           document_bool(document_find(entry, "allowed"), feature);
}

void permission_admins(const cJSON *permission, struct permission_list *list)
{
    *list = (struct permission_list){0};
    add_ids(list, admins_of(permission));
}

void permission_users(const cJSON *permission, struct permission_list *list)
{
    const cJSON *entry;

    *list = (struct permission_list){0};
    cJSON_ArrayForEach(entry, entries_of(permission, PERMISSION_READ))
    {
        if (entry->string && grants_anything(entry))
            add_id(list, text_of(entry->string));
    }
    add_ids(list, admins_of(permission));
}

static bool is_id_list(const cJSON *list)
{
    const cJSON *item;

    if (!cJSON_IsArray(list))
        return false;
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsString(item) || !id_is_valid(text_of(item->valuestring)))
            return false;
    }
    return true;
}

static bool is_entry_map(const cJSON *map)
{
    const cJSON *entry;

    if (!cJSON_IsObject(map))
        return false;
    cJSON_ArrayForEach(entry, map)
    {
        if (!cJSON_IsObject(entry) || !id_is_valid(text_of(entry->string)))
            return false;
    }
    return true;
}

static bool is_permission(const cJSON *sent)
{
    const cJSON *admins = admins_of(sent);

    if (!cJSON_IsObject(sent) || (admins && !is_id_list(admins)))
        return false;
    for (int i = 0; i < PERMISSION_ACTIONS; i++) {
        const cJSON *map = entries_of(sent, (enum permission_action)i);

        if (map && !is_entry_map(map))
            return false;
    }
    return true;
}

/* The lists that the new object will have. */
static void resolve(const struct permission_source *source,
                    struct permission_list *admins,
                    struct permission_list *users)
{
    const cJSON *from = source->sent ? source->sent : source->old;

    permission_admins(from, admins);
    permission_users(from, users);
    if (source->sent)
        return;
    if (source->user_of) {
        *users = (struct permission_list){0};
        add_ids(users, source->user_of);
    }
    if (source->admin_of) {
        *admins = (struct permission_list){0};
        add_ids(admins, source->admin_of);
    }
    for (unsigned i = 0; i < admins->count; i++)
        add_id(users, admins->ids[i]);
}

bool permission_is_valid(const struct permission_source *source)
{
    struct permission_list admins;
    struct permission_list users;

    if ((source->sent && !is_permission(source->sent)) ||
        (source->admin_of && !is_id_list(source->admin_of)) ||
        (source->user_of && !is_id_list(source->user_of)))
        return false;
    resolve(source, &admins, &users);
    return !admins.overflowed && !users.overflowed;
}

static void write_entry(struct json *json, struct text app, const cJSON *entry)
{
    const cJSON *feature;

    json_key(json, app);
    json_open_object(json);
    json_member_bool(json, "all", !entry || document_bool(entry, "all"));
    json_key_string(json, "allowed");
    json_open_object(json);
    cJSON_ArrayForEach(feature, document_find(entry, "allowed"))
    {
        if (feature->string && cJSON_IsTrue(feature))
            json_member_bool(json, feature->string, true);
    }
    json_close_object(json);
    json_close_object(json);
}

/* What was sent, without entries that grant nothing. */
static void write_sent(struct json *json, const cJSON *entries)
{
    const cJSON *entry;

    cJSON_ArrayForEach(entry, entries)
    {
        if (grants_anything(entry))
            write_entry(json, text_of(entry->string), entry);
    }
}

/* What the users of the lists had, else the right to read everything. */
static void write_kept(struct json *json, const cJSON *old,
                       enum permission_action action,
                       const struct permission_list *users)
{
    for (unsigned i = 0; i < users->count; i++) {
        const cJSON *entry = entry_of(old, action, users->ids[i]);

        if (entry && !grants_anything(entry))
            entry = NULL;
        if (entry || action == PERMISSION_READ)
            write_entry(json, users->ids[i], entry);
    }
}

static void write_list(struct json *json, const struct permission_list *list)
{
    json_open_array(json);
    for (unsigned i = 0; i < list->count; i++)
        json_text(json, list->ids[i]);
    json_close_array(json);
}

static void write_lists(struct json *json, const struct permission_list *admins,
                        const struct permission_list *users)
{
    json_key_string(json, "_");
    json_open_object(json);
    json_key_string(json, "a");
    write_list(json, admins);
    json_key_string(json, "u");
    json_open_array(json);
    if (users->count > 0)
        write_list(json, users);
    json_close_array(json);
    json_close_object(json);
}

void permission_write(struct json *json, const struct permission_source *source)
{
    struct permission_list admins;
    struct permission_list users;

    resolve(source, &admins, &users);
    json_open_object(json);
    for (int i = 0; i < PERMISSION_ACTIONS; i++) {
        enum permission_action action = (enum permission_action)i;

        json_key_string(json, action_names[action]);
        json_open_object(json);
        if (source->sent)
            write_sent(json, entries_of(source->sent, action));
        else
            write_kept(json, source->old, action, &users);
        json_close_object(json);
    }
    write_lists(json, &admins, &users);
    json_close_object(json);
}
