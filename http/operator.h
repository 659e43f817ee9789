/*
 * operator.h - management calls with the rights of whoever owns the data
 * directory.
 *
 * When the directory is free the call is decided and made durable here, in
 * this process; when a server has it, the server is asked through its control
 * socket. Either way the answer is the same.
 */
#ifndef HTTP_OPERATOR_H
#define HTTP_OPERATOR_H

#include "engine/buffer.h"
#include "engine/error.h"
#include "engine/text.h"
#include "http/config.h"
#include "metrics/tally.h"

enum { OPERATOR_ANSWER_MAX = 32 << 20 };

struct operator_call {
    const struct config *config;
    const char *path;                /* /i/apps/create and its like */
    struct text args;                /* JSON; may be empty */
    int status;                      /* of the answer, as HTTP has it */
    struct buffer out;               /* its body, as with raw=1 */
    char reason[CONFIG_REASON_SIZE]; /* of a failure, one line */
};

/* Makes the call; config, path and args are set. Whatever it returns, `out`
 * is to be finished. Reading calls do not make a directory that does not
 * exist: TALLY_ERR_NOT_FOUND. TALLY_ERR_DENIED for a directory of another
 * user; TALLY_ERR_IN_USE when the server does not answer; what engine_open(),
 * tally_open() and tally_apply() return. */
TALLY_MUST_CHECK
enum tally_err operator_ask(struct operator_call *call);

/* The same for a call that only a running server can make, with this patience
 * for its answer. */
TALLY_MUST_CHECK
enum tally_err operator_ask_server(struct operator_call *call,
                                   unsigned timeout_ms);

/* Adds a text as a form has it, percent-encoded. */
void operator_add_encoded(struct buffer *form, struct text text);

/* False, with `reason`, when the directory does not exist. */
bool operator_has_directory(const struct config *config,
                            char reason[static CONFIG_REASON_SIZE]);

/* Opens the directory for this process alone, as the calls do. `reason` is of
 * a failure. */
TALLY_MUST_CHECK
enum tally_err operator_open(const struct config *config,
                             struct engine **engine,
                             char reason[static CONFIG_REASON_SIZE]);

/* Loads what is stored in it, with the metrics of the configuration. `reason`
 * is of a failure. */
TALLY_MUST_CHECK
enum tally_err operator_load(const struct config *config, struct engine *engine,
                             struct tally **tally,
                             char reason[static CONFIG_REASON_SIZE]);

#endif
