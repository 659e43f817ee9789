#include "bench/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/begin.h"
#include "bench/reply.h"
#include "engine/memory.h"

enum { IN_SIZE = 64 * 1024, KNOWN_MAX = 2048 };

struct channel {
    int fd;
    unsigned depth;
    channel_answer_fn on_answer;
    void *user;
    unsigned pending; /* requests without an answer */
    unsigned oldest;  /* of them, its place in `due` */
    uint64_t *due;    /* ring of `depth` */
    char *out;        /* depth * BEGIN_SIZE_MAX */
    size_t out_len;
    size_t out_sent;
    size_t in_len;
    size_t known_len; /* the last good answer; equal bytes are good too */
    char known[KNOWN_MAX];
    char in[IN_SIZE];
};

static int connect_to(const struct sockaddr *address, socklen_t len)
{
    int on = 1;
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;

    if (connect(fd, address, len) != 0)
        goto close_fd;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
        goto close_fd;
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        goto close_fd;
    return fd;

close_fd:
    close(fd);
    return -1;
}

struct channel *channel_create(const struct sockaddr *address,
                               socklen_t address_len, unsigned depth,
                               channel_answer_fn on_answer, void *user)
{
    int fd = connect_to(address, address_len);
    if (fd < 0)
        return NULL;

    struct channel *channel = memory_alloc(sizeof(*channel));
    channel->fd = fd;
    channel->depth = depth;
    channel->on_answer = on_answer;
    channel->user = user;
    channel->due = memory_alloc(depth * sizeof(*channel->due));
    channel->out = memory_alloc((size_t)depth * BEGIN_SIZE_MAX);
    return channel;
}

void channel_destroy(struct channel *channel)
{
    if (!channel)
        return;
    close(channel->fd);
    free(channel->due);
    free(channel->out);
    free(channel);
}

int channel_fd(const struct channel *channel)
{
    return channel->fd;
}

unsigned channel_room(const struct channel *channel)
{
    size_t room = (size_t)channel->depth * BEGIN_SIZE_MAX - channel->out_len;
    unsigned fitting = (unsigned)(room / BEGIN_SIZE_MAX);
    unsigned allowed = channel->depth - channel->pending;

    return fitting < allowed ? fitting : allowed;
}

char *channel_next(struct channel *channel)
{
    return channel->out + channel->out_len;
}

void channel_add(struct channel *channel, size_t size, uint64_t due_ns)
{
    unsigned at = (channel->oldest + channel->pending) % channel->depth;

    channel->due[at] = due_ns;
    channel->pending++;
    channel->out_len += size;
}

bool channel_send(struct channel *channel)
{
    while (channel->out_sent < channel->out_len) {
        ssize_t sent = send(channel->fd, channel->out + channel->out_sent,
                            channel->out_len - channel->out_sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN;
        channel->out_sent += (size_t)sent;
    }
    channel->out_len = 0;
    channel->out_sent = 0;
    return true;
}

bool channel_is_stuck(const struct channel *channel)
{
    return channel->out_sent < channel->out_len;
}

static enum reply_kind judge(struct channel *channel, const char *at,
                             size_t len, size_t *size)
{
    size_t known = channel->known_len;
    if (known && len >= known && !memcmp(at, channel->known, known)) {
        *size = known;
        return REPLY_GOOD;
    }
    enum reply_kind kind = reply_judge(at, len, size);
    if (kind == REPLY_GOOD && *size <= KNOWN_MAX) {
        memcpy(channel->known, at, *size);
        channel->known_len = *size;
    }
    return kind;
}

static void take(struct channel *channel, enum reply_kind kind,
                 const char *text, size_t size)
{
    uint64_t due = channel->due[channel->oldest];

    channel->oldest = (channel->oldest + 1) % channel->depth;
    channel->pending--;
    channel->on_answer(channel->user, due, kind == REPLY_GOOD, text, size);
}

static bool take_all(struct channel *channel)
{
    size_t at = 0;

    while (at < channel->in_len) {
        size_t size;
        enum reply_kind kind =
            judge(channel, channel->in + at, channel->in_len - at, &size);
        if (kind == REPLY_PARTIAL)
            break;
        if (kind == REPLY_BROKEN || channel->pending == 0)
            return false;
        take(channel, kind, channel->in + at, size);
        at += size;
    }
    channel->in_len -= at;
    memmove(channel->in, channel->in + at, channel->in_len);
    return channel->in_len < IN_SIZE;
}

bool channel_receive(struct channel *channel)
{
    ssize_t len = recv(channel->fd, channel->in + channel->in_len,
                       IN_SIZE - channel->in_len, 0);
    if (len < 0)
        return errno == EAGAIN || errno == EINTR;
    if (len == 0)
        return false;
    channel->in_len += (size_t)len;
    return take_all(channel);
}
