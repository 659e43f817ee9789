/*
 * A visitor is found through a hash table. Besides that it is in the list of
 * a second at which it may be due. A later request only changes when it was
 * seen last: when the second has passed, the visitor moves to the list of
 * that one.
 */
#include "metrics/online.h"

#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"
#include "engine/pack.h"

enum {
    HEADS = ONLINE_USERS_MAX,
    HEAD_BITS = 20,
    SECONDS = 4096, /* more than the longest window */
    FIRST_ROOM = 64,
};

_Static_assert(1 << HEAD_BITS == HEADS, "a hash has as many bits");
_Static_assert((int)SECONDS > (int)ONLINE_WINDOW_MAX, "seconds do not meet");

/* Number 0 is none. */
struct visitor {
    uint32_t app; /* 0: gone, but still in a list */
    uint32_t ordinal;
    uint32_t last;
    uint32_t first; /* of its first session, while it is new; else 0 */
    uint32_t next_due;
    uint32_t next_alike; /* of the same hash */
};

struct venue {
    struct online_counts counts;
    bool rose;
};

struct online {
    uint32_t now;
    uint32_t edge; /* who was seen last up to here has gone */
    bool is_off;
    uint32_t used; /* visitors given out */
    uint32_t free; /* a list through next_alike */
    uint32_t due[SECONDS];
    uint32_t *heads;
    struct visitor *visitors;
    struct venue *venues; /* by app number */
    uint32_t venue_room;
};

struct online *online_create(void)
{
    struct online *online = memory_alloc(sizeof(*online));

    online->heads = memory_alloc(HEADS * sizeof(*online->heads));
    online->visitors =
        memory_alloc((ONLINE_USERS_MAX + 1) * sizeof(*online->visitors));
    return online;
}

void online_destroy(struct online *online)
{
    if (!online)
        return;

    free(online->heads);
    free(online->visitors);
    free(online->venues);
    free(online);
}

static struct venue *touch_venue(struct online *online, uint32_t app)
{
    uint32_t room = online->venue_room ? online->venue_room : FIRST_ROOM;

    if (app < online->venue_room)
        return &online->venues[app];
    while (room <= app)
        room *= 2;
    online->venues =
        memory_resize(online->venues, room * sizeof(*online->venues));
    memset(online->venues + online->venue_room, 0,
           (room - online->venue_room) * sizeof(*online->venues));
    online->venue_room = room;
    return &online->venues[app];
}

static uint32_t *head_of(const struct online *online, uint32_t app,
                         uint32_t ordinal)
{
    uint32_t hash = (ordinal * 2654435761u) ^ (app * 2246822519u);

    return &online->heads[hash >> (32 - HEAD_BITS)];
}

static uint32_t find(const struct online *online, uint32_t app,
                     uint32_t ordinal)
{
    uint32_t number = *head_of(online, app, ordinal);

    while (number != 0) {
        const struct visitor *visitor = &online->visitors[number];
        if (visitor->ordinal == ordinal && visitor->app == app)
            break;
        number = visitor->next_alike;
    }
    return number;
}

static void raise_most(struct venue *venue)
{
    struct online_counts *counts = &venue->counts;

    if (counts->users > counts->users_max) {
        counts->users_max = counts->users;
        venue->rose = true;
    }
    if (counts->fresh > counts->fresh_max) {
        counts->fresh_max = counts->fresh;
        venue->rose = true;
    }
}

static void grow_old(struct online *online, struct visitor *visitor)
{
    if (visitor->first != 0)
        online->venues[visitor->app].counts.fresh--;
    visitor->first = 0;
}

/* Nobody finds it any more; it is in a list still. */
static void leave(struct online *online, uint32_t number)
{
    struct visitor *visitor = &online->visitors[number];
    uint32_t *link = head_of(online, visitor->app, visitor->ordinal);

    grow_old(online, visitor);
    online->venues[visitor->app].counts.users--;
    while (*link != number)
        link = &online->visitors[*link].next_alike;
    *link = visitor->next_alike;
    visitor->app = 0;
}

static void put_due(struct online *online, uint32_t number)
{
    struct visitor *visitor = &online->visitors[number];
    uint32_t second = visitor->first ? visitor->first : visitor->last;
    uint32_t *due = &online->due[second % SECONDS];

    visitor->next_due = *due;
    *due = number;
}

/* The visitor's second has passed, it is in no list; who was seen last up to
 * `edge` goes. */
static void settle(struct online *online, uint32_t number, uint32_t edge)
{
    struct visitor *visitor = &online->visitors[number];

    if (visitor->app != 0 && visitor->first <= edge)
        grow_old(online, visitor);
    if (visitor->app != 0 && visitor->last <= edge)
        leave(online, number);
    if (visitor->app != 0) {
        put_due(online, number);
        return;
    }
    visitor->next_alike = online->free;
    online->free = number;
}

