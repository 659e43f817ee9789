#include "metrics/draft.h"

#include <glib.h>
#include <stdlib.h>

#include "engine/utf8.h"

void draft_add(struct draft *draft, struct text text)
{
    size_t room = sizeof(draft->bytes) - draft->len;
    size_t len = text.len < room ? text.len : room;

    if (len > 0)
        memcpy(draft->bytes + draft->len, text.at, len);
    draft->len += len;
}

void draft_add_string(struct draft *draft, const char *string)
{
    draft_add(draft, text_of(string));
}

void draft_add_code_point(struct draft *draft, uint32_t code)
{
    char bytes[UTF8_MAX];

    draft_add(draft, (struct text){bytes, utf8_encode(bytes, code)});
}

uint32_t draft_take_character(struct text *text)
{
    int len = utf8_next(*text);
    uint32_t code = 0xfffd;

    if (len > 0)
        code = g_utf8_get_char(text->at);
    size_t used = (size_t)abs(len);
    text->at += used;
    text->len -= used;
    return code;
}
