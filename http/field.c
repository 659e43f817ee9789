#include "http/field.h"

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

struct text field_trim(struct text value)
{
    while (value.len > 0 && is_blank(value.at[0])) {
        value.at++;
        value.len--;
    }
    while (value.len > 0 && is_blank(value.at[value.len - 1]))
        value.len--;
    return value;
}

static char lower_of(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte + 'a' - 'A') : byte;
}

bool field_has_prefix(struct text value, const char *lower)
{
    size_t i = 0;

    while (i < value.len && lower[i] && lower_of(value.at[i]) == lower[i])
        i++;
    return lower[i] == '\0';
}

bool field_is(struct text value, const char *lower)
{
    return value.len == strlen(lower) && field_has_prefix(value, lower);
}

bool field_has_suffix(struct text value, const char *lower)
{
    size_t len = strlen(lower);

    if (value.len < len)
        return false;
    return field_is((struct text){value.at + value.len - len, len}, lower);
}

struct text field_first(struct text value)
{
    size_t len = 0;

    while (len < value.len && value.at[len] != ';' && value.at[len] != ',')
        len++;
    return field_trim((struct text){value.at, len});
}

/* Takes a quoted string or what stands before the next `;` off the front;
 * a backslash keeps the quote behind it from ending the string. */
static struct text take_value(struct text *rest)
{
    bool is_quoted = rest->len > 0 && rest->at[0] == '"';
    size_t from = is_quoted ? 1 : 0;
    size_t to = from;

    while (to < rest->len && rest->at[to] != (is_quoted ? '"' : ';')) {
        if (is_quoted && rest->at[to] == '\\' && to + 1 < rest->len)
            to++;
        to++;
    }
    struct text value = {rest->at + from, to - from};
    size_t used = to < rest->len && is_quoted ? to + 1 : to;
    *rest = (struct text){rest->at + used, rest->len - used};
    return is_quoted ? value : field_trim(value);
}

static bool skip_past(struct text *rest, char byte)
{
    const char *found = rest->len ? memchr(rest->at, byte, rest->len) : NULL;

    if (!found)
        return false;
    rest->len -= (size_t)(found + 1 - rest->at);
    rest->at = found + 1;
    return true;
}

bool field_parameter(struct text value, const char *lower,
                     struct text *parameter)
{
    struct text rest = value;

    while (skip_past(&rest, ';')) {
        size_t len = 0;
        while (len < rest.len && rest.at[len] != '=' && rest.at[len] != ';')
            len++;
        struct text name = field_trim((struct text){rest.at, len});
        rest = (struct text){rest.at + len, rest.len - len};
        if (rest.len == 0 || rest.at[0] == ';')
            continue;
        rest = field_trim((struct text){rest.at + 1, rest.len - 1});
        struct text found = take_value(&rest);
        if (field_is(name, lower)) {
            *parameter = found;
            return true;
        }
    }
    return false;
}
