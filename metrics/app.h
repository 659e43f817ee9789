/*
 * app.h - one app: the record and its stored form (spec E.3).
 *
 * An app borrows its strings from the document it was parsed from; a changed
 * app is a copy of the struct with some strings replaced, written as the new
 * document. Besides the fields named here a document keeps whatever plain
 * values it was created with.
 */
#ifndef METRICS_APP_H
#define METRICS_APP_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/effect.h"
#include "engine/error.h"
#include "engine/text.h"
#include "engine/zone.h"
#include "metrics/json.h"

enum {
    APP_NAME_MAX = 255, /* bytes */
    APP_KEY_MAX = 128,
    APP_VALUE_MAX = 1024,       /* any other string */
    APP_KEEP_HOURS_MAX = 36500, /* days */
    APP_KEEP_DAYS_MAX = 1200,   /* months */
};

struct app {
    uint32_t number; /* the engine's; another one after a reset */
    const char *id;  /* 24 hexadecimal digits */
    const char *name;
    const char *key;
    const char *country;
    const char *timezone;
    const char *category;
    const char *type;
    const char *salt; /* NULL: none; so are those below */
    const char *checksum_salt;
    const char *redirect_url;
    const char *owner;  /* _id of the member who created it */
    int64_t created_at; /* UTC seconds */
    int64_t edited_at;
    int64_t last_data;  /* of its day the first data seen; 0: never */
    int32_t keep_hours; /* for how many days; 0: for ever; -1: not set */
    int32_t keep_days;  /* for how many months; likewise */
    int32_t cut;        /* the local day before which all was reset; 0: never */
    bool cut_pending;   /* some of that is still to be done */
    bool paused;
    bool locked;
    const cJSON *plugins; /* {"name": false}: switched off; NULL: none is */
    struct zone *zone;    /* set by whoever opens zones, see registry.h */
    /* private state */
    const cJSON *source; /* where the other plain values come from */
    cJSON *document;     /* owned, NULL in a copy */
};

/* Reads a stored app, zone excepted. TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err app_parse(struct text document, struct app *app);

/* Frees what an app owns; a zeroed app is fine. */
void app_finish(struct app *app);

/* What checksums are made with: `salt`, else `checksum_salt`; empty when the
 * app asks for none (spec A.6). */
struct text app_salt(const struct app *app);

/* Takes a sent `retention`: {"hours": days, "days": months}, of which what is
 * not there stays and null is no longer set. False, and nothing changes, when
 * it is something else. */
bool app_set_retention(struct app *app, const cJSON *sent);

/* Writes the stored form. */
void app_write(struct json *json, const struct app *app);

/* Adds the effect that stores the app. False when it would not fit into
 * DOCUMENT_SIZE_MAX: nothing is added then. */
TALLY_MUST_CHECK
bool app_put(struct batch *batch, const struct app *app);

/* Writes what a new app's creator gets: the stored form without what is the
 * engine's, with `seq`. */
void app_write_created(struct json *json, const struct app *app);

/* Writes the object that lists of apps have (spec 0.4.24). */
void app_write_listed(struct json *json, const struct app *app);

/* True for members of a create call that an app keeps as they are: plain
 * values that mean nothing to tallyd. */
bool app_keeps(const cJSON *member);

#endif
