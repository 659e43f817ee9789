#include "http/config_list.h"

bool config_list_next(struct text *list, struct text *name)
{
    if (list->len == 0)
        return false;
    const char *comma = memchr(list->at, ',', list->len);
    struct text part = {list->at,
                        comma ? (size_t)(comma - list->at) : list->len};

    list->at += part.len + (comma != NULL);
    list->len -= part.len + (comma != NULL);
    for (; part.len > 0 && part.at[0] == ' '; part.len--)
        part.at++;
    while (part.len > 0 && part.at[part.len - 1] == ' ')
        part.len--;
    *name = part;
    return true;
}

unsigned config_list_find(struct text list, struct text name)
{
    unsigned at = 0;
    struct text one;

    while (config_list_next(&list, &one) && !text_equal(one, name))
        at++;
    return at;
}
