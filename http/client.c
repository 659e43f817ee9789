#include "http/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "http/chunk.h"

enum {
    READ_SIZE = 16 * 1024,
    HEAD_MAX = 1024,
    STATUS_LINE_MIN = sizeof("HTTP/1.1 200") - 1,
};

static int64_t monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum tally_err connect_to(const char *path, int *connected)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);

    if (len >= sizeof(address.sun_path))
        return TALLY_ERR_TOO_BIG;
    memcpy(address.sun_path, path, len + 1);

    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return TALLY_ERR_IO;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        int cause = errno;

        close(fd);
        return cause == ENOENT || cause == ECONNREFUSED ? TALLY_ERR_NOT_FOUND
               : cause == EACCES                        ? TALLY_ERR_DENIED
                                                        : TALLY_ERR_IO;
    }
    *connected = fd;
    return TALLY_OK;
}

/* False when the time is over. */
static bool wait_for(int fd, short events, int64_t until)
{
    for (;;) {
        struct pollfd one = {.fd = fd, .events = events};
        int64_t left = until - monotonic_ms();

        if (left <= 0)
            return false;

        int ready = poll(&one, 1, (int)left);

        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
    }
}

static bool is_passing(int cause)
{
    return cause == EAGAIN || cause == EWOULDBLOCK || cause == EINTR;
}

static enum tally_err send_all(int fd, struct text bytes, int64_t until)
{
    while (bytes.len > 0) {
        if (!wait_for(fd, POLLOUT, until))
            return TALLY_ERR_IO;

        ssize_t sent = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL);

        if (sent < 0 && !is_passing(errno))
            return TALLY_ERR_IO;
        if (sent > 0) {
            bytes.at += sent;
            bytes.len -= (size_t)sent;
        }
    }
    return TALLY_OK;
}

static enum tally_err receive_all(int fd, struct buffer *answer, int64_t until)
{
    for (;;) {
        if (!buffer_reserve(answer, READ_SIZE))
            return TALLY_ERR_TOO_BIG;
        if (!wait_for(fd, POLLIN, until))
            return TALLY_ERR_IO;

        ssize_t got = read(fd, answer->at + answer->len, READ_SIZE);

        if (got == 0)
            return TALLY_OK;
        if (got < 0 && !is_passing(errno))
            return TALLY_ERR_IO;
        if (got > 0)
            answer->len += (size_t)got;
    }
}

/* Splits at the empty line; false when there is none. */
static bool split(struct text answer, struct text *head, struct text *body)
{
    const char *end =
        answer.len > 0 ? memmem(answer.at, answer.len, "\r\n\r\n", 4) : NULL;

    if (!end)
        return false;

    size_t len = (size_t)(end - answer.at);

    *head = (struct text){answer.at, len + 2};
    *body = (struct text){end + 4, answer.len - len - 4};
    return true;
}

/* Decimal digits at `at` up to the line's end; -1 for anything else. */
static int64_t number_at(const char *at, const char *end)
{
    int64_t number = 0;

    if (at == end || end - at > 10)
        return -1;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9')
            return -1;
        number = number * 10 + (*at - '0');
    }
    return number;
}

/* The body's length; -1 when no field says it, or none that is understood. */
static int64_t content_length(struct text head)
{
    static const char name[] = "content-length:";
    const size_t name_len = sizeof(name) - 1;

    while (head.at && head.len > 0) {
        const char *end = memmem(head.at, head.len, "\r\n", 2);
        size_t len = (size_t)(end - head.at);

        if (len > name_len && strncasecmp(head.at, name, name_len) == 0) {
            const char *value = head.at + name_len;

            while (value < end && *value == ' ')
                value++;
            return number_at(value, end);
        }
        head.at += len + 2;
        head.len -= len + 2;
    }
    return -1;
}

static enum tally_err understand(struct text answer, int *status,
                                 struct buffer *body)
{
    struct text head;
    struct text content;

    if (!split(answer, &head, &content) || head.len < STATUS_LINE_MIN + 2 ||
        !text_has_prefix(head, "HTTP/1.1 "))
        return TALLY_ERR_INVALID;

    const char *digits = head.at + sizeof("HTTP/1.1 ") - 1;
    int64_t number = number_at(digits, digits + 3);

    if (number < 100 || content_length(head) != (int64_t)content.len)
        return TALLY_ERR_INVALID;
    buffer_add_text(body, content);
    if (!buffer_is_whole(body))
        return TALLY_ERR_TOO_BIG;
    *status = (int)number;
    return TALLY_OK;
}

static enum tally_err send_request(int fd, const struct client_request *request,
                                   int64_t until)
{
    char head[HEAD_MAX];
    int len = snprintf(head, sizeof(head),
                       "POST %s HTTP/1.1\r\nHost: localhost\r\n"
                       "Connection: close\r\nContent-Type: "
                       "application/x-www-form-urlencoded\r\n"
                       "Content-Length: %zu\r\n\r\n",
                       request->target, request->form.len);

    if (len < 0 || (size_t)len >= sizeof(head))
        return TALLY_ERR_TOO_BIG;

    enum tally_err err = send_all(fd, (struct text){head, (size_t)len}, until);

    return err ? err : send_all(fd, request->form, until);
}

