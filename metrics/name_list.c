#include "metrics/name_list.h"

#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"
#include "engine/series.h"

enum { IDS_MAX = 1 << 24 };

static void make_room(struct name_list *list, uint32_t value)
{
    uint32_t room = list->room ? list->room : 256;

    while (room <= value)
        room *= 2;
    if (room == list->room)
        return;
    list->places = memory_resize(list->places, room * sizeof(*list->places));
    memset(list->places + list->room, 0,
           (room - list->room) * sizeof(*list->places));
    list->room = room;
}

static void take_name(void *user, uint32_t value, struct text name)
{
    struct name_list *list = user;
    size_t place = list->bytes.len;

    if (value > IDS_MAX || name.len > UINT8_MAX)
        return;
    make_room(list, value);
    buffer_add_byte(&list->bytes, (char)(unsigned char)name.len);
    buffer_add_text(&list->bytes, name);
    list->places[value] = (uint32_t)place + 1;
}

enum tally_err name_list_read(struct name_list *list, struct reader *reader,
                              uint32_t app, uint32_t set)
{
    *list = (struct name_list){0};
    buffer_init(&list->bytes, NAME_LIST_MAX);
    enum tally_err err = series_names(reader, app, set, take_name, list);

    if (!err && !buffer_is_whole(&list->bytes))
        err = TALLY_ERR_TOO_BIG;
    if (err)
        name_list_finish(list);
    return err;
}

void name_list_finish(struct name_list *list)
{
    buffer_finish(&list->bytes);
    free(list->places);
    *list = (struct name_list){0};
}

struct text name_list_find(const struct name_list *list, uint32_t value)
{
    uint32_t place = value < list->room ? list->places[value] : 0;

    if (place == 0)
        return (struct text){NULL, 0};
    const char *at = list->bytes.at + place - 1;
    return (struct text){at + 1, (unsigned char)at[0]};
}
