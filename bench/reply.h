/*
 * reply.h - finds and judges the answers in what a server sent.
 */
#ifndef BENCH_REPLY_H
#define BENCH_REPLY_H

#include <stddef.h>

enum reply_kind {
    REPLY_PARTIAL, /* not all there yet */
    REPLY_GOOD,    /* status 200 and the body of an accepted request */
    REPLY_REFUSED, /* whole, but anything else */
    REPLY_BROKEN,  /* not HTTP, or without a Content-Length */
};

/* Looks at the first answer in `at`; `size` is how long it is when it is
 * whole. `at` is not empty. */
enum reply_kind reply_judge(const char *at, size_t len, size_t *size);

#endif
