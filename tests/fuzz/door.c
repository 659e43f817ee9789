#include "door.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../scratch.h"
#include "engine/dictionary.h"
#include "http/journal.h"
#include "http/service.h"
#include "metrics/kind.h"
#include "target.h"

enum { PATIENCE_S = 20, PART = 4096 };

static struct config config;
static struct service service;
static pid_t owner;

/* Not in a process that was forked off. */
static void remove_data(void)
{
    if (getpid() == owner)
        scratch_remove_tree(config.data);
}

/* With an id that inputs can know. */
static void make_app(void)
{
    static const char document[] =
        "{\"_number\":1,\"_id\":\"" DOOR_APP_ID "\",\"name\":\"a\","
        "\"key\":\"k1\",\"country\":\"TR\",\"timezone\":\"UTC\","
        "\"category\":\"6\",\"type\":\"mobile\"}";
    struct batch *batch = &service.tally->batch;
    uint32_t number;

    TARGET_REQUIRE(dictionary_next_app(service.engine, batch, &number) ==
                       TALLY_OK &&
                   number == 1);
    effect_put_document(batch, KIND_APP, text_of(DOOR_APP_ID),
                        text_of(document));
    TARGET_REQUIRE(tally_apply(service.tally) == TALLY_OK);
}

static void open_door(void)
{
    const char *base = getenv("TMPDIR");

    owner = getpid();
    config_init(&config);
    snprintf(config.data, sizeof(config.data), "%s/tally-fuzz-XXXXXX",
             base ? base : "/tmp");
    TARGET_REQUIRE(mkdtemp(config.data));
    snprintf(config.listen, sizeof(config.listen), "127.0.0.1:0");
    config.io_threads = 1;
    config.store.overlay = 16 << 20;
    config.store.slot_bytes = 1 << 20;
    config.http.header_ms = config.http.body_ms = 1000;
    journal_set_level(JOURNAL_ERROR);
    atexit(remove_data);
    TARGET_REQUIRE(service_open(&service, &config, DOOR_ADMIN_KEY) == TALLY_OK);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    make_app();
}

static int dial(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    snprintf(name.sun_path, sizeof(name.sun_path), "%.90s/" CONFIG_SOCKET,
             config.data);
    TARGET_REQUIRE(connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0);
    return fd;
}

/* Sends what is left as far as it goes; false when nobody takes it. */
static bool send_some(int fd, struct text *rest)
{
    ssize_t sent = send(fd, rest->at, rest->len, MSG_NOSIGNAL);

    if (sent < 0)
        return errno == EAGAIN;
    *rest = (struct text){rest->at + sent, rest->len - (size_t)sent};
    if (rest->len == 0)
        shutdown(fd, SHUT_WR);
    return true;
}

/* Takes what is there; false at the end. */
static bool take_some(int fd, struct buffer *answers)
{
    char part[PART];
    ssize_t len;

    while ((len = recv(fd, part, sizeof(part), 0)) > 0)
        buffer_add(answers, part, (size_t)len);
    return len < 0 && errno == EAGAIN;
}

/* Lets the server work, or sleeps until there is something to do. */
static void work(int fd)
{
    struct pollfd waited[] = {
        {.fd = fd, .events = POLLIN},
        {.fd = uv_backend_fd(service.loop), .events = POLLIN}};

    poll(waited, 2, uv_backend_timeout(service.loop) == 0 ? 0 : 1);
    uv_run(service.loop, UV_RUN_NOWAIT);
}

/* A backup would write wherever the input says. */
static bool is_harmless(struct text bytes)
{
    static const char path[] = "/i/backup";

    return bytes.len == 0 ||
           !memmem(bytes.at, bytes.len, path, sizeof(path) - 1);
}

bool door_talk(struct text bytes, struct buffer *answers)
{
    time_t end = time(NULL) + PATIENCE_S;

    if (!is_harmless(bytes))
        return false;
    if (!service.loop)
        open_door();
    int fd = dial();
    bool is_heard = bytes.len > 0;
    if (!is_heard)
        shutdown(fd, SHUT_WR);
    do {
        if (is_heard && bytes.len > 0)
            is_heard = send_some(fd, &bytes);
        uv_run(service.loop, UV_RUN_NOWAIT);
        work(fd);
        TARGET_REQUIRE(time(NULL) < end);
    } while (take_some(fd, answers));
    close(fd);
    uv_run(service.loop, UV_RUN_NOWAIT);
    TARGET_REQUIRE(!service.failed);
    return true;
}

/* The number in the Content-Length of a head; 0 without one. */
static size_t length_in(struct text head)
{
    static const char name[] = "\r\nContent-Length: ";
    const char *found = memmem(head.at, head.len, name, sizeof(name) - 1);

    return found ? strtoul(found + sizeof(name) - 1, NULL, 10) : 0;
}

unsigned door_count(struct text answers)
{
    unsigned count = 0;

    while (answers.len > 0) {
        const char *end = memmem(answers.at, answers.len, "\r\n\r\n", 4);
        TARGET_REQUIRE(text_has_prefix(answers, "HTTP/1.1 ") && end);
        size_t head = (size_t)(end - answers.at) + 4;
        size_t body = length_in((struct text){answers.at, head});
        TARGET_REQUIRE(answers.len - head >= body);
        answers.at += head + body;
        answers.len -= head + body;
        count++;
    }
    return count;
}
