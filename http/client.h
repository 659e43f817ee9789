/*
 * client.h - one HTTP/1.1 request to the server of this machine, through its
 * Unix socket. Blocks; every size and the whole time are bounded.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "engine/buffer.h"
#include "engine/error.h"
#include "engine/text.h"

enum {
    CLIENT_TIMEOUT_MS = 10000,    /* what most calls are given */
    CLIENT_ANSWER_MAX = 64 << 20, /* bytes with the head */
};

struct client_request {
    const char *socket;  /* path of the socket */
    const char *target;  /* path, and query if any; sent as it is */
    struct text form;    /* body, application/x-www-form-urlencoded */
    unsigned timeout_ms; /* for all of it */
};

/* Sends a POST and appends the answer's body to `body`. TALLY_ERR_NOT_FOUND
 * when nobody listens there; TALLY_ERR_IO when there is no whole answer in
 * time; TALLY_ERR_INVALID when it is none; TALLY_ERR_TOO_BIG. */
TALLY_MUST_CHECK
enum tally_err client_post(const struct client_request *request, int *status,
                           struct buffer *body);

/* Takes the next part of an answer; false: it cannot be kept. */
typedef bool (*client_take_fn)(void *user, struct text part);

/* The same for an answer of any length: with status 200 its body goes to `take`
 * part by part, with another one it is appended to `refusal`. The patience is
 * for each part. TALLY_ERR_IO also when the answer breaks off or cannot be
 * kept. */
TALLY_MUST_CHECK
enum tally_err client_fetch(const struct client_request *request, int *status,
                            client_take_fn take, void *user,
                            struct buffer *refusal);

#endif
