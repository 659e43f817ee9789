/*
 * manage.h - management calls: apps, members, tokens, events, notes and metrics
 * (spec E.1 to E.4, E.6, E.7).
 *
 * A call is decided against the registry and touches nothing: what it changes
 * are effects in `batch`, what it answers is a body in `out`, what it returns
 * is the HTTP status. When the batch is not empty, the caller applies it, has
 * the registry accept it, and only then answers. With a status other than
 * ANSWER_OK it has at most what a token for one use costs.
 *
 * Some calls first need slow work on a password. They return MANAGE_WAITS,
 * without effects and body; the caller runs password_run(&call->job), on any
 * thread, and then calls again with the same call, new `now` excepted.
 */
#ifndef METRICS_MANAGE_H
#define METRICS_MANAGE_H

#include <stdint.h>

#include "engine/effect.h"
#include "metrics/logins.h"
#include "metrics/password.h"
#include "metrics/right.h"
#include "metrics/settings.h"

struct catalog;
struct engine;
struct plugins;
struct tally_call;

enum { MANAGE_WAITS = 0, MANAGE_IS_NONE = -1 };

struct manage {
    struct claim claim;
    struct engine *engine;          /* gives new apps their numbers */
    struct plugins *plugins;        /* NULL: there are none */
    const struct tally_call *hooks; /* what they are fired with; NULL: none */
    struct logins *logins;
    const struct settings *settings;
    const struct catalog *catalog;
    struct text address;  /* of the client; tries at passwords count by it */
    struct text username; /* of HTTP Basic, for /api-key; so the next */
    struct text password;
    int64_t now;         /* UTC seconds */
    struct batch *batch; /* empty at first, as is out */
    struct buffer *out;
    struct password_job job; /* zeroed at first; so is what follows */
    struct login_try login_try;
    uint32_t wait; /* of a 429: seconds until the next try */
};

/* Decides the call that a path names: one of those below. MANAGE_IS_NONE,
 * with nothing done, for a path that is not management. What follows the action
 * does not count. */
int manage_call(struct manage *call, struct text path);

/* Tells each action of the calls that begin with `prefix`. */
void manage_each_action(const char *prefix, text_fn each, void *user);

/* In place of the second call, when the job cannot be run now. */
void manage_give_up(struct manage *call);

/* /i/apps/<action>, /i/users/<action>, /o/apps/<action> and so on. */
int manage_apps(struct manage *call, struct text action);
int manage_members(struct manage *call, struct text action);
int manage_app_reads(struct manage *call, struct text action);
int manage_member_reads(struct manage *call, struct text action);
int manage_tokens(struct manage *call, struct text action);
int manage_token_reads(struct manage *call, struct text action);
int manage_events(struct manage *call, struct text action);
int manage_notes(struct manage *call, struct text action);
int manage_note_reads(struct manage *call, struct text action);
int manage_metrics(struct manage *call, struct text action);
int manage_metric_reads(struct manage *call, struct text action);
int manage_system_reads(struct manage *call, struct text action);

#endif
