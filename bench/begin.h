/*
 * begin.h - begin_session requests of a device at a time, for benches without
 * a server: the GET with 8 metrics that bench/load sends by default.
 */
#ifndef BENCH_BEGIN_H
#define BENCH_BEGIN_H

#include <stddef.h>
#include <stdint.h>

#include "bench/template.h"

struct begin;

enum { BEGIN_SIZE_MAX = TEMPLATE_MAX };

/* Never NULL; ends the process when the texts are too long. */
struct begin *begin_create(const char *host, const char *app_key);

/* NULL is a no-op. */
void begin_destroy(struct begin *begin);

/* Writes the request of a device (up to 10 digits) at a time in milliseconds
 * (13 digits) and returns its size, at most BEGIN_SIZE_MAX. A device always
 * has the same phone. */
size_t begin_write(const struct begin *begin, uint64_t device, uint64_t ms,
                   char *out);

#endif
