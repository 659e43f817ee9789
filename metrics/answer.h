/*
 * answer.h - an HTTP status with the text that Countly gives (spec D.1).
 */
#ifndef METRICS_ANSWER_H
#define METRICS_ANSWER_H

#include "engine/buffer.h"

enum { ANSWER_OK = 200 };

struct answer {
    int status;
    const char *message; /* static */
};

/* Writes {"result": message} and returns the status. */
int answer_write(struct buffer *out, struct answer answer);

/* The same for a message that is put together: `first` and `rest`. */
int answer_write_joined(struct buffer *out, int status, const char *first,
                        struct text rest);

#endif
