/*
 * event_meta.h - which segments events had in some years, and which values
 * these: the `meta` of a time object (spec D.8).
 */
#ifndef METRICS_EVENT_META_H
#define METRICS_EVENT_META_H

#include <stdint.h>

#include "engine/engine.h"
#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/event_choice.h"
#include "metrics/json.h"

/* Sets that one read may look into. */
enum { EVENT_META_SETS_MAX = 4096 };

struct event_meta_span {
    uint32_t app;
    const struct event_choice *choice;
    int first; /* years */
    int last;
    uint32_t limit; /* values that are listed of a segment; 0: all */
};

/* On the loop thread: what event_meta_write() reads. TALLY_ERR_TOO_BIG past
 * EVENT_META_SETS_MAX; TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err event_meta_capture(struct engine *engine, struct reader *reader,
                                  uint32_t app,
                                  const struct event_choice *choice);

/* Writes an object: each segment with its values, and `segments`. Segments of
 * one name are one, whatever the event. */
TALLY_MUST_CHECK
enum tally_err event_meta_write(const struct event_meta_span *span,
                                struct reader *reader, struct json *json);

#endif
