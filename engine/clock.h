/*
 * clock.h - what time it is.
 *
 * The one place where the wall clock is read; everything else takes time as
 * a parameter. Timers do not use it: they run on the monotonic clock of the
 * loop, because this one may jump.
 */
#ifndef ENGINE_CLOCK_H
#define ENGINE_CLOCK_H

#include <stdint.h>

typedef int64_t (*clock_source_fn)(void);

/* Milliseconds since 1970, UTC. */
int64_t clock_now_ms(void);

/* Takes the time from `source` from now on; NULL is the system's clock
 * again. For tests: not to be called while other threads read the clock. */
void clock_set_source(clock_source_fn source);

#endif
