#include "engine/marks.h"

#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"

enum { FIRST_RUN = 4, RUN_MAX = 512 };

struct run {
    uint32_t next;
    uint16_t count;
    uint16_t room;
    struct marks_pair pairs[];
};

struct day_key {
    uint32_t app;
    uint32_t set;
    uint16_t day;
};

void marks_init(struct marks *marks, struct region *region)
{
    *marks = (struct marks){
        .region = region, .base = region->base, .seed = region->seed};
}

void marks_clear(struct marks *marks)
{
    index_clear(&marks->days);
}

static void *at(const struct marks *marks, uint32_t place)
{
    return marks->base + place;
}

static void *at_or_null(const struct marks *marks, uint32_t place)
{
    return place ? at(marks, place) : NULL;
}

static bool same_day(const void *entry, const void *key)
{
    const struct marks_day *day = entry;
    const struct day_key *wanted = key;

    return day->app == wanted->app && day->set == wanted->set &&
           day->day == wanted->day;
}

static uint32_t find_day(const struct marks *marks, const struct day_key *key,
                         uint32_t *hash)
{
    uint32_t series = index_mix(index_mix(marks->seed, key->app), key->set);

    *hash = index_mix(series, key->day);
    return index_find(&marks->days, marks->base, *hash, same_day, key);
}

static struct marks_day *touch_day(struct marks *marks,
                                   const struct day_key *key)
{
    uint32_t hash;
    uint32_t place = find_day(marks, key, &hash);
    if (place)
        return at(marks, place);

    place = region_take(marks->region, sizeof(struct marks_day));
    struct marks_day *day = at(marks, place);
    *day = (struct marks_day){
        .hash = hash, .app = key->app, .set = key->set, .day = key->day};
    index_add(&marks->days, marks->base, place);
    return day;
}

static struct run *open_run(struct marks *marks, struct marks_day *day)
{
    struct run *run = at_or_null(marks, day->first);
    if (run && run->count < run->room)
        return run;

    unsigned room = run ? run->room * 2u : FIRST_RUN;
    if (room > RUN_MAX)
        room = RUN_MAX;
    uint32_t place = region_take(
        marks->region, sizeof(*run) + room * sizeof(struct marks_pair));
    run = at(marks, place);
    *run = (struct run){.next = day->first, .room = (uint16_t)room};
    day->first = place;
    return run;
}

void marks_add(struct marks *marks, const struct mark *mark)
{
    struct day_key key = {mark->app, mark->set, (uint16_t)mark->day};
    struct marks_day *day = touch_day(marks, &key);
    struct run *run = open_run(marks, day);

    run->pairs[run->count++] = (struct marks_pair){mark->ordinal, mark->value};
    day->count++;
}

const struct marks_day *marks_find(const struct marks *marks, uint32_t app,
                                   uint32_t set, int32_t day)
{
    struct day_key key = {app, set, (uint16_t)day};
    uint32_t hash;

    return at_or_null(marks, find_day(marks, &key, &hash));
}

void marks_copy(const struct marks *marks, const struct marks_day *day,
                struct marks_pair *pairs)
{
    const struct run *run = at_or_null(marks, day->first);

    for (; run; run = at_or_null(marks, run->next)) {
        memcpy(pairs, run->pairs, run->count * sizeof(*pairs));
        pairs += run->count;
    }
}

const struct marks_day **marks_all(const struct marks *marks, size_t *count)
{
    const struct index *days = &marks->days;
    const struct marks_day **list =
        memory_alloc((days->count + 1) * sizeof(*list));
    size_t found = 0;

    for (uint32_t i = 0; i < days->room; i++) {
        if (days->slots[i].place)
            list[found++] = at(marks, days->slots[i].place);
    }
    *count = found;
    return list;
}
