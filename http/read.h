/*
 * read.h - a read of what was counted: one reading of the API for one app.
 *
 * The order of questions is that of spec 0.4.19. What may take long is read on
 * another thread: the loop opens the reader and copies what the overlay holds,
 * so that the answer is of the instant of the request.
 */
#ifndef HTTP_READ_H
#define HTTP_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "engine/text.h"
#include "http/exchange.h"
#include "http/service.h"
#include "metrics/answer.h"
#include "metrics/app.h"
#include "metrics/json.h"
#include "metrics/member.h"
#include "metrics/period.h"
#include "metrics/right.h"
#include "metrics/set.h"

struct read;

/* Both write the answer to read->json. */
typedef enum tally_err (*read_fn)(struct read *read);

/* One thing that can be read. */
struct reading {
    const char *name;    /* the method, or the path's last part */
    const char *feature; /* that the member must be allowed to read */
    read_fn begin;       /* on the loop thread */
};

/* A read on its way. What `begin` finds: */
struct read {
    struct service *service;
    struct exchange *exchange;
    const struct app *app;       /* of app_id; not for `run` */
    const struct member *member; /* who asks; not for `run` */
    bool is_limited;             /* by a token to some apps */
    struct period period;        /* of the parameters */
    struct json json;
    uint64_t lsn;

    /* What `begin` may set: */
    read_fn run;           /* finishes the answer on another thread */
    struct answer refusal; /* instead of an answer; begin returns TALLY_OK */

    /* For `run`, made by read_open() and read_question(): */
    struct reader *reader;
    void *question;

    /* private state */
    uv_work_t work;
    enum tally_err err;
};

/* Answers a request for `reading`; NULL: there is none such, `unknown` says
 * so. */
void read_start(struct service *service, struct exchange *exchange,
                const struct reading *reading, const char *unknown);

/* The same for a member that has been let in already. */
void read_start_for(struct service *service, struct exchange *exchange,
                    const struct reading *reading, const struct pass *pass);

/* The row of that name, NULL when there is none. */
const struct reading *reading_find(const struct reading *list, size_t count,
                                   struct text name);

/* Tells the name of each row. */
void reading_each(const struct reading *list, size_t count, text_fn each,
                  void *user);

/* A parameter of the request; it lives as long as the read. */
struct text read_param(const struct read *read, const char *name);
bool read_flag(const struct read *read, const char *name);

/* In `begin`: the time that the read is relative to, UTC seconds; and the
 * period `text` of an app relative to it, as read->period is. */
int64_t read_now(const struct read *read);
struct period read_period_of(const struct read *read, const struct app *app,
                             struct text text);

/* In `begin`: answers so instead; TALLY_OK. */
enum tally_err read_refuse(struct read *read, int status, const char *message);

/* Whether a set is of places that are not shown (spec D.2). */
bool read_hides(const struct read *read, enum set set);

/* In `begin`: opens the reader of the read, for `run`. TALLY_ERR_FULL when
 * too many are at work, and as reader_open(). */
TALLY_MUST_CHECK
enum tally_err read_open(struct read *read);

/* In `begin`: zeroed memory for what `run` has to know. */
void *read_question(struct read *read, size_t size);

#endif
