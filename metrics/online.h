/*
 * online.h - who is online: who sent a request within the last seconds (spec
 * D.10, `live`).
 *
 * In memory, by the server's clock, for all apps together. A user is noted by
 * each request and goes by itself once `window` seconds have passed since the
 * last; until as long after its first session ever it is new. When
 * ONLINE_USERS_MAX are online, whoever would go first makes room.
 *
 * The most there ever were of an app are kept in a document of it (KIND_ONLINE:
 * app number u32, online u32, new u32).
 */
#ifndef METRICS_ONLINE_H
#define METRICS_ONLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/text.h"

enum {
    ONLINE_USERS_MAX = 1 << 20,
    ONLINE_WINDOW_MAX = 3600,
    ONLINE_RECORD_SIZE = 12,
};

struct online;

struct online_counts {
    uint32_t users;
    uint32_t fresh;     /* of them new */
    uint32_t users_max; /* ever */
    uint32_t fresh_max;
};

struct online *online_create(void);

/* NULL is a no-op. */
void online_destroy(struct online *online);

/* It is `seconds` UTC now and users are online for `window` seconds, at most
 * ONLINE_WINDOW_MAX; with 0 nobody is. Before each call below. A clock that was
 * set back by more than the longest window makes everybody go. */
void online_advance(struct online *online, uint32_t seconds, uint32_t window);

/* The user of an app sent a request, one that began its first session ever. */
void online_note(struct online *online, uint32_t app, uint32_t ordinal,
                 bool is_first);

/* There is no such user any more. */
void online_forget(struct online *online, uint32_t app, uint32_t ordinal);

struct online_counts online_counts(const struct online *online, uint32_t app);

/* Whether the most there ever were rose since they were kept. */
bool online_rose(const struct online *online, uint32_t app);
void online_keep(struct online *online, uint32_t app);

/* The stored form of the most, and what was stored; of another number, which
 * the app had before, nothing is taken. */
struct text online_write(const struct online *online, uint32_t app,
                         uint8_t bytes[static ONLINE_RECORD_SIZE]);
TALLY_MUST_CHECK
enum tally_err online_read(struct online *online, uint32_t app,
                           struct text record);

#endif
