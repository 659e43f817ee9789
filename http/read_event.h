/*
 * read_event.h - the reads of events: rows of tables of readings (read.h).
 */
#ifndef HTTP_READ_EVENT_H
#define HTTP_READ_EVENT_H

#include "engine/error.h"
#include "http/read.h"

/* method=events (spec D.8). */
TALLY_MUST_CHECK
enum tally_err read_event_object(struct read *read);

/* method=get_events */
TALLY_MUST_CHECK
enum tally_err read_event_list(struct read *read);

/* method=top_events */
TALLY_MUST_CHECK
enum tally_err read_event_top(struct read *read);

/* /o/analytics/events (spec D.7.7) */
TALLY_MUST_CHECK
enum tally_err read_event_ticks(struct read *read);

#endif
