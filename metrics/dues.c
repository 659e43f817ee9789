#include "metrics/dues.h"

#include <stdlib.h>

#include "engine/key.h"
#include "engine/memory.h"
#include "metrics/document.h"
#include "metrics/shelf.h"

/* No plugin's name begins like this. */
#define OWNER "_core"
#define COLLECTION "sessions_due"

enum { NAME_SIZE = 4, RECORD_SIZE = 64 };

/* A heap: the earliest first. */
struct dues {
    size_t count;
    size_t room;
    struct due *list;
};

struct dues *dues_create(void)
{
    return memory_alloc(sizeof(struct dues));
}

void dues_destroy(struct dues *dues)
{
    if (!dues)
        return;
    free(dues->list);
    free(dues);
}

static void swap(struct due *a, struct due *b)
{
    struct due due = *a;

    *a = *b;
    *b = due;
}

const struct due *dues_first(const struct dues *dues)
{
    return dues->count > 0 ? &dues->list[0] : NULL;
}

static void push(struct dues *dues, const struct due *due)
{
    dues->list = memory_one_more(dues->list, dues->count, &dues->room,
                                 sizeof(*dues->list));
    size_t at = dues->count++;
    dues->list[at] = *due;
    for (; at > 0 && dues->list[at].at < dues->list[(at - 1) / 2].at;
         at = (at - 1) / 2)
        swap(&dues->list[at], &dues->list[(at - 1) / 2]);
}

void dues_pop(struct dues *dues)
{
    size_t at = 0;

    dues->list[0] = dues->list[--dues->count];
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1;
             child <= 2 * at + 2 && child < dues->count; child++) {
            if (dues->list[child].at < dues->list[least].at)
                least = child;
        }
        if (least == at)
            return;
        swap(&dues->list[at], &dues->list[least]);
        at = least;
    }
}

/* --- records --- */

static struct text name_of(uint32_t ordinal, uint8_t bytes[static NAME_SIZE])
{
    for (int i = 0; i < NAME_SIZE; i++)
        bytes[i] = (uint8_t)(ordinal >> (8 * (NAME_SIZE - 1 - i)));
    return (struct text){(char *)bytes, NAME_SIZE};
}

static uint32_t ordinal_of(struct text name)
{
    uint32_t ordinal = 0;

    for (size_t i = 0; i < name.len; i++)
        ordinal = ordinal << 8 | (uint8_t)name.at[i];
    return ordinal;
}

/* {"at": second, "seconds": of the session} */
static bool read_record(struct text record, int64_t *at, uint64_t *seconds)
{
    cJSON *document = document_parse(record);

    *at = document_int(document, "at");
    *seconds = (uint64_t)document_int(document, "seconds");
    cJSON_Delete(document);
    return *at > 0;
}

static enum tally_err put_record(struct tally *tally, const struct due *due,
                                 uint64_t seconds)
{
    uint8_t bytes[NAME_SIZE];
    struct buffer record;
    struct json json;
    uint32_t shelf;
    enum tally_err err =
        shelf_open(tally, &tally->batch, TEXT(OWNER), TEXT(COLLECTION), &shelf);

    if (err)
        return err;
    buffer_init(&record, RECORD_SIZE);
    json_init(&json, &record, JSON_PLAIN);
    json_open_object(&json);
    json_member_int(&json, "at", due->at);
    json_member_int(&json, "seconds", (int64_t)seconds);
    json_close_object(&json);
    err = shelf_put(&tally->batch, shelf, due->app,
                    name_of(due->ordinal, bytes), buffer_text(&record));
    buffer_finish(&record);
    return err;
}

enum tally_err dues_add(struct tally *tally, const struct due *due,
                        uint64_t seconds)
{
    enum tally_err err = TALLY_ERR_FULL;

    if (tally->dues->count < DUES_MAX)
        err = put_record(tally, due, seconds);
    if (!err)
        push(tally->dues, due);
    return err;
}

bool dues_take(struct tally *tally, struct due *due, uint64_t *seconds)
{
    uint8_t bytes[NAME_SIZE];
    struct text name = name_of(due->ordinal, bytes);
    struct text record;
    uint32_t shelf;

    return shelf_find(tally, &tally->batch, TEXT(OWNER), TEXT(COLLECTION),
                      &shelf) == TALLY_OK &&
           shelf_get(tally, &tally->batch, shelf, due->app, name, &record) ==
               TALLY_OK &&
           read_record(record, &due->at, seconds) &&
           shelf_erase(&tally->batch, shelf, due->app, name) == TALLY_OK;
}

struct loading {
    struct dues *dues;
    uint32_t app;
    bool is_corrupt;
};

static bool load_one(void *user, struct text name, struct text record)
{
    struct loading *loading = user;
    struct due due = {.app = loading->app, .ordinal = ordinal_of(name)};
    uint64_t seconds;

    loading->is_corrupt =
        name.len != NAME_SIZE || !read_record(record, &due.at, &seconds);
    if (!loading->is_corrupt)
        push(loading->dues, &due);
    return !loading->is_corrupt;
}

enum tally_err dues_load(struct tally *tally)
{
    struct records_range range = {0};
    const struct app *app;
    enum tally_err err =
        shelf_find(tally, NULL, TEXT(OWNER), TEXT(COLLECTION), &range.shelf);

    if (err)
        return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
    for (unsigned i = 0;
         !err && (app = registry_app_at(tally->registry, i)) != NULL; i++) {
        struct loading loading = {tally->dues, app->number, false};
        range.app = app->number;
        err = shelf_each(tally, NULL, &range, load_one, &loading);
        if (!err && loading.is_corrupt)
            err = TALLY_ERR_CORRUPT;
    }
    return err;
}
