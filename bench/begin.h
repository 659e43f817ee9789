/*
 * begin.h - the request that is measured: a begin_session GET with 8 metrics,
 * as the SDKs send it (about 585 bytes).
 *
 * Texts are prepared once for a number of different phones; a request is a
 * copy of one of them with the device and the timestamp filled in.
 */
#ifndef BENCH_BEGIN_H
#define BENCH_BEGIN_H

#include <stddef.h>
#include <stdint.h>

struct begin;

enum { BEGIN_SIZE_MAX = 1024 };

/* Never NULL. `host` is the Host header, `app_key` the app that receives the
 * sessions; both are copied. */
struct begin *begin_create(const char *host, const char *app_key);

/* NULL is a no-op. */
void begin_destroy(struct begin *begin);

/* Writes the request of a device (up to 10 digits) at a time in milliseconds
 * (13 digits) and returns its size, at most BEGIN_SIZE_MAX. A device always
 * has the same phone. */
size_t begin_write(const struct begin *begin, uint64_t device, uint64_t ms,
                   char *out);

#endif
