/*
 * channel.h - one connection that sends requests ahead and checks what comes
 * back.
 *
 * Answers arrive in the order of the requests, so a ring of what was asked is
 * all that is needed to know which request each one answers.
 */
#ifndef BENCH_CHANNEL_H
#define BENCH_CHANNEL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "bench/reply.h"
#include "bench/traffic.h"

struct channel;

enum channel_state {
    CHANNEL_OPEN,
    CHANNEL_CLOSED, /* by the server */
    CHANNEL_BROKEN, /* its bytes are no answers */
};

/* Called for each answer. The text is the whole of it, valid during the
 * call. */
typedef void (*channel_answer_fn)(void *user, const struct request *request,
                                  const struct reply *reply, const char *text);

struct channel_setting {
    struct sockaddr_in address;
    unsigned depth;      /* at most so many requests are under way */
    size_t request_size; /* at most */
    channel_answer_fn on_answer;
    void *user;
};

/* Connects (blocking), then works without blocking. NULL when there is no
 * connection; errno says why. `setting` outlives the channel. */
struct channel *channel_create(const struct channel_setting *setting);

/* Connects anew; the requests under way are forgotten. False when there is no
 * connection; errno says why. */
bool channel_reopen(struct channel *channel);

/* NULL is a no-op. */
void channel_destroy(struct channel *channel);

int channel_fd(const struct channel *channel);

/* Where it is in its traffic. */
struct walk *channel_walk(struct channel *channel);

/* How many requests have no answer yet. */
unsigned channel_pending(const struct channel *channel);

/* How many more requests may be added before the next channel_send(). */
unsigned channel_room(const struct channel *channel);

/* Where the next request is to be written (`request_size` bytes); it counts
 * once channel_add() has been called. Only while there is room. */
char *channel_next(struct channel *channel);
void channel_add(struct channel *channel, struct request request);

/* Sends what was added. A connection that was closed is told of when it is
 * read, behind the answers that came before. */
void channel_send(struct channel *channel);

/* True while bytes wait for the socket to become writable. */
bool channel_is_stuck(const struct channel *channel);

/* Reads what is there and calls `on_answer`. */
enum channel_state channel_receive(struct channel *channel);

#endif
