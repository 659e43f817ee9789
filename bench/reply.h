/*
 * reply.h - finds and judges the answers in what a server sent.
 */
#ifndef BENCH_REPLY_H
#define BENCH_REPLY_H

#include <stdbool.h>
#include <stddef.h>

enum reply_state {
    REPLY_PARTIAL, /* not all there yet */
    REPLY_WHOLE,
    REPLY_BROKEN, /* not HTTP, or without a Content-Length */
};

struct reply {
    enum reply_state state;
    /* When it is whole: */
    size_t size;
    unsigned status;
    bool is_success; /* status 200 and the body of an accepted request */
    bool has_retry_after;
};

/* Looks at the first answer in `at`, which is not empty. */
struct reply reply_read(const char *at, size_t len);

#endif
