/*
 * promises.h - what plugins have promised to go on with: one table of all
 * waits (tally_plugin.h, wait()), by token, with their time limits.
 *
 * promises_resume() may be called on any thread, also when the table is
 * closed; everything else is the owner's.
 */
#ifndef HTTP_PROMISES_H
#define HTTP_PROMISES_H

#include <stdbool.h>
#include <stdint.h>

#include "metrics/hook.h"
#include "metrics/plugin.h"

enum { PROMISES_MAX = 4096 };

struct promise {
    struct tally_plugin *plugin;
    tally_handler next; /* NULL: an answer that never comes */
    void *user;         /* of `next` */
    enum hook hook;
    void *owner;       /* what goes on */
    uint64_t deadline; /* on the loop's clock, ms */
    uint64_t limit;    /* likewise, of one that is tried again; else 0 */
};

struct promises;

struct promises *promises_create(void);

/* NULL is a no-op. */
void promises_destroy(struct promises *promises);

/* Takes no more, and none can be resumed any more. */
void promises_close(struct promises *promises);

/* A token; 0 past PROMISES_MAX or when the table is closed. */
tally_wait promises_add(struct promises *promises,
                        const struct promise *promise);

/* TALLY_E_NOT_FOUND when there is no such promise, or not any more. */
int promises_resume(struct promises *promises, tally_wait token);

/* Takes the next one that was resumed, in their order; false: none. */
bool promises_take_resumed(struct promises *promises, tally_wait *token,
                           struct promise *promise);

/* Takes one whose deadline is not after `now`, the earliest first; false:
 * none. */
bool promises_take_due(struct promises *promises, uint64_t now,
                       tally_wait *token, struct promise *promise);

/* The earliest deadline; 0: there is none. */
uint64_t promises_deadline(struct promises *promises);

/* Forgets one, resumed or not; a token that is none is ignored. */
void promises_drop(struct promises *promises, tally_wait token);

#endif
