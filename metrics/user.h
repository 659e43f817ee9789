/*
 * user.h - what is kept of one app user.
 *
 * The hot record is read and written by every request, so it is small: times,
 * counts, the value ids of the last metrics, the hashes of the last requests.
 * What is rarely needed is in the cold record, a JSON object: the device id
 * (`did`), location (`loc`, `rgn`), and under `text` the values that have no
 * id because their set was full, by set number.
 */
#ifndef METRICS_USER_H
#define METRICS_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/error.h"
#include "engine/text.h"
#include "metrics/params.h"

enum {
    USER_VALUES_MAX = 32,
    USER_RING = 8,
    USER_NO_BUCKET = 255,
    USER_RECORD_MAX = 512,
};

/* The last value of a set; id 0: it is kept as text in the cold record. */
struct user_value {
    uint32_t set;
    uint32_t value;
};

/* Numbers are stored. */
enum user_orientation {
    USER_NO_ORIENTATION,
    USER_PORTRAIT,
    USER_LANDSCAPE,
};

struct user {
    /* Times are UTC seconds, 0 for never (spec B.6.1). */
    uint32_t fs;
    uint32_t ls;
    uint32_t fac;
    uint32_t lac;
    uint32_t lbst;
    uint32_t lest;
    uint32_t sc;
    uint64_t sd;
    uint64_t tsd;
    uint32_t merges;
    uint64_t events;      /* `data.events`: sent, without internal ones */
    int32_t marked_day;   /* the local day whose activity was marked last */
    uint32_t unmarked;    /* bits of `values` that were not marked on it */
    int32_t ended_hour;   /* the local hour of the last end */
    uint8_t ended_bucket; /* counted at it, USER_NO_BUCKET: none */
    bool is_open;         /* `hos` */
    bool has_info;        /* `hasInfo` */
    enum user_orientation orientation; /* `ornt` */
    bool has_tz;
    int16_t tz; /* minutes east of UTC */
    unsigned value_count;
    struct user_value values[USER_VALUES_MAX];
    unsigned ring_count;
    uint64_t ring[USER_RING]; /* hashes of requests, newest first */
};

/* `ornt` as text; NULL when it is not known. */
const char *user_orientation_name(const struct user *user);

/* A user of whom nothing is known. */
struct user user_fresh(void);

/* The hot record as bytes; `bytes` has USER_RECORD_MAX. */
struct text user_write(const struct user *user,
                       uint8_t bytes[static USER_RECORD_MAX]);
TALLY_MUST_CHECK
enum tally_err user_read(struct text record, struct user *user);

/* The last value of a set; NULL when the user has none. */
const struct user_value *user_value(const struct user *user, uint32_t set);

/* The same, to be changed. */
struct user_value *user_own_value(struct user *user, uint32_t set);

/* Gives a set that has none a value, 0 at first; NULL when USER_VALUES_MAX
 * sets have one already. */
struct user_value *user_add_value(struct user *user, uint32_t set);

/* Sets it; false when USER_VALUES_MAX other sets have one already. */
bool user_set_value(struct user *user, uint32_t set, uint32_t value);

/* Is the hash in the ring? / Puts it in front. */
bool user_has_request(const struct user *user, uint64_t hash);
void user_add_request(struct user *user, uint64_t hash);

#endif
