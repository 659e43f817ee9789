/*
 * names.h - a bounded cache of value names: string -> id.
 *
 * Two halves: what is found in the old half moves to the young one; when the
 * young one is full it becomes the old one and the old one is forgotten. So
 * what is in use stays, whatever clients make up.
 */
#ifndef ENGINE_NAMES_H
#define ENGINE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/text.h"

struct names;

/* What is known about a name. */
struct name {
    uint32_t hash; /* private, like all up to value */
    uint32_t app;
    uint32_t set;
    uint32_t len;
    uint32_t value;
    uint64_t years; /* private: in which it has counted, from 2000 on */
    char string[];
};

struct names *names_create(size_t bytes);
void names_destroy(struct names *names);

/* NULL when it is not cached. Lives until the next call. */
struct name *names_find(struct names *names, uint32_t app, uint32_t set,
                        struct text string);

/* Remembers that it has counted in a year, and says so; years before 2000 and
 * after 2063 are not remembered. */
void name_note_year(struct name *name, int year);
bool name_has_year(const struct name *name, int year);

/* Does nothing when it is not cached. */
void names_forget(struct names *names, uint32_t app, uint32_t set,
                  struct text string);

/* Adds one that is not cached. */
struct name *names_add(struct names *names, uint32_t app, uint32_t set,
                       struct text string, uint32_t value);

#endif
