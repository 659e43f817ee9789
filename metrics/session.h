/*
 * session.h - the rules of sessions (spec B.6.3 as 0.4.2 has it).
 *
 * Pure: a user, a request's flags and a moment give a changed user and
 * effects. Duration buckets are counted when a session ends and taken back
 * when it is resumed, so that counters depend on the clients' clocks alone.
 */
#ifndef METRICS_SESSION_H
#define METRICS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/effect.h"
#include "metrics/moment.h"
#include "metrics/params.h"
#include "metrics/settings.h"
#include "metrics/user.h"

/* What a request says about sessions. */
struct session_request {
    bool begins;
    bool ends; /* never together with begins */
    bool ignores_cooldown;
    bool has_duration; /* session_duration is there, usable or not */
    uint32_t duration; /* seconds to add; 0: none */
};

struct session_request session_request(const struct params *params,
                                       const struct settings *settings);

enum session_kind {
    SESSION_NONE,
    SESSION_EXTENDED,
    SESSION_NEW,
};

/* What has become of the sessions; a new one as its values have to be
 * counted. */
struct session {
    enum session_kind kind;
    bool is_first;    /* the user's first ever */
    bool is_late;     /* before the user's last: no uniques */
    uint8_t levels;   /* HIT_HOUR and HIT_U_* bits at which the user is new */
    bool has_closed;  /* it closed one that nobody had ended */
    bool has_ended;   /* the request ended an open one */
    uint64_t seconds; /* of the session that was closed or ended */
    struct hit hit;   /* SESSION_NEW: the whole, with frequency and loyalty;
                         the caller adds items and puts it into the batch */
};

/* Applies the request to the user and adds the effects on the user's
 * counters, all but the hit, to the batch. `app` and `ordinal` are the
 * engine's numbers. */
struct session session_decide(struct user *user,
                              const struct session_request *request,
                              const struct moment *moment, uint32_t cooldown,
                              uint32_t app, uint32_t ordinal,
                              struct batch *batch);

/* The buckets of spec C.3 and C.4. */
unsigned session_duration_bucket(uint64_t seconds);
unsigned session_frequency_bucket(uint32_t seconds_since_last);
unsigned session_loyalty_bucket(uint32_t session_count);

#endif
