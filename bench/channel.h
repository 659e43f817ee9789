/*
 * channel.h - one connection that sends requests ahead and checks what comes
 * back.
 *
 * Answers arrive in the order of the requests, so a ring of sending times is
 * all that is needed to know how long each one took.
 */
#ifndef BENCH_CHANNEL_H
#define BENCH_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct channel;

/* Called for each answer: when its request was due, and whether it was good.
 * The text is the answer, valid during the call. */
typedef void (*channel_answer_fn)(void *user, uint64_t due_ns, bool is_good,
                                  const char *text, size_t size);

/* Connects (blocking), then works without blocking. At most `depth` requests
 * are under way. NULL when there is no connection; errno says why. `on_answer`
 * and `user` outlive the channel. */
struct channel *channel_create(const struct sockaddr *address,
                               socklen_t address_len, unsigned depth,
                               channel_answer_fn on_answer, void *user);

/* NULL is a no-op. */
void channel_destroy(struct channel *channel);

int channel_fd(const struct channel *channel);

/* How many more requests may be added now. */
unsigned channel_room(const struct channel *channel);

/* Where the next request is to be written (BEGIN_SIZE_MAX bytes); it counts
 * once channel_add() has been called. Only while there is room. */
char *channel_next(struct channel *channel);
void channel_add(struct channel *channel, size_t size, uint64_t due_ns);

/* Sends what was added; false when the connection is lost. */
bool channel_send(struct channel *channel);

/* True while bytes wait for the socket to become writable. */
bool channel_is_stuck(const struct channel *channel);

/* Reads what is there and calls `on_answer`; false when the connection is
 * lost or its bytes are no answers. */
bool channel_receive(struct channel *channel);

#endif
