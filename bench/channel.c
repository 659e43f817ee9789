#include "bench/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/memory.h"

enum { IN_SIZE = 64 * 1024, IN_MAX = 64 * 1024 * 1024, KNOWN_MAX = 2048 };

struct channel {
    const struct channel_setting *setting;
    int fd;
    struct walk walk;
    unsigned pending;         /* requests without an answer */
    unsigned oldest;          /* of them, its place in `requests` */
    struct request *requests; /* ring of `depth` */
    char *out;                /* depth * request_size */
    size_t out_len;
    size_t out_sent;
    char *in;
    size_t in_len;
    size_t in_room;
    struct reply known; /* the last success; equal bytes are one too */
    char known_text[KNOWN_MAX];
};

static int connect_to(const struct sockaddr_in *address)
{
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;

    if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0)
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

struct channel *channel_create(const struct channel_setting *setting)
{
    int fd = connect_to(&setting->address);
    if (fd < 0)
        return NULL;

    struct channel *channel = memory_alloc(sizeof(*channel));
    channel->setting = setting;
    channel->fd = fd;
    channel->requests =
        memory_alloc(setting->depth * sizeof(*channel->requests));
    channel->out = memory_alloc(setting->depth * setting->request_size);
    channel->in = memory_alloc(IN_SIZE);
    channel->in_room = IN_SIZE;
    return channel;
}

bool channel_reopen(struct channel *channel)
{
    int fd = connect_to(&channel->setting->address);
    if (fd < 0)
        return false;

    close(channel->fd);
    channel->fd = fd;
    channel->pending = 0;
    channel->out_len = 0;
    channel->out_sent = 0;
    channel->in_len = 0;
    return true;
}

void channel_destroy(struct channel *channel)
{
    if (!channel)
        return;
    close(channel->fd);
    free(channel->requests);
    free(channel->out);
    free(channel->in);
    free(channel);
}

int channel_fd(const struct channel *channel)
{
    return channel->fd;
}

struct walk *channel_walk(struct channel *channel)
{
    return &channel->walk;
}

unsigned channel_pending(const struct channel *channel)
{
    return channel->pending;
}

/* What is stuck goes first, so the buffer always has room for `depth`. */
unsigned channel_room(const struct channel *channel)
{
    return channel_is_stuck(channel)
               ? 0
               : channel->setting->depth - channel->pending;
}

char *channel_next(struct channel *channel)
{
    return channel->out + channel->out_len;
}

void channel_add(struct channel *channel, struct request request)
{
    unsigned at =
        (channel->oldest + channel->pending) % channel->setting->depth;

    channel->requests[at] = request;
    channel->pending++;
    channel->out_len += request.size;
}

void channel_send(struct channel *channel)
{
    while (channel->out_sent < channel->out_len) {
        ssize_t sent = send(channel->fd, channel->out + channel->out_sent,
                            channel->out_len - channel->out_sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno == EAGAIN)
            return;
        if (sent < 0)
            break;
        channel->out_sent += (size_t)sent;
    }
    channel->out_len = 0;
    channel->out_sent = 0;
}

bool channel_is_stuck(const struct channel *channel)
{
    return channel->out_sent < channel->out_len;
}

static bool is_known(const struct channel *channel, const char *at, size_t len)
{
    size_t known = channel->known.size;

    return known && len >= known && !memcmp(at, channel->known_text, known);
}

/* A success means nothing as the answer to a read, and there it is rare. */
static struct reply judge(struct channel *channel, const char *at, size_t len)
{
    if (is_known(channel, at, len))
        return channel->known;
    struct reply reply = reply_read(at, len);
    if (reply.is_success && reply.size <= KNOWN_MAX) {
        memcpy(channel->known_text, at, reply.size);
        channel->known = reply;
    }
    return reply;
}

static void take(struct channel *channel, const struct reply *reply,
                 const char *text)
{
    const struct request *request = &channel->requests[channel->oldest];
    const struct channel_setting *setting = channel->setting;

    channel->oldest = (channel->oldest + 1) % setting->depth;
    channel->pending--;
    setting->on_answer(setting->user, request, reply, text);
}

static enum channel_state take_all(struct channel *channel)
{
    size_t at = 0;

    while (at < channel->in_len) {
        struct reply reply =
            judge(channel, channel->in + at, channel->in_len - at);
        if (reply.state == REPLY_PARTIAL)
            break;
        if (reply.state == REPLY_BROKEN || channel->pending == 0)
            return CHANNEL_BROKEN;
        take(channel, &reply, channel->in + at);
        at += reply.size;
    }
    channel->in_len -= at;
    if (channel->in_len > 0)
        memmove(channel->in, channel->in + at, channel->in_len);
    return CHANNEL_OPEN;
}

/* An answer can be longer than any before. */
static bool make_room(struct channel *channel)
{
    if (channel->in_len < channel->in_room)
        return true;
    if (channel->in_room == IN_MAX)
        return false;
    channel->in_room *= 2;
    channel->in = memory_resize(channel->in, channel->in_room);
    return true;
}

enum channel_state channel_receive(struct channel *channel)
{
    if (!make_room(channel))
        return CHANNEL_BROKEN;
    ssize_t len = recv(channel->fd, channel->in + channel->in_len,
                       channel->in_room - channel->in_len, 0);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return CHANNEL_OPEN;
    if (len <= 0)
        return CHANNEL_CLOSED;
    channel->in_len += (size_t)len;
    return take_all(channel);
}
