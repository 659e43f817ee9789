/*
 * tally.h - everything that the rules work with: the engine, the registry of
 * apps and members, the settings, the secret of the installation.
 */
#ifndef METRICS_TALLY_H
#define METRICS_TALLY_H

#include <stdint.h>

#include "engine/arena.h"
#include "engine/buffer.h"
#include "engine/effect.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/key.h"
#include "engine/zone.h"
#include "metrics/catalog.h"
#include "metrics/docket.h"
#include "metrics/event_marks.h"
#include "metrics/event_plan.h"
#include "metrics/identity.h"
#include "metrics/logins.h"
#include "metrics/loss.h"
#include "metrics/naming.h"
#include "metrics/online.h"
#include "metrics/registry.h"
#include "metrics/settings.h"
#include "metrics/shelf.h"
#include "metrics/whereabouts.h"

struct dues;
struct plugins;

struct tally {
    struct engine *engine;
    struct zones *zones;
    struct registry *registry;
    struct catalog *catalog;
    struct settings settings;
    struct logins *logins;
    uint8_t secret[IDENTITY_KEY_SIZE]; /* keys the hashes of client strings */
    struct hash_key request_key;       /* made of it: for requests */
    struct namings *namings;
    struct event_marks *event_marks;
    struct event_plans *event_plans;
    struct dues *dues;
    struct shelves *shelves;
    struct atlas atlas; /* the owner's; empty: nobody knows places */
    struct docket *docket;
    struct online *online;
    struct plugins *plugins; /* the caller's; NULL: there are none */
    struct buffer record;    /* room for the cold record of a user */
    struct batch batch;      /* of the request being decided */
    struct losses losses;    /* of the same */
    struct arena *arena;     /* of the bulk item being decided */
    struct key expired; /* where bulk_expire() goes on; empty: at the start */
    unsigned token_at;  /* where token_admin_expire() goes on */
    int64_t tokens_due; /* when it goes through all tokens again */
};

/* Loads apps, members, tokens, metrics, shelves and the secret (a new one at
 * the first start). The engine outlives the tally. TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO, TALLY_ERR_FULL. */
TALLY_MUST_CHECK
enum tally_err tally_open(struct engine *engine, struct tally **tally);

/* NULL is a no-op. */
void tally_close(struct tally *tally);

/* Applies tally->batch, lets what is loaded follow, and clears it. */
TALLY_MUST_CHECK
enum tally_err tally_apply(struct tally *tally);

/* Adds a metric of the configuration or a plugin, between two requests: a set
 * that had no number is given one. Errors as catalog_check(), with `reason`,
 * and as tally_apply(). */
TALLY_MUST_CHECK
enum tally_err tally_add_metric(struct tally *tally,
                                const struct metric_definition *definition,
                                char reason[static DEFINITION_REASON_SIZE]);

/* Tells tally->online that it is `now`, UTC seconds. */
void tally_advance_online(struct tally *tally, int64_t now);

/* Stores the most users online of apps where it rose. As tally_apply(). */
TALLY_MUST_CHECK
enum tally_err tally_store_online(struct tally *tally);

#endif
