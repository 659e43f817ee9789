/*
 * event_choice.h - which events a read is about (spec D.8).
 */
#ifndef METRICS_EVENT_CHOICE_H
#define METRICS_EVENT_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/text.h"
#include "metrics/event_plan.h"

enum { EVENT_CHOICE_MAX = 4096 };

struct event_chosen {
    uint32_t id;
    struct text key;
};

/* Events that exist, each once. The list is in the arena, as are the keys
 * that event_choice_all() finds. */
struct event_choice {
    unsigned count;
    struct event_chosen *list;
};

/* The one event of that key. Like all of these: TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO; TALLY_ERR_TOO_BIG past EVENT_CHOICE_MAX or the arena. */
TALLY_MUST_CHECK
enum tally_err event_choice_one(struct engine *engine, uint32_t app,
                                struct arena *arena, struct text key,
                                struct event_choice *choice);

/* Those of a JSON array of keys; *is_list is false when it is none. */
TALLY_MUST_CHECK
enum tally_err event_choice_listed(struct engine *engine, uint32_t app,
                                   struct arena *arena, struct text json,
                                   struct event_choice *choice, bool *is_list);

/* All events; without the internal ones when `own` is set. */
TALLY_MUST_CHECK
enum tally_err event_choice_all(struct engine *engine, uint32_t app,
                                struct arena *arena, bool own,
                                struct event_choice *choice);

/* The one that is shown first: by the plan's order, else by the alphabet;
 * of none, none. */
TALLY_MUST_CHECK
enum tally_err event_choice_first(struct engine *engine, uint32_t app,
                                  struct arena *arena,
                                  const struct event_plan *plan,
                                  struct event_choice *choice);

#endif
