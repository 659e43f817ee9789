/*
 * call.h - one call of handlers: what they see and what they may change.
 *
 * Whoever fires a hook fills in what there is at that place; the host's
 * functions (host.h) read and change it. A property of the payload has the
 * name that the guide gives it and is written as JSON when it is asked for.
 */
#ifndef METRICS_CALL_H
#define METRICS_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/effect.h"
#include "metrics/app.h"
#include "metrics/hook.h"
#include "metrics/json.h"
#include "metrics/member.h"
#include "metrics/moment.h"
#include "metrics/params.h"
#include "metrics/plugins.h"
#include "metrics/scan.h"
#include "metrics/tally.h"

struct intake;

/* A property of the payload besides `params`. */
struct call_value {
    const char *name;
    struct text json; /* empty: written by `write` when it is asked for */
    enum tally_err (*write)(const struct tally_call *call, const void *source,
                            struct json *json);
    const void *source;
    bool is_mutable;
    bool is_changed; /* by a handler: json has it */
};

/* Who answers the request, and knows what only the wire knows. */
struct call_door {
    int (*reply)(struct tally_call *call, int status, const char *content_type,
                 struct text body);
    int (*add_header)(struct tally_call *call, const char *name,
                      const char *value);
    struct text (*header)(const struct tally_call *call, const char *name);
    int (*validate)(struct tally_call *call, enum tally_right right,
                    const char *feature, tally_handler next, void *user);
    int (*fetch)(struct tally_call *call, const char *db);
    tally_wait (*wait)(struct tally_call *call, tally_handler next, void *user);
    /* A property of params that only the wire knows; false: none such. */
    bool (*write_param)(const struct tally_call *call, struct text name,
                        struct json *json);
};

struct tally_call {
    struct plugins *plugins;
    struct tally *tally;
    struct tally_plugin *plugin; /* whose handler is being called */
    enum hook hook;
    struct text hook_path; /* what is fired */
    struct arena *arena;   /* of the request, or of the call */
    int64_t now;           /* ms */

    /* The request; all of it may be absent. */
    struct params *params;
    struct text path;    /* up to the `?` */
    struct text query;   /* behind it */
    struct text address; /* of the client */
    bool is_bulk;        /* an item of /i/bulk */
    const struct app *app;
    const struct member *member;
    struct intake *intake; /* of SDK requests: who, when, which session */

    struct call_value *values;
    unsigned value_count;

    struct batch *batch; /* gets effects; NULL: there can be none here */
    const struct call_door *door; /* NULL: there is nobody to answer */
    void *door_user;

    unsigned asked;                  /* see FIRED_WAITS */
    struct tally_plugin *handled_by; /* the last that said so; NULL: none */
    tally_wait wait; /* of the handler that is called; 0: none */
    bool is_cancelled;
    struct text reason; /* why, when it is */
};

/* The JSON of a property, `params.qstring.method` or `currEvent`; empty when
 * there is none. It lives as long as the arena. */
struct text call_get(struct tally_call *call, struct text name);

/* Whether what a plugin gave is one value of JSON, in UTF-8; which. */
bool call_is_json(struct text json, struct scan_value *value);

/* Replaces a mutable one. TALLY_E_*. */
int call_set(struct tally_call *call, struct text name, struct text json);

/* When it happened: by the request of an SDK, else now, in the app's zone.
 * False when no app is known. */
bool call_moment(const struct tally_call *call, struct moment *moment);
int64_t call_milliseconds(const struct tally_call *call);

/* params.time. False when no app is known. */
bool call_write_time(const struct tally_call *call, struct json *json);

/* Of params: what is known of the request and who asks. False: none such. */
bool call_write_param(const struct tally_call *call, struct text name,
                      struct json *json);

#endif
