/*
 * effect.h - what a decision changes, as a batch of small records.
 *
 * A batch is what one request (one bulk item) does to the state; the engine
 * applies it as a whole or not at all. Effects carry results - ordinals,
 * value ids, local hours, flags - never instructions to decide again, so that
 * replay after a crash is the same code and needs no clock, zone or name.
 *
 * Building a batch touches no state. A batch that passes its maximum, or holds
 * an effect with a value out of its range (an hour or day before 1970-01-01 or
 * after 65535 days, a count past COUNT_ADD_MAX), is marked and refused by
 * engine_apply().
 */
#ifndef ENGINE_EFFECT_H
#define ENGINE_EFFECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/buffer.h"
#include "engine/error.h"
#include "engine/table.h"
#include "engine/text.h"

enum {
    BATCH_SIZE_MAX = 240 * 1024, /* bytes of one batch */
    EFFECT_KEY_MAX = 300,        /* bytes of one key */
    EFFECT_HIT_ITEMS_MAX = 64,
};

struct puts;

struct batch {
    struct buffer bytes; /* encoded effects, as they go to the log */
    bool has_documents;  /* some of them put or erase documents */
    bool is_broken;      /* one was none: engine_apply() refuses the batch */
    struct puts *puts;   /* private: for batch_ask(), once it is large */
};

void batch_init(struct batch *batch);
void batch_finish(struct batch *batch);

/* Forgets the effects, keeps the memory. */
void batch_clear(struct batch *batch);
/* False once an effect did not fit or was none: it will be refused. */
bool batch_is_whole(const struct batch *batch);
bool batch_is_empty(const struct batch *batch);

/* How much of the batch there is; batch_cut() takes away what came later. */
size_t batch_size(const struct batch *batch);
void batch_cut(struct batch *batch, size_t size);

/* Takes away the first `size` bytes of it, which are whole effects. */
void batch_drop(struct batch *batch, size_t size);

/* Adds the effects of another batch. */
void batch_append(struct batch *batch, const struct batch *other);

/* Puts or erases one record of a keyed table (not HOURS, DAYS, YEARS, ACTIVE,
 * COLUMNS, which change by the effects below). The key's layout is the
 * table's (table.h); see key.h for its builders. */
void effect_put(struct batch *batch, enum table table, struct text key,
                struct text value);
void effect_erase(struct batch *batch, enum table table, struct text key);

/* Puts or erases a document; kinds are the caller's. */
void effect_put_document(struct batch *batch, uint8_t kind, struct text name,
                         struct text value);
void effect_erase_document(struct batch *batch, uint8_t kind, struct text name);

/* Where an item of a hit counts: bits of hit_item.counts. */
enum hit_count {
    HIT_T = 1 << 0,      /* t at the day */
    HIT_N = 1 << 1,      /* n at the day */
    HIT_U_DAY = 1 << 2,  /* u at the day */
    HIT_U_WEEK = 1 << 3, /* u at the week, and so on */
    HIT_U_MONTH = 1 << 4,
    HIT_U_YEAR = 1 << 5,
    HIT_MARK = 1 << 6, /* the user was active with this value that day */
    HIT_HOUR = 1 << 7, /* the whole only: u at the hour */
};

struct hit_item {
    uint32_t set;
    uint32_t value;
    uint8_t counts;
};

/* One session of one user. The whole counts t, e and what its bits say at the
 * hour and the day; items count at the day (and u above it). */
struct hit {
    uint32_t app;
    uint32_t ordinal;
    int32_t hour;     /* local hours since 1970-01-01 00:00 local */
    uint32_t seconds; /* UTC time of the session's begin */
    uint32_t set;     /* the whole's set */
    uint8_t counts;   /* the whole's bits; HIT_MARK marks the day's activity */
    unsigned item_count;
    struct hit_item items[EFFECT_HIT_ITEMS_MAX];
};

void effect_hit(struct batch *batch, const struct hit *hit);

/* The counters of a cell, additive and possibly negative on their way. One
 * effect adds at most COUNT_ADD_MAX either way to any of them but COUNT_D. */
enum count_field {
    COUNT_T,
    COUNT_N,
    COUNT_E,
    COUNT_D,
    COUNT_U_HOUR,
    COUNT_U_DAY,
    COUNT_U_WEEK,
    COUNT_U_MONTH,
    COUNT_U_YEAR,
    COUNT_FIELDS,
};

enum { COUNT_NO_HOUR = 255, COUNT_ADD_MAX = 1000000000 };

/* Adds to counters of (set, value) at a local hour. With value 0 the hour's
 * cell counts too, unless no_hour; other values have days and above only. */
struct count {
    uint32_t app;
    uint32_t set;
    uint32_t value;
    int32_t hour; /* local hours since 1970-01-01 00:00 local */
    bool no_hour; /* the day of `hour` is known, the hour is not */
    int64_t add[COUNT_FIELDS];
};

void effect_count(struct batch *batch, const struct count *count);

/* The user was active with (set, value) on a local day; set 0: at all. */
struct mark {
    uint32_t app;
    uint32_t ordinal;
    uint32_t set;
    uint32_t value;
    int32_t day; /* local days since 1970-01-01 */
};

void effect_mark(struct batch *batch, const struct mark *mark);

/* Everything stored under this internal app number is garbage from here on.
 * The number is never used again. */
void effect_drop(struct batch *batch, uint32_t app);

enum effect_kind {
    EFFECT_PUT = 1,
    EFFECT_ERASE,
    EFFECT_HIT,
    EFFECT_COUNT,
    EFFECT_MARK,
    EFFECT_DROP,
};

/* One effect read back. Texts borrow from the bytes read. */
struct effect {
    enum effect_kind kind;
    enum table table;
    struct text key;
    struct text value;
    struct hit hit;
    struct count count;
    struct mark mark;
    uint32_t app;
};

/* What a batch does last to a key of a keyed table; *value is what it puts.
 * batch may be NULL. */
enum batch_answer { BATCH_LEAVES, BATCH_ERASES, BATCH_PUTS };
enum batch_answer batch_ask(const struct batch *batch, enum table table,
                            struct text key, struct text *value);

/* The same, false unless it puts a value. */
bool batch_find(const struct batch *batch, enum table table, struct text key,
                struct text *value);

/* Does the batch add to `t` of a value (not 0) in some years, but not in this
 * one? */
bool batch_counts_elsewhere(const struct batch *batch, uint32_t app,
                            uint32_t set, uint32_t value, int year);

/* Reads the effect at *at of `bytes` and moves *at behind it.
 * TALLY_ERR_CORRUPT when there is no whole, valid effect there. */
TALLY_MUST_CHECK
enum tally_err effect_read(struct text bytes, size_t *at,
                           struct effect *effect);

#endif
