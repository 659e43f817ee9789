#include "metrics/extra.h"

#include "metrics/document.h"

/* All that portrait.c and property.h write, short codes of metrics apart. */
static const char *const taken[] = {
    "_id",        "did",        "uid",     "fs",
    "ls",         "fac",        "lac",     "sc",
    "sd",         "tsd",        "hos",     "tz",
    "lbst",       "lest",       "merges",  "hasInfo",
    "ornt",       "data",       "rgn",     "loc",
    "merged_uid", "merged_did", "consent", "consent_changes",
    "name",       "username",   "email",   "organization",
    "phone",      "picture",    "gender",  "byear",
    "custom",
};

bool extra_is_taken(const struct catalog *catalog, struct text name)
{
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (text_is(name, taken[i]))
            return true;
    }
    return catalog_by_short_code(catalog, name) != NULL;
}

static cJSON *open_object(struct text object)
{
    return object.len > 0 ? document_parse(object) : cJSON_CreateObject();
}

static enum tally_err write_object(const cJSON *root, struct arena *arena,
                                   struct text *object)
{
    struct buffer out;
    struct json json;
    struct text written = {NULL, 0};

    if (cJSON_GetArraySize(root) > EXTRA_COUNT_MAX)
        return TALLY_ERR_TOO_BIG;
    buffer_init(&out, EXTRA_BYTES_MAX);
    json_init(&json, &out, JSON_PLAIN);
    document_write(&json, root);
    if (buffer_is_whole(&out))
        written = (struct text){arena_strndup(arena, out.at, out.len), out.len};
    buffer_finish(&out);
    if (!written.at)
        return TALLY_ERR_TOO_BIG;
    *object = root->child ? written : (struct text){NULL, 0};
    return TALLY_OK;
}

static void put_member(cJSON *root, const char *name, cJSON *value)
{
    cJSON_DeleteItemFromObjectCaseSensitive(root, name);
    if (cJSON_IsNull(value))
        cJSON_Delete(value);
    else
        cJSON_AddItemToObject(root, name, value);
}

enum tally_err extra_set(struct text *object, struct arena *arena,
                         const struct catalog *catalog, struct text name,
                         struct text json)
{
    if (name.len == 0 || name.len > EXTRA_NAME_MAX || name.at[0] == '$' ||
        memchr(name.at, '.', name.len) || memchr(name.at, '\0', name.len))
        return TALLY_ERR_INVALID;
    if (extra_is_taken(catalog, name))
        return TALLY_ERR_EXISTS;
    const char *key = arena_strndup(arena, name.at, name.len);
    cJSON *value = document_parse_value(json);
    cJSON *root = open_object(*object);
    enum tally_err err = TALLY_OK;

    if (!key)
        err = TALLY_ERR_TOO_BIG;
    else if (!value)
        err = TALLY_ERR_INVALID;
    else if (!root)
        err = TALLY_ERR_CORRUPT;
    if (err) {
        cJSON_Delete(value);
    } else {
        put_member(root, key, value);
        err = write_object(root, arena, object);
    }
    cJSON_Delete(root);
    return err;
}

enum tally_err extra_merge(struct text *object, struct arena *arena,
                           struct text other)
{
    const cJSON *member;

    if (other.len == 0)
        return TALLY_OK;
    cJSON *root = open_object(*object);
    cJSON *more = document_parse(other);
    enum tally_err err = root && more ? TALLY_OK : TALLY_ERR_CORRUPT;

    cJSON_ArrayForEach(member, more)
    {
        if (!err && !document_find(root, member->string) &&
            cJSON_GetArraySize(root) < EXTRA_COUNT_MAX)
            cJSON_AddItemToObject(root, member->string,
                                  cJSON_Duplicate(member, true));
    }
    if (!err)
        err = write_object(root, arena, object);
    cJSON_Delete(root);
    cJSON_Delete(more);
    return err;
}
