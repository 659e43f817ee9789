/*
 * docket.h - what became of the last requests of each app.
 *
 * In memory alone. An app has a ring of small records; the text of a request
 * is kept only when it was not simply accepted, cut, and without what is
 * secret. All apps together have DOCKET_RECORDS_MAX records at the most, in
 * fixed places by their number: an app whose place another has taken starts
 * anew.
 */
#ifndef METRICS_DOCKET_H
#define METRICS_DOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/text.h"
#include "metrics/json.h"
#include "metrics/loss.h"
#include "metrics/params.h"

enum {
    DOCKET_RECORDS_MAX = 65536,
    DOCKET_APPS_MAX = 1024,
    DOCKET_TEXT_MAX = 192, /* bytes of a request's parameters */
    DOCKET_DEVICE_MAX = 8, /* bytes shown of a device id */
};

enum docket_outcome {
    DOCKET_ACCEPTED,
    DOCKET_IGNORED,
    DOCKET_REJECTED,
    DOCKET_OUTCOMES,
};

struct docket;

/* Never NULL. */
struct docket *docket_create(void);

/* NULL is a no-op. */
void docket_destroy(struct docket *docket);

/* One request and what became of it. */
struct docket_request {
    int64_t seconds; /* UTC */
    uint32_t app;
    uint32_t ordinal; /* of the user, 0: not known */
    uint32_t size;    /* bytes of query and body */
    enum docket_outcome outcome;
    bool is_item;       /* of a bulk call */
    const char *reason; /* static; NULL: none */
    const struct losses *losses;
    struct text device;
    const struct params *params;
};

/* Notes a request of an app of which `kept` are kept: none when that is 0. */
void docket_note(struct docket *docket, uint32_t kept,
                 const struct docket_request *request);

/* A user became another one: so did who sent the requests. */
void docket_merge(struct docket *docket, uint32_t app, uint32_t ordinal,
                  uint32_t becomes);

/* Forgets what the requests of a user said and who it was. */
void docket_forget(struct docket *docket, uint32_t app, uint32_t ordinal);

/* Writes what is known of an app's requests, the latest first. */
void docket_write(const struct docket *docket, uint32_t app, struct json *json);

/* An outcome as it is shown. */
const char *docket_outcome_name(enum docket_outcome outcome);

#endif
