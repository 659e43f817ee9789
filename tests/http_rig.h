/*
 * http_rig.h - a server on a thread of its own, and raw sockets to it.
 *
 * What its handler does with a path:
 *   /echo, /i/bulk  answers what the exchange holds, as JSON
 *   /lsn            answers the parameter n, dependent on that number
 *   /later          answers at rig_release()
 *   /big            answers n bytes
 *   /text           answers as text/plain, with a field added
 *   /busy           answers 503
 * With RIG_THREADS=N in the environment N threads serve, and the handler is
 * called on the loop that owns them.
 *
 * All of it fails the test when something does not come within seconds.
 */
#ifndef TESTS_HTTP_RIG_H
#define TESTS_HTTP_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/text.h"
#include "http/server.h"

/* Requests as literals. */
#define RIG_HOST "Host: tally.example\r\n"
#define RIG_GET(target) "GET " target " HTTP/1.1\r\n" RIG_HOST "\r\n"
#define RIG_POST(target, fields, length)                                      \
    "POST " target " HTTP/1.1\r\n" RIG_HOST fields "Content-Length: " #length \
    "\r\n\r\n"

enum { RIG_REPLY_MAX = 64 * 1024 };

struct rig_reply {
    int status;
    char head[4096]; /* with the empty line */
    char body[RIG_REPLY_MAX];
};

/* Starts and stops the server of the test. */
void rig_start(const struct server_limits *limits);
void rig_stop(void);

void rig_set_durable(uint64_t lsn);

/* Answers the oldest exchange that /later has parked, or else the next. */
void rig_release(void);

/* Begins to drain; rig_is_drained() tells whether that is over. */
void rig_drain(unsigned patience_ms);
bool rig_is_drained(void);

/* A connection to the server; rig_connect_local() takes the Unix socket. */
int rig_connect(void);
int rig_connect_local(void);

void rig_send(int fd, struct text bytes);
void rig_send_string(int fd, const char *string);

/* Reads one answer; false when the server closes instead. */
bool rig_read(int fd, struct rig_reply *reply);

/* The same without a body, whatever the head says: the answer to HEAD. */
bool rig_read_head(int fd, struct rig_reply *reply);

/* Sends and reads one answer, which must come. */
void rig_ask(int fd, const char *request, struct rig_reply *reply);

/* True when nothing comes for a moment. */
bool rig_is_silent(int fd);

/* True when nothing but the end comes. */
bool rig_is_closed(int fd);

/* True when the head of the answer has the line `field`. */
bool rig_has_field(const struct rig_reply *reply, const char *field);

#endif
