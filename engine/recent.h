/*
 * recent.h - of each app the users whose latest session is the most recent.
 *
 * Kept in memory by every hit, so that the list needs no walk over all users.
 * A checkpoint stores the lists that changed (table RECENT: per user ordinal
 * u32 and seconds u32, in no order). Replay may meet a list that knows what
 * came later: that changes nothing, because a user who has been erased or
 * merged has no more sessions and nobody becomes one of them.
 */
#ifndef ENGINE_RECENT_H
#define ENGINE_RECENT_H

#include <stddef.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/text.h"

enum { RECENT_MAX = 100, RECENT_RECORD_MAX = RECENT_MAX * 8 };

struct recent;

struct recent_user {
    uint32_t ordinal;
    uint32_t seconds; /* when the latest session began */
};

struct recent *recent_create(void);
void recent_destroy(struct recent *recent);

void recent_touch(struct recent *recent, uint32_t app, uint32_t ordinal,
                  uint32_t seconds);

/* The user is gone. */
void recent_forget(struct recent *recent, uint32_t app, uint32_t ordinal);

/* The user `from` is `to` from now on, and the sessions with it. */
void recent_redirect(struct recent *recent, uint32_t app, uint32_t from,
                     uint32_t to);

/* Forgets a whole app. */
void recent_drop(struct recent *recent, uint32_t app);

/* The latest first; how many were written. */
unsigned recent_list(const struct recent *recent, uint32_t app,
                     struct recent_user list[static RECENT_MAX]);

/* Takes up a stored list. TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err recent_load(struct recent *recent, uint32_t app,
                           struct text record);

/* Calls fn for each list that changed since the last call of this. */
typedef void (*recent_fn)(void *user, uint32_t app, struct text record);
void recent_each_changed(struct recent *recent, recent_fn fn, void *user);

#endif
