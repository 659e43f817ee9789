#include "metrics/event_marks.h"

#include <stdlib.h>

#include "engine/memory.h"

enum { PLACES = 1 << 15 };

struct place {
    uint32_t app; /* 0: empty */
    uint32_t ordinal;
    uint32_t set;
    uint32_t value;
    uint16_t day;
    uint16_t age; /* one of another age is forgotten */
};

struct event_marks {
    uint16_t age;
    struct place places[PLACES];
};

struct event_marks *event_marks_create(void)
{
    return memory_alloc(sizeof(struct event_marks));
}

void event_marks_destroy(struct event_marks *marks)
{
    free(marks);
}

static size_t place_of(const struct mark *mark)
{
    uint64_t hash = mark->app;

    hash = (hash ^ mark->ordinal) * 0x9e3779b97f4a7c15u;
    hash = (hash ^ mark->set ^ hash >> 32) * 0x9e3779b97f4a7c15u;
    hash = (hash ^ mark->value ^ hash >> 32) * 0x9e3779b97f4a7c15u;
    hash = (hash ^ (uint32_t)mark->day ^ hash >> 32) * 0x9e3779b97f4a7c15u;
    return (size_t)(hash >> 49) % PLACES;
}

bool event_marks_add(struct event_marks *marks, const struct mark *mark)
{
    struct place *place = &marks->places[place_of(mark)];
    struct place wanted = {mark->app,   mark->ordinal,       mark->set,
                           mark->value, (uint16_t)mark->day, marks->age};

    if (memcmp(place, &wanted, sizeof(wanted)) == 0)
        return false;
    *place = wanted;
    return true;
}

void event_marks_clear(struct event_marks *marks)
{
    if (++marks->age == 0)
        memset(marks->places, 0, sizeof(marks->places));
}
