/*
 * outbox.h - the answers of one connection that have not left yet.
 *
 * Answers lie one behind the other in one buffer, so that all that may leave
 * leave in one write. Each waits for the log sequence number it depends on;
 * none overtakes another.
 */
#ifndef HTTP_OUTBOX_H
#define HTTP_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "engine/buffer.h"
#include "engine/text.h"

/* Bytes of memory that stay when all has left. */
enum { OUTBOX_KEPT_ROOM = 16 * 1024 };

struct outbox {
    struct buffer pile; /* the writer of an answer adds to it */
    /* private state */
    struct outbox_mark *marks; /* ring of the ends of what is held back */
    unsigned room;
    unsigned first;
    unsigned held;
    size_t ready; /* bytes of the pile that may leave */
    size_t sent;  /* bytes of the pile that have left */
};

/* Holds back at most `room` answers at once; the pile takes `max` bytes. */
void outbox_init(struct outbox *outbox, unsigned room, size_t max);
void outbox_finish(struct outbox *outbox);

/* What was added to the pile since the last call is one answer, to leave when
 * `lsn` is durable. There is room for it. */
void outbox_close_answer(struct outbox *outbox, uint64_t lsn);

/* Lets go what depends on sequence numbers up to `durable`. */
void outbox_release(struct outbox *outbox, uint64_t durable);

/* Answers that are held back. */
unsigned outbox_held(const struct outbox *outbox);

/* Bytes that have not left, held back or not. */
size_t outbox_size(const struct outbox *outbox);

/* What may leave now; valid until the outbox is touched. */
struct text outbox_ready(const struct outbox *outbox);

/* `len` bytes of it have left. */
void outbox_sent(struct outbox *outbox, size_t len);

/* Moves what may leave now to `flying`, whose old content goes and whose
 * maximum is that of the pile, and returns it; it stays in place while the
 * outbox is filled further. */
struct text outbox_detach(struct outbox *outbox, struct buffer *flying);

#endif
