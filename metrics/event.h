/*
 * event.h - one event as a client reports it (spec B.8, 0.4.11).
 *
 * Pure: what the key and the segmentation are called when they are counted,
 * and which numbers count.
 */
#ifndef METRICS_EVENT_H
#define METRICS_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/text.h"
#include "metrics/scan.h"
#include "metrics/value.h"

enum {
    EVENT_KEY_CHARACTERS = 127, /* a longer key is no event's; */
    EVENT_KEY_MAX = 255,        /* nor is one of more bytes */
};

struct event {
    struct text key;       /* cleaned up */
    bool is_internal;      /* begins with [CLY]_ */
    int64_t count;         /* 1 when it is not a number */
    int64_t sum;           /* in units, see event_set.h */
    int64_t duration;      /* likewise */
    struct text timestamp; /* its own; empty: none */
    struct text hour;      /* likewise */
    struct text dow;
    struct text segmentation; /* a JSON object; empty: none */
};

/* Reads one item of `events`. False when it is none that counts: not an
 * object, without a key, or with a key that is too long or reserved. The
 * texts live as long as the arena and the source. */
bool event_read(const struct scan_value *item, struct arena *arena,
                struct event *event);

/* Does the key belong to a feature of Countly's own? */
bool event_is_internal(struct text key);

/* Values of a segmentation as features of Countly's own read them: the decoded
 * text of a string, else its JSON text (false at the arena's limit); whether
 * it is neither null, false, 0, "0", "false" nor empty; a number in units, 0
 * when it is none. */
bool event_plain_text(const struct scan_value *value, struct arena *arena,
                      struct text *text);
bool event_is_true(const struct scan_value *value);
int64_t event_units(const struct scan_value *value);

/* A name as it is, cut at VALUE_MAX; one that would be taken for the day of a
 * month gets the prefix [CLY] (spec B.8). */
struct value event_plain_name(struct text text);

/* The next segment that counts, of a scan that has entered the segmentation;
 * false at the end. */
bool event_next_segment(struct scan *scan, struct arena *arena,
                        struct value *name, struct value *value);

#endif
