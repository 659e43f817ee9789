#include "metrics/profile.h"

#include "metrics/json.h"
#include "metrics/params.h"

static const struct {
    const char *name;
    size_t offset;
    enum param_kind kind;
} fields[] = {
    {"did", offsetof(struct profile, did), PARAM_TEXT},
    {"loc", offsetof(struct profile, loc), PARAM_TEXT},
    {"rgn", offsetof(struct profile, rgn), PARAM_TEXT},
    {"merged_uid", offsetof(struct profile, merged_uid), PARAM_TEXT},
    {"merged_did", offsetof(struct profile, merged_did), PARAM_TEXT},
    {"details", offsetof(struct profile, details), PARAM_JSON},
    {"consent", offsetof(struct profile, consent), PARAM_JSON},
    {"changes", offsetof(struct profile, changes), PARAM_JSON},
    {"extra", offsetof(struct profile, extra), PARAM_JSON},
};

enum { FIELD_COUNT = sizeof(fields) / sizeof(fields[0]) };

static struct text *field_of(struct profile *profile, unsigned i)
{
    return (struct text *)(void *)((char *)profile + fields[i].offset);
}

static const struct text *field_in(const struct profile *profile, unsigned i)
{
    return (const struct text *)(const void *)((const char *)profile +
                                               fields[i].offset);
}

/* Decimal digits of a u32. */
static bool read_set(struct text digits, uint32_t *set)
{
    uint64_t number = 0;

    if (digits.len == 0 || digits.len > 10)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(digits.at[i] - '0');
    }
    if (number > UINT32_MAX)
        return false;
    *set = (uint32_t)number;
    return true;
}

static enum tally_err read_object(struct text json, struct arena *arena,
                                  struct params *members)
{
    enum tally_err err = params_add_json(members, arena, json);

    return err == TALLY_ERR_INVALID ? TALLY_ERR_CORRUPT : err;
}

static enum tally_err read_texts(struct text json, struct arena *arena,
                                 struct profile *profile)
{
    struct params members = {0};

    enum tally_err err = read_object(json, arena, &members);
    if (err)
        return err;
    for (unsigned i = 0; i < members.count; i++) {
        const struct param *member = &members.list[i];
        uint32_t set;
        if (member->kind != PARAM_TEXT || !read_set(member->name, &set) ||
            !profile_set_text(profile, set, member->value))
            return TALLY_ERR_CORRUPT;
    }
    return TALLY_OK;
}

enum tally_err profile_read(struct text record, struct arena *arena,
                            struct profile *profile)
{
    struct params members = {0};
    struct profile read = {0};

    enum tally_err err = read_object(record, arena, &members);
    if (err)
        return err;
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        const struct param *member = params_find(&members, fields[i].name);
        if (member && member->kind != PARAM_NULL &&
            member->kind != fields[i].kind)
            return TALLY_ERR_CORRUPT;
        *field_of(&read, i) = param_text(member);
    }
    const struct param *texts = params_find(&members, "text");
    if (texts)
        err = read_texts(texts->value, arena, &read);
    if (err)
        return err;

    *profile = read;
    return TALLY_OK;
}

static void write_texts(struct json *json, const struct profile *profile)
{
    json_key_string(json, "text");
    json_open_object(json);
    for (unsigned i = 0; i < profile->text_count; i++) {
        json_key_int(json, profile->texts[i].set);
        json_text(json, profile->texts[i].value);
    }
    json_close_object(json);
}

void profile_write(const struct profile *profile, struct buffer *out)
{
    struct json json;

    json_init(&json, out, JSON_PLAIN);
    json_open_object(&json);
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        const struct text *field = field_in(profile, i);
        if (field->len > 0 && fields[i].kind == PARAM_JSON) {
            json_key_string(&json, fields[i].name);
            json_raw(&json, *field);
        } else if (field->len > 0) {
            json_member_text(&json, fields[i].name, *field);
        }
    }
    if (profile->text_count > 0)
        write_texts(&json, profile);
    json_close_object(&json);
}

static unsigned find_text(const struct profile *profile, uint32_t set)
{
    unsigned i = 0;

    while (i < profile->text_count && profile->texts[i].set != set)
        i++;
    return i;
}

struct text profile_text(const struct profile *profile, uint32_t set)
{
    unsigned i = find_text(profile, set);

    return i < profile->text_count ? profile->texts[i].value : (struct text){0};
}

bool profile_set_text(struct profile *profile, uint32_t set, struct text value)
{
    unsigned i = find_text(profile, set);

    if (value.len == 0) {
        if (i < profile->text_count)
            profile->texts[i] = profile->texts[--profile->text_count];
        return true;
    }
    if (i == USER_VALUES_MAX)
        return false;
    if (i == profile->text_count)
        profile->text_count++;
    profile->texts[i] = (struct profile_text){set, value};
    return true;
}
