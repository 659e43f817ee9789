/*
 * profile.h - the cold record of an app user: what is rarely needed.
 *
 *   {"did": device id, "loc": "lat,lon", "rgn": region,
 *    "merged_uid": uid, "merged_did": device id,
 *    "details": {...}, "consent": {...}, "changes": [...], "extra": {...},
 *    "text": {"<set>": value}}
 *
 * Members without content are left out. `details` are the properties of
 * property.h, `extra` those of plugins (extra.h); `consent` and `changes` are
 * consent.h's; `merged_*` name the user
 * that was merged into this one last. `text` has the last values of sets that
 * gave them no id, because the set was full (user.h, spec 0.4.16).
 *
 * A profile borrows its texts: those that were read live as long as the
 * record and the arena, those that were set as long as their source.
 */
#ifndef METRICS_PROFILE_H
#define METRICS_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/buffer.h"
#include "engine/error.h"
#include "engine/text.h"
#include "metrics/user.h"

struct profile_text {
    uint32_t set;
    struct text value;
};

struct profile {
    struct text did;
    struct text loc;
    struct text rgn;
    struct text merged_uid;
    struct text merged_did;
    struct text details; /* JSON */
    struct text consent; /* JSON */
    struct text changes; /* JSON */
    struct text extra;   /* JSON */
    unsigned text_count;
    struct profile_text texts[USER_VALUES_MAX]; /* one of a set, in no order */
};

/* Reads a record; members it does not know are ignored. TALLY_ERR_CORRUPT;
 * TALLY_ERR_TOO_BIG at the arena's limit. */
TALLY_MUST_CHECK
enum tally_err profile_read(struct text record, struct arena *arena,
                            struct profile *profile);

/* Adds the record to the end of `out`. */
void profile_write(const struct profile *profile, struct buffer *out);

/* The text of a set; empty when it has none. */
struct text profile_text(const struct profile *profile, uint32_t set);

/* Sets the text of a set, or removes it when `value` is empty. False when
 * USER_VALUES_MAX other sets have one already. */
bool profile_set_text(struct profile *profile, uint32_t set, struct text value);

#endif
