/*
 * bare.c - what libuv and llhttp alone can do: answers every request with the
 * same body and the headers of spec A.8.
 *
 * Keep-alive and pipelining; all answers to what one read brought leave in
 * one write. Usage: bare [PORT]; prints where it listens.
 */
#include <llhttp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "engine/memory.h"
#include "engine/text.h"

enum { READ_SIZE = 64 * 1024, BACKLOG = 1024 };

static const char answer[] = "HTTP/1.1 200 OK\r\n"
                             "Access-Control-Allow-Origin: *\r\n"
                             "X-Frame-Options: deny\r\n"
                             "X-XSS-Protection: 1; mode=block\r\n"
                             "Content-Type: application/json; charset=utf-8\r\n"
                             "Content-Length: 20\r\n"
                             "\r\n"
                             "{\"result\":\"Success\"}";

struct bare {
    uv_tcp_t listener;
    llhttp_settings_t settings;
    char read[READ_SIZE]; /* one loop, one read at a time */
    char *answers;        /* enough for the requests of one read */
};

enum {
    ANSWER_SIZE = sizeof(answer) - 1,
    REQUEST_MIN = 16, /* GET / HTTP/1.1 and its line end */
    ANSWERS_MAX = READ_SIZE / REQUEST_MIN + 1,
};

struct connection {
    uv_tcp_t tcp;
    struct bare *bare;
    llhttp_t parser;
    unsigned complete; /* requests of the read at hand */
};

struct rest {
    uv_write_t write;
    char bytes[];
};

static int on_message_complete(llhttp_t *parser)
{
    struct connection *connection = parser->data;

    connection->complete++;
    return 0;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void close_connection(struct connection *connection)
{
    uv_handle_t *handle = (uv_handle_t *)&connection->tcp;

    if (!uv_is_closing(handle))
        uv_close(handle, on_closed);
}

static void on_written(uv_write_t *write, int status)
{
    if (status < 0)
        close_connection(write->handle->data);
    free(write->data);
}

static void write_rest(struct connection *connection, const char *at,
                       size_t len)
{
    struct rest *rest = memory_alloc(sizeof(*rest) + len);
    uv_buf_t buf = uv_buf_init(rest->bytes, (unsigned)len);

    memcpy(rest->bytes, at, len);
    rest->write.data = rest;
    if (uv_write(&rest->write, (uv_stream_t *)&connection->tcp, &buf, 1,
                 on_written) == 0)
        return;
    free(rest);
    close_connection(connection);
}

static void write_answers(struct connection *connection)
{
    struct bare *bare = connection->bare;
    size_t len = (size_t)connection->complete * ANSWER_SIZE;
    uv_buf_t buf = uv_buf_init(bare->answers, (unsigned)len);

    int written = uv_try_write((uv_stream_t *)&connection->tcp, &buf, 1);
    if (written < 0 && written != UV_EAGAIN) {
        close_connection(connection);
        return;
    }
    size_t done = written < 0 ? 0 : (size_t)written;
    if (done < len)
        write_rest(connection, bare->answers + done, len - done);
}

static void give_memory(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct connection *connection = handle->data;

    (void)suggested;
    *buf = uv_buf_init(connection->bare->read, READ_SIZE);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct connection *connection = stream->data;

    if (len == 0)
        return;
    if (len < 0) {
        close_connection(connection);
        return;
    }
    connection->complete = 0;
    enum llhttp_errno err =
        llhttp_execute(&connection->parser, buf->base, (size_t)len);
    if (connection->complete > 0)
        write_answers(connection);
    if (err != HPE_OK)
        close_connection(connection);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct bare *bare = listener->data;
    if (status < 0)
        return;

    struct connection *connection = memory_alloc(sizeof(*connection));
    connection->bare = bare;
    connection->tcp.data = connection;
    uv_tcp_init(listener->loop, &connection->tcp);
    llhttp_init(&connection->parser, HTTP_REQUEST, &bare->settings);
    connection->parser.data = connection;
    uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
    if (uv_accept(listener, stream) != 0 ||
        uv_read_start(stream, give_memory, on_read) != 0) {
        close_connection(connection);
        return;
    }
    uv_tcp_nodelay(&connection->tcp, 1);
}

static int listen_at(struct bare *bare, uv_loop_t *loop, int port)
{
    struct sockaddr_in address;
    int len = sizeof(address);

    uv_tcp_init(loop, &bare->listener);
    bare->listener.data = bare;
    int rc = uv_ip4_addr("127.0.0.1", port, &address);
    if (!rc)
        rc = uv_tcp_bind(&bare->listener, (struct sockaddr *)&address, 0);
    if (!rc)
        rc = uv_listen((uv_stream_t *)&bare->listener, BACKLOG, on_connection);
    if (!rc)
        rc = uv_tcp_getsockname(&bare->listener, (struct sockaddr *)&address,
                                &len);
    if (rc) {
        fprintf(stderr, "bare: %s\n", uv_strerror(rc));
        return 1;
    }
    printf("listening on http://127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    uv_loop_t loop;
    struct bare *bare = memory_alloc(sizeof(*bare));
    int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0;

    bare->answers = memory_alloc((size_t)ANSWERS_MAX * ANSWER_SIZE);
    for (size_t i = 0; i < ANSWERS_MAX; i++)
        memcpy(bare->answers + i * ANSWER_SIZE, answer, ANSWER_SIZE);
    llhttp_settings_init(&bare->settings);
    bare->settings.on_message_complete = on_message_complete;
    signal(SIGPIPE, SIG_IGN);
    if (uv_loop_init(&loop) != 0 || listen_at(bare, &loop, port) != 0)
        return 1;
    return uv_run(&loop, UV_RUN_DEFAULT);
}