enum tally_err client_post(const struct client_request *request, int *status,
                           struct buffer *body)
{
    int64_t until = monotonic_ms() + request->timeout_ms;
    struct buffer answer;
    int fd;
    enum tally_err err = connect_to(request->socket, &fd);

    if (err)
        return err;
    buffer_init(&answer, CLIENT_ANSWER_MAX);
    err = send_request(fd, request, until);
    if (!err)
        err = receive_all(fd, &answer, until);
    if (!err)
        err = understand(buffer_text(&answer), status, body);
    buffer_finish(&answer);
    close(fd);
    return err;
}

/* An answer that arrives part by part. */
struct fetch {
    int fd;
    unsigned patience_ms;
    struct buffer pile; /* what has arrived and is not used */
    client_take_fn take;
    void *user;
};

/* TALLY_ERR_NOT_FOUND when the server has closed. */
static enum tally_err receive_some(struct fetch *fetch)
{
    struct buffer *pile = &fetch->pile;
    ssize_t got;

    if (!buffer_reserve(pile, READ_SIZE))
        return TALLY_ERR_TOO_BIG;
    do {
        if (!wait_for(fetch->fd, POLLIN, monotonic_ms() + fetch->patience_ms))
            return TALLY_ERR_IO;
        got = read(fetch->fd, pile->at + pile->len, READ_SIZE);
    } while (got < 0 && is_passing(errno));
    if (got < 0)
        return TALLY_ERR_IO;
    pile->len += (size_t)got;
    return got == 0 ? TALLY_ERR_NOT_FOUND : TALLY_OK;
}

/* Passes on what has arrived of a body in chunks. */
static enum tally_err take_chunks(struct fetch *fetch, struct chunk *chunk,
                                  struct text rest)
{
    enum tally_err err = TALLY_OK;

    while (!err && rest.len > 0 && chunk->state != CHUNK_OVER) {
        struct text body;
        err = chunk_take(chunk, &rest, &body);
        if (!err && body.len > 0 && !fetch->take(fetch->user, body))
            err = TALLY_ERR_IO;
    }
    buffer_clear(&fetch->pile);
    return err;
}

static enum tally_err fetch_chunks(struct fetch *fetch, struct text first)
{
    struct chunk chunk = {0};
    enum tally_err err = take_chunks(fetch, &chunk, first);

    while (!err && chunk.state != CHUNK_OVER) {
        err = receive_some(fetch);
        if (!err)
            err = take_chunks(fetch, &chunk, buffer_text(&fetch->pile));
    }
    return err == TALLY_ERR_NOT_FOUND ? TALLY_ERR_IO : err;
}

/* A body that comes as a whole. */
static enum tally_err fetch_whole(struct fetch *fetch, int *status,
                                  struct buffer *refusal)
{
    struct buffer body;
    enum tally_err err = TALLY_OK;

    while (!err)
        err = receive_some(fetch);
    if (err != TALLY_ERR_NOT_FOUND)
        return err;
    buffer_init(&body, CLIENT_ANSWER_MAX);
    err = understand(buffer_text(&fetch->pile), status, &body);
    if (!err && *status != 200)
        buffer_add_text(refusal, buffer_text(&body));
    else if (!err && !fetch->take(fetch->user, buffer_text(&body)))
        err = TALLY_ERR_IO;
    buffer_finish(&body);
    return err;
}

static enum tally_err fetch_answer(struct fetch *fetch, int *status,
                                   struct buffer *refusal)
{
    static const char chunked[] = "\r\nTransfer-Encoding: chunked\r\n";
    struct text head = {0};
    struct text body;
    enum tally_err err = TALLY_OK;

    while (!err && !split(buffer_text(&fetch->pile), &head, &body))
        err = receive_some(fetch);
    if (err)
        return err == TALLY_ERR_NOT_FOUND ? TALLY_ERR_IO : err;
    if (!memmem(head.at, head.len, chunked, sizeof(chunked) - 1))
        return fetch_whole(fetch, status, refusal);
    *status = 200;
    return fetch_chunks(fetch, body);
}

enum tally_err client_fetch(const struct client_request *request, int *status,
                            client_take_fn take, void *user,
                            struct buffer *refusal)
{
    struct fetch fetch = {
        .patience_ms = request->timeout_ms, .take = take, .user = user};
    enum tally_err err = connect_to(request->socket, &fetch.fd);

    if (err)
        return err;
    buffer_init(&fetch.pile, CLIENT_ANSWER_MAX);
    err = send_request(fetch.fd, request, monotonic_ms() + request->timeout_ms);
    if (!err)
        err = fetch_answer(&fetch, status, refusal);
    buffer_finish(&fetch.pile);
    close(fetch.fd);
    return err;
}
