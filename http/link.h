/*
 * link.h - membership in a ring, kept inside the member.
 *
 * A ring is a link of its own that leads to its members and back; a link
 * alone leads to itself. Nothing is allocated.
 */
#ifndef HTTP_LINK_H
#define HTTP_LINK_H

#include <stdbool.h>
#include <stddef.h>

struct link {
    struct link *previous;
    struct link *next;
};

/* The member of type `type` whose field `field` is `link`. */
#define LINK_OWNER(link, type, field) \
    ((type *)(void *)((char *)(link)-offsetof(type, field)))

static inline void link_init(struct link *link)
{
    link->previous = link;
    link->next = link;
}

static inline bool link_is_alone(const struct link *link)
{
    return link->next == link;
}

/* Leaves the ring it is in, if any. */
static inline void link_remove(struct link *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    link_init(link);
}

/* Joins `ring` as the last member; `link` is alone. */
static inline void link_join(struct link *link, struct link *ring)
{
    link->previous = ring->previous;
    link->next = ring;
    ring->previous->next = link;
    ring->previous = link;
}

/* Moves all members of `ring` behind those of `to`, in their order. */
static inline void link_move_all(struct link *ring, struct link *to)
{
    if (link_is_alone(ring))
        return;
    ring->next->previous = to->previous;
    ring->previous->next = to;
    to->previous->next = ring->next;
    to->previous = ring->previous;
    link_init(ring);
}

#endif
