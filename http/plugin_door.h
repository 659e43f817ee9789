/*
 * plugin_door.h - an exchange as plugins reach it (metrics/call.h): they
 * answer it, ask who it is from, and let it wait.
 *
 * An exchange gets its door when the first hook is fired for it, and keeps it.
 * What is answered through it is kept until the handler has returned and its
 * effects are applied; whoever fired the hook does that (plugin_gate.h,
 * route_ingest.c) and says by `parking` what becomes of promises.
 */
#ifndef HTTP_PLUGIN_DOOR_H
#define HTTP_PLUGIN_DOOR_H

#include <stdbool.h>

#include "http/exchange.h"
#include "http/promises.h"
#include "http/service.h"
#include "metrics/call.h"
#include "metrics/id.h"
#include "metrics/right.h"

struct door;

enum {
    DOOR_PROMISES_MAX = 16,     /* of one exchange at a time */
    DOOR_FILE_MAX = 256 * 1024, /* of a file whose content is told */
    DOOR_CONTENT_TYPE_MAX = 128,
};

/* Why a promise is not waited for any more. */
enum door_end {
    DOOR_LATE,   /* its time is over */
    DOOR_CLOSED, /* the server's is */
};

/* What becomes of an exchange that waits. The promise has left the table and
 * the door. */
struct parking {
    void (*resume)(struct door *door, tally_wait token,
                   const struct promise *promise);
    void (*give_up)(struct door *door, const struct promise *promise,
                    enum door_end end);
};

struct door {
    struct service *service;
    struct exchange *exchange;
    const struct parking *parking; /* NULL: nothing waits */
    void *owner;                   /* the parking's */

    /* Who asks, once a plugin has asked for that. */
    struct pass pass; /* only is_limited outlives a wait */
    char app_id[ID_SIZE];
    char member_id[ID_SIZE];

    /* The answer: in exchange->out, or a collection. */
    bool may_reply;
    bool has_reply;
    int status;
    const char *content_type; /* NULL: JSON */
    const char *collection;   /* whose time object is the answer */

    unsigned promise_count;
    tally_wait promises[DOOR_PROMISES_MAX];
};

/* The door of the exchange; NULL when its arena has no room. */
struct door *door_of(struct service *service, struct exchange *exchange);

/* Fills in what is known of the request; effects go to tally->batch. */
void door_fill(struct door *door, struct tally_call *call);

/* A promise by the functions of calls: 0 when there is no room. */
tally_wait door_promise(struct door *door, const struct tally_call *call,
                        tally_handler next, void *user);

/* The same of what is tried again a second later, until its limit. */
tally_wait door_promise_again(struct door *door, const struct promise *promise);

/* Takes one off the door; all of them out of the table, too. */
void door_forget(struct door *door, tally_wait token);
void door_drop_promises(struct door *door);

/* For the runtime: what was resumed, and what is not waited for any more. */
void door_resume(tally_wait token, const struct promise *promise);
void door_give_up(tally_wait token, const struct promise *promise,
                  enum door_end end);

/* Answers in place of a plugin that did not. */
void door_answer_end(struct door *door, enum door_end end);

/* Fires /validation/user and, for reads, /o/validate (right.h). */
bool door_permit(const struct claim *claim, const struct pass *pass,
                 bool reads);

/* Functions of calls: all of them; and for hooks where there is nobody to
 * answer. */
extern const struct call_door door_whole;
extern const struct call_door door_narrow;

/* The parts of which others are made. */
struct text door_header(const struct tally_call *call, const char *name);
bool door_write_param(const struct tally_call *call, struct text name,
                      struct json *json);

#endif
