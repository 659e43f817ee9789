#include "metrics/nest.h"

#include <assert.h>
#include <stdio.h>

enum { KEY_SIZE = 32 };

void nest_init(struct nest *nest, struct json *json)
{
    *nest = (struct nest){.json = json};
}

void nest_enter(struct nest *nest, const char *name, int number)
{
    assert(nest->depth < NEST_DEPTH_MAX);
    nest->levels[nest->depth++] = (struct nest_level){name, number};
}

void nest_leave(struct nest *nest)
{
    if (nest->opened == nest->depth) {
        json_close_object(nest->json);
        nest->opened--;
    }
    nest->depth--;
}

static void write_key(struct json *json, struct nest_level level)
{
    char key[KEY_SIZE];

    if (level.number < 0) {
        json_key_string(json, level.name);
        return;
    }
    int len = snprintf(key, sizeof(key), "%s%d", level.name, level.number);
    assert(len > 0 && len < KEY_SIZE);
    json_key(json, (struct text){key, (size_t)len});
}

struct json *nest_open(struct nest *nest)
{
    while (nest->opened < nest->depth) {
        write_key(nest->json, nest->levels[nest->opened++]);
        json_open_object(nest->json);
    }
    return nest->json;
}

void nest_count(struct nest *nest, const char *key, int64_t count)
{
    if (count > 0)
        json_member_int(nest_open(nest), key, count);
}
