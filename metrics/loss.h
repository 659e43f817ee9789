/*
 * loss.h - why a request, or a part of one, was not counted.
 */
#ifndef METRICS_LOSS_H
#define METRICS_LOSS_H

#include <stdint.h>

#define LOSS_MAP(X)                                                            \
    X(LOSS_DEVICE, "device")             /* no usable device id */             \
    X(LOSS_PAUSED, "paused")             /* the app takes no data */           \
    X(LOSS_LOCKED, "locked")             /* generated data for a locked app */ \
    X(LOSS_CHECKSUM, "checksum")         /* missing or wrong */                \
    X(LOSS_DUPLICATE, "duplicate")       /* counted before */                  \
    X(LOSS_TOO_LARGE, "too_large")       /* past the size of a batch */        \
    X(LOSS_NO_ROOM, "no_room")           /* answered 503 */                    \
    X(LOSS_LATE, "late")                 /* a session without uniques */       \
    X(LOSS_METRIC_LIMIT, "metric_limit") /* a value without counter */         \
    X(LOSS_UNKNOWN_METRIC, "unknown_metric") /* a key that nothing reads */    \
    X(LOSS_BAD_METRICS, "bad_metrics")       /* metrics are no JSON object */  \
    X(LOSS_BAD_EVENTS, "bad_events")         /* events are no JSON array */    \
    X(LOSS_NO_EVENT, "no_event")             /* without a key that counts */   \
    X(LOSS_EVENT_LIMIT, "event_limit")       /* a key without counter */       \
    X(LOSS_SEGMENT_LIMIT, "segment_limit")   /* a segment or value likewise */ \
    X(LOSS_SEGMENT_OMITTED, "segment_omitted") /* by the app's own plan */     \
    X(LOSS_CANCELLED, "cancelled")             /* by a plugin */

enum loss {
#define X(loss, name) loss,
    LOSS_MAP(X)
#undef X
        LOSS_KINDS,
};

/* What one request lost. */
struct losses {
    uint32_t kinds; /* a bit for each that is not 0 */
    uint32_t at[LOSS_KINDS];
};

static inline void loss_add(struct losses *losses, enum loss loss,
                            uint32_t count)
{
    losses->at[loss] += count;
    losses->kinds |= (uint32_t)(count > 0) << loss;
}

/* As it is shown. */
const char *loss_name(enum loss loss);

#endif
