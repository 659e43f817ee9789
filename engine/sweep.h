/*
 * sweep.h - bringing one frozen generation into the base.
 *
 * The generation is swept in key order over all tables, in transactions of a
 * bounded number of records. Each commits how far it got, so a sweep that was
 * cut short by a crash goes on behind that key when the generation has been
 * replayed, and readers know for each key whether it is in the base already.
 */
#ifndef ENGINE_SWEEP_H
#define ENGINE_SWEEP_H

#include <stdint.h>

#include "engine/error.h"
#include "engine/overlay.h"
#include "engine/store.h"

/* How hard to work: small transactions and pauses keep answers quick, large
 * ones get more done. */
struct sweep_pace {
    unsigned records;  /* changed in one transaction */
    unsigned pause_us; /* after it */
};

struct sweep_options {
    struct store *store;
    const struct overlay *overlay;
    uint64_t to;            /* the last batch of the generation */
    uint32_t chain;         /* of that batch */
    struct sweep_pace pace; /* records 0: 200, without a pause */
    /* Asked before each transaction instead. May be NULL. */
    struct sweep_pace (*choose_pace)(void *user);
    /* Asked before each transaction; an error ends the sweep. May be NULL. */
    enum tally_err (*may_write)(void *user);
    void (*committed)(void *user); /* after each transaction. May be NULL. */
    void *user;
};

/* Returns when the base holds the generation as a whole: its meta has from ==
 * to. After an error the sweep may be started again.
 * TALLY_ERR_IO, TALLY_ERR_CORRUPT, or what may_write returned. */
TALLY_MUST_CHECK
enum tally_err sweep(const struct sweep_options *options);

/* Does a base with this meta hold what the generation that ends with batch
 * `to` has of this key? Not before its sweep has passed the key. */
bool sweep_has_passed(const struct store_meta *meta, uint64_t to,
                      enum table table, struct text key);

#endif
