/*
 * audit_event.h - do the counters of events, of their segments and of all
 * events together speak of the same events? See event_set.h.
 */
#ifndef METRICS_AUDIT_EVENT_H
#define METRICS_AUDIT_EVENT_H

#include <stdint.h>

#include "metrics/scope.h"

struct audit_event;

/* Reads SET_EVENTS and checks it in itself. Never NULL. */
struct audit_event *audit_event_open(struct scope *scope);

/* Checks one set of an event, the sets of an app in order. */
void audit_event_check_set(struct audit_event *audit, uint32_t set);

/* Checks what is left, and frees. */
void audit_event_close(struct audit_event *audit);

#endif