static void pass_second(struct online *online, uint32_t second, uint32_t edge)
{
    uint32_t number = online->due[second % SECONDS];

    online->due[second % SECONDS] = 0;
    while (number != 0) {
        uint32_t next = online->visitors[number].next_due;
        settle(online, number, edge);
        number = next;
    }
}

/* Who was seen last up to `edge` goes. */
static void move_edge(struct online *online, uint32_t edge)
{
    uint32_t from = online->edge + 1;

    if (edge > SECONDS && from < edge - SECONDS + 1)
        from = edge - SECONDS + 1;
    for (uint32_t second = from; second <= edge; second++)
        pass_second(online, second, edge);
    if (edge > online->edge)
        online->edge = edge;
}

void online_advance(struct online *online, uint32_t seconds, uint32_t window)
{
    if (seconds + ONLINE_WINDOW_MAX < online->now) {
        move_edge(online, online->now);
        online->edge = 0;
        online->now = 0;
    }
    if (seconds > online->now)
        online->now = seconds;
    online->is_off = window == 0;
    if (window == 0)
        window = 1;
    move_edge(online, online->now > window ? online->now - window : 0);
}

/* Who is due first goes. */
static void make_room(struct online *online)
{
    while (online->free == 0) {
        uint32_t second = online->edge + 1;
        while (online->due[second % SECONDS] == 0)
            second++;
        uint32_t number = online->due[second % SECONDS];
        struct visitor *visitor = &online->visitors[number];
        online->due[second % SECONDS] = visitor->next_due;
        if (visitor->app != 0 && (visitor->first || visitor->last == second))
            leave(online, number);
        settle(online, number, online->edge);
    }
}

static uint32_t enter(struct online *online, uint32_t app, uint32_t ordinal)
{
    uint32_t number = online->free;

    if (number == 0 && online->used < ONLINE_USERS_MAX) {
        number = ++online->used;
    } else {
        make_room(online);
        number = online->free;
        online->free = online->visitors[number].next_alike;
    }
    uint32_t *head = head_of(online, app, ordinal);
    online->visitors[number] = (struct visitor){.app = app,
                                                .ordinal = ordinal,
                                                .last = online->now,
                                                .next_alike = *head};
    *head = number;
    put_due(online, number);
    struct venue *venue = touch_venue(online, app);
    venue->counts.users++;
    raise_most(venue);
    return number;
}

void online_note(struct online *online, uint32_t app, uint32_t ordinal,
                 bool is_first)
{
    if (online->is_off)
        return;
    uint32_t number = find(online, app, ordinal);
    if (number == 0)
        number = enter(online, app, ordinal);
    struct visitor *visitor = &online->visitors[number];
    visitor->last = online->now;
    if (is_first && visitor->first == 0) {
        struct venue *venue = touch_venue(online, app);
        visitor->first = online->now;
        venue->counts.fresh++;
        raise_most(venue);
    }
}

void online_forget(struct online *online, uint32_t app, uint32_t ordinal)
{
    uint32_t number = find(online, app, ordinal);

    if (number != 0)
        leave(online, number);
}

struct online_counts online_counts(const struct online *online, uint32_t app)
{
    return app < online->venue_room ? online->venues[app].counts
                                    : (struct online_counts){0};
}

bool online_rose(const struct online *online, uint32_t app)
{
    return app < online->venue_room && online->venues[app].rose;
}

void online_keep(struct online *online, uint32_t app)
{
    touch_venue(online, app)->rose = false;
}

struct text online_write(const struct online *online, uint32_t app,
                         uint8_t bytes[static ONLINE_RECORD_SIZE])
{
    struct online_counts counts = online_counts(online, app);
    struct pack pack = pack_into(bytes, ONLINE_RECORD_SIZE);

    pack_u32(&pack, app);
    pack_u32(&pack, counts.users_max);
    pack_u32(&pack, counts.fresh_max);
    return (struct text){(char *)bytes, ONLINE_RECORD_SIZE};
}

enum tally_err online_read(struct online *online, uint32_t app,
                           struct text record)
{
    struct unpack unpack = unpack_from(record);

    if (record.len != ONLINE_RECORD_SIZE)
        return TALLY_ERR_CORRUPT;
    if (unpack_u32(&unpack) != app)
        return TALLY_OK;
    struct online_counts *counts = &touch_venue(online, app)->counts;
    counts->users_max = unpack_u32(&unpack);
    counts->fresh_max = unpack_u32(&unpack);
    return TALLY_OK;
}
