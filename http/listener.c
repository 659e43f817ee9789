#include "http/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static enum tally_err from_uv(int rc)
{
    switch (rc) {
    case 0:
        return TALLY_OK;
    case UV_EINVAL:
    case UV_EADDRNOTAVAIL:
        return TALLY_ERR_INVALID;
    case UV_EADDRINUSE:
        return TALLY_ERR_IN_USE;
    case UV_EACCES:
    case UV_EPERM:
        return TALLY_ERR_DENIED;
    default:
        return TALLY_ERR_IO;
    }
}

static void listener_on_client(uv_stream_t *stream, int status)
{
    struct listener *listener = stream->data;

    if (status == 0)
        listener->on_client(listener);
}

static void listener_on_closed(uv_handle_t *handle)
{
    struct listener *listener = handle->data;

    listener->on_closed(listener);
}

void listener_close(struct listener *listener)
{
    if (listener->is_closed)
        return;
    listener->is_closed = true;
    listener->has_client = false;
    uv_close(&listener->uv.handle, listener_on_closed);
}

static int read_address(const char *host, int port,
                        struct sockaddr_storage *address)
{
    if (port < 0 || port > 65535)
        return UV_EINVAL;
    if (uv_ip4_addr(host, port, (struct sockaddr_in *)address) == 0)
        return 0;
    return uv_ip6_addr(host, port, (struct sockaddr_in6 *)address);
}

static int listen_tcp(struct listener *listener,
                      const struct sockaddr_storage *address)
{
    int rc =
        uv_tcp_bind(&listener->uv.tcp, (const struct sockaddr *)address, 0);

    return rc ? rc
              : uv_listen(&listener->uv.stream, BACKLOG, listener_on_client);
}

enum tally_err listener_open(struct listener *listener, uv_loop_t *loop,
                             const char *host, int port)
{
    struct sockaddr_storage address = {0};

    uv_tcp_init(loop, &listener->uv.tcp);
    listener->uv.handle.data = listener;
    int rc = read_address(host, port, &address);
    return from_uv(rc ? rc : listen_tcp(listener, &address));
}

/* A socket with one of these options set, or libuv's code. */
static int open_socket(int family, int option)
{
    int on = 1;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return uv_translate_sys_error(errno);
    if (setsockopt(fd, SOL_SOCKET, option, &on, sizeof(on)) == 0)
        return fd;
    int rc = uv_translate_sys_error(errno);
    close(fd);
    return rc;
}

/* Two processes of one user could share a port without knowing it. */
static int find_free(const struct sockaddr_storage *address)
{
    int fd = open_socket(address->ss_family, SO_REUSEADDR);
    int rc = 0;

    if (fd < 0)
        return fd;
    if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0)
        rc = uv_translate_sys_error(errno);
    close(fd);
    return rc;
}

static int share(struct listener *listener,
                 const struct sockaddr_storage *address)
{
    int fd = open_socket(address->ss_family, SO_REUSEPORT);

    if (fd < 0)
        return fd;
    int rc = uv_tcp_open(&listener->uv.tcp, fd);
    if (rc)
        close(fd);
    return rc ? rc : listen_tcp(listener, address);
}

enum tally_err listener_open_shared(struct listener *listener, uv_loop_t *loop,
                                    const char *host, int port, bool is_first)
{
    struct sockaddr_storage address = {0};

    uv_tcp_init(loop, &listener->uv.tcp);
    listener->uv.handle.data = listener;
    int rc = read_address(host, port, &address);
    if (!rc && is_first)
        rc = find_free(&address);
    return from_uv(rc ? rc : share(listener, &address));
}

int listener_port(const struct listener *listener)
{
    struct sockaddr_storage name;
    struct sockaddr_in v4;
    int len = sizeof(name);

    /* The port lies at the same place for both families. */
    if (uv_tcp_getsockname(&listener->uv.tcp, (struct sockaddr *)&name, &len) !=
        0)
        return 0;
    memcpy(&v4, &name, sizeof(v4));
    return ntohs(v4.sin_port);
}

/* True when somebody listens there; else the socket is a dead server's. */
static bool is_alive(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof(name.sun_path))
        return true;
    memcpy(name.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return true;
    int rc = connect(fd, (struct sockaddr *)&name, sizeof(name));
    bool is_dead = rc != 0 && errno == ECONNREFUSED;
    close(fd);
    return !is_dead;
}

/* Nobody else may write to the socket, not even for a moment. */
static int bind_local(struct listener *listener, const char *path)
{
    mode_t mask = umask(0177);
    int rc = uv_pipe_bind(&listener->uv.pipe, path);

    if (rc == UV_EADDRINUSE && !is_alive(path) && unlink(path) == 0)
        rc = uv_pipe_bind(&listener->uv.pipe, path);
    umask(mask);
    return rc ? rc
              : uv_listen(&listener->uv.stream, BACKLOG, listener_on_client);
}

enum tally_err listener_open_local(struct listener *listener, uv_loop_t *loop,
                                   const char *path)
{
    uv_pipe_init(loop, &listener->uv.pipe, 0);
    listener->uv.handle.data = listener;
    listener->is_local = true;
    return from_uv(bind_local(listener, path));
}
