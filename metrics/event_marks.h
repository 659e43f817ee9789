/*
 * event_marks.h - which users were marked lately for which event or view.
 *
 * A user counts once a day among those who sent an event, or visited a view,
 * however often that was: a mark that is remembered here need not be made
 * again. What is forgotten is marked twice, which does no harm.
 */
#ifndef METRICS_EVENT_MARKS_H
#define METRICS_EVENT_MARKS_H

#include <stdbool.h>

#include "engine/effect.h"

struct event_marks;

/* Never NULL; less than a megabyte. */
struct event_marks *event_marks_create(void);

/* NULL is a no-op. */
void event_marks_destroy(struct event_marks *marks);

/* Remembers the mark; false when it was remembered already. */
bool event_marks_add(struct event_marks *marks, const struct mark *mark);

/* Forgets everything: marks that were added were not applied. */
void event_marks_clear(struct event_marks *marks);

#endif
