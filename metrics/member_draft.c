#include "metrics/member_draft.h"

#include <stddef.h>

#include "metrics/document.h"
#include "metrics/json.h"
#include "metrics/password.h"

static void add_flaw(struct member_draft *draft, struct json *json,
                     const char *before, const char *name, const char *after)
{
    struct buffer text;

    buffer_init(&text, MEMBER_TEXT_MAX);
    buffer_add_string(&text, before);
    buffer_add_string(&text, name);
    buffer_add_string(&text, after);
    json_text(json, buffer_text(&text));
    buffer_finish(&text);
    draft->flaws++;
}

static const cJSON *sent_of(const cJSON *args, const char *name)
{
    const cJSON *sent = document_find(args, name);

    return cJSON_IsNull(sent) ? NULL : sent;
}

/* The string of a field; NULL when there is none to use. */
static const char *read_string(struct member_draft *draft, struct json *json,
                               const cJSON *args, const char *name,
                               bool is_required)
{
    const cJSON *sent = sent_of(args, name);

    if (!sent && is_required)
        add_flaw(draft, json, "Missing ", name, " argument");
    if (sent && !cJSON_IsString(sent))
        add_flaw(draft, json, "Invalid type for ", name, "");
    return cJSON_GetStringValue(sent);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without the blanks around it; false when nothing is left, or too much, or
 * control characters. */
static bool trim(const char *value, char out[static MEMBER_TEXT_MAX + 1])
{
    while (is_blank(*value))
        value++;

    size_t len = strlen(value);

    while (len > 0 && is_blank(value[len - 1]))
        len--;
    if (len == 0 || len > MEMBER_TEXT_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f)
            return false;
    }
    memcpy(out, value, len);
    out[len] = '\0';
    return true;
}

static bool is_email(const char *value)
{
    const char *at = strchr(value, '@');

    return at && at != value && at[1] != '\0' && !strchr(value, ' ');
}

static void lower(char *value)
{
    for (; *value; value++) {
        if (*value >= 'A' && *value <= 'Z')
            *value = (char)(*value - 'A' + 'a');
    }
}

static void read_names(struct member_draft *draft, struct json *json,
                       const cJSON *args, bool is_new)
{
    const char *full_name = read_string(draft, json, args, "full_name", is_new);
    const char *username = read_string(draft, json, args, "username", is_new);
    const char *email = read_string(draft, json, args, "email", is_new);
    const char *lang = read_string(draft, json, args, "lang", false);
    char trimmed[MEMBER_TEXT_MAX + 1];

    if (full_name && !trim(full_name, trimmed))
        add_flaw(draft, json, "Invalid ", "full_name", "");
    if (username && !trim(username, draft->username))
        add_flaw(draft, json, "Invalid ", "username", "");
    if (email && (!trim(email, draft->email) || !is_email(draft->email)))
        add_flaw(draft, json, "Invalid ", "email", "");
    if (lang && strlen(lang) > MEMBER_TEXT_MAX)
        add_flaw(draft, json, "Invalid ", "lang", "");
    lower(draft->email);
    if (full_name)
        draft->member.full_name = full_name;
    if (username)
        draft->member.username = draft->username;
    if (email)
        draft->member.email = draft->email;
    if (lang)
        draft->member.lang = lang;
}

static void read_password(struct member_draft *draft, struct json *json,
                          const cJSON *args, bool is_new)
{
    const char *flaws[PASSWORD_FLAWS];

    draft->password = read_string(draft, json, args, "password", is_new);
    if (!draft->password)
        return;

    unsigned count = password_flaws(text_of(draft->password), flaws);

    for (unsigned i = 0; i < count; i++)
        add_flaw(draft, json, flaws[i], "", "");
}

static void read_flag(struct member_draft *draft, struct json *json,
                      const cJSON *args, const char *name, bool *flag)
{
    const cJSON *sent = sent_of(args, name);

    if (sent && !cJSON_IsBool(sent))
        add_flaw(draft, json, "Invalid type for ", name, "");
    else if (sent)
        *flag = cJSON_IsTrue(sent);
}

static void read_permission(struct member_draft *draft, struct json *json,
                            const cJSON *args)
{
    draft->permission = (struct permission_source){
        .sent = sent_of(args, "permission"),
        .admin_of = sent_of(args, "admin_of"),
        .user_of = sent_of(args, "user_of"),
        .old = draft->member.permission,
    };
    if (!permission_is_valid(&draft->permission))
        add_flaw(draft, json, "Invalid ", "permission", "");
}

/* Usernames and emails share one space: either is a name to log in with. */
static bool is_taken(const struct member_draft *draft, const char *name)
{
    const struct member *owners[] = {
        registry_member_by_username(draft->registry, text_of(name)),
        registry_member_by_email(draft->registry, text_of(name)),
    };

    for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++) {
        if (owners[i] &&
            (!draft->member.id || strcmp(owners[i]->id, draft->member.id) != 0))
            return true;
    }
    return false;
}

void member_draft_read(struct member_draft *draft,
                       const struct registry *registry,
                       const struct member *old, const cJSON *args,
                       struct buffer *out)
{
    struct json json;
    size_t start = out->len;

    *draft = (struct member_draft){.registry = registry};
    if (old)
        draft->member = *old;
    json_init(&json, out, JSON_MESSAGE);
    json_open_object(&json);
    json_key_string(&json, "result");
    json_open_array(&json);
    read_names(draft, &json, args, !old);
    read_password(draft, &json, args, !old);
    read_flag(draft, &json, args, "global_admin", &draft->member.global_admin);
    read_flag(draft, &json, args, "locked", &draft->member.locked);
    read_permission(draft, &json, args);
    if (is_taken(draft, draft->username) || is_taken(draft, draft->email))
        add_flaw(draft, &json, "Email or username already exists", "", "");
    json_close_array(&json);
    json_close_object(&json);
    if (draft->flaws == 0)
        out->len = start;
}
