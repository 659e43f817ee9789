/*
 * sender.h - writes what an outbox lets go.
 *
 * What is ready leaves in one write at once; what the socket does not take
 * follows in the background, and nothing else is written meanwhile.
 */
#ifndef HTTP_SENDER_H
#define HTTP_SENDER_H

#include <stdbool.h>
#include <uv.h>

#include "http/outbox.h"

struct sender;

/* A write in the background is over; `status` is libuv's. */
typedef void (*sender_written_fn)(struct sender *sender, int status);

struct sender {
    struct outbox outbox;
    bool is_writing; /* in the background */
    /* private state */
    uv_stream_t *stream;
    sender_written_fn written;
    uv_write_t write;
    struct buffer flying; /* what that write takes from */
    size_t unwritten;     /* bytes of it left at the last look */
};

/* `stream` outlives the sender; the rest is as outbox_init(). */
void sender_init(struct sender *sender, uv_stream_t *stream, unsigned room,
                 size_t max, sender_written_fn written);

/* The stream has closed, or never was open. */
void sender_finish(struct sender *sender);

/* Writes what may leave; false when the stream is broken. */
bool sender_flush(struct sender *sender);

/* True when the client has taken bytes since the last call. */
bool sender_has_progress(struct sender *sender);

#endif
