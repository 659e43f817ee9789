/*
 * inlet.h - a connection of the server without a socket: bytes of requests go
 * in, bytes of answers come out, and all that lies between is the product's.
 *
 * Answers do not wait for the log.
 */
#ifndef BENCH_INLET_H
#define BENCH_INLET_H

#include "bench/stand.h"
#include "engine/text.h"

struct inlet;

/* Never NULL; the stand outlives the inlet. */
struct inlet *inlet_create(struct stand *stand);
void inlet_destroy(struct inlet *inlet);

/* Takes the bytes of one request as they come from a client and gives its
 * answer, until the next call. */
struct text inlet_take(struct inlet *inlet, struct text bytes);

#endif
