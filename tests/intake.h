/*
 * intake.h - what tests of the rules stand on: an engine in a directory of
 * its own, a tally with one app or more, requests as JSON, and a look at what
 * has been counted.
 */
#ifndef TESTS_INTAKE_H
#define TESTS_INTAKE_H

#include <check.h>
#include <stdint.h>

#include "engine/counter.h"
#include "metrics/moment.h"
#include "metrics/set.h"
#include "metrics/tally.h"
#include "metrics/user.h"

#define INTAKE_SUCCESS "{\"result\":\"Success\"}"
#define INTAKE_DUPLICATE                                             \
    "{\"result\":\"Success\",\"info\":\"Request ignored: Duplicate " \
    "request\"}"

enum { INTAKE_APP = 1, INTAKE_WAIT_MS = 20000 };

struct intake_options {
    const char *zone;     /* of the app; NULL: UTC */
    size_t overlay_bytes; /* 0: the engine's default */
    const char *more;     /* members of the app's document, each with a
                             comma before it; NULL: none */
};

extern struct engine *intake_engine;
extern struct tally *intake_tally;

/* Opens everything, with one app of key "k1" and number INTAKE_APP. */
void intake_open(const struct intake_options *options);
void intake_close(void);

/* Closes the engine and opens it again. */
void intake_reopen(void);
void intake_checkpoint(void);

/* Adds another app; its number. `zone` and `more` as in the options. */
uint32_t intake_add_app(const char *id, const char *key, const char *zone,
                        const char *more);

/* The app that counters and users are read of; the first one at first. */
extern uint32_t intake_app;

/* Sends the JSON object as the body of a request at `now` (seconds). The body
 * of the answer lives until the next call; its status goes to
 * intake_status. */
const char *intake_send(int64_t now, const char *json);
extern int intake_status;

/* The same with a body made by printf; the answer must be a Success. */
__attribute__((format(printf, 2, 3))) void intake_ok(int64_t now,
                                                     const char *format, ...);

/* While this is true requests do not turn the engine: it fills. */
extern bool intake_never_turns;

/* Sends `requests` (JSON) as a bulk call of app k1; or of another one, with a
 * checksum256. */
const char *intake_bulk(int64_t now, const char *requests);
const char *intake_bulk_signed(int64_t now, const char *key,
                               const char *requests, const char *checksum256);

/* Counters. `name`: the value's name; of bucket sets the bucket's number;
 * NULL: the set as a whole. */
int64_t intake_day(enum set set, const char *name, int32_t day,
                   enum cell_field field);
int64_t intake_hour(int32_t day, unsigned hour, enum cell_field field);
int64_t intake_year(enum set set, const char *name, int year, int slot);

/* Everything that is counted, as sorted lines with names; free() it.
 *
 *   hour <day> <hour> <field>: <number>     field: enum cell_field
 *   day <set> <name> <day> <field>: <number>
 *   year <set> <name> <year> <slot>: <number>
 *   active <set> <name> <day>: <distinct users>
 *
 * The name of a bucket is # and its number + 1, that of the whole #0. */
char *intake_dump(void);

/* Distinct users active with a value (NULL: at all) on a day, merged. */
int intake_active(enum set set, const char *name, int32_t day);

/* The record of a device's user; false when there is none. */
bool intake_user(const char *did, struct user *user);
uint32_t intake_ordinal(const char *did);

/* Users ever of an app; records of a keyed table. */
uint32_t intake_users(uint32_t app);
unsigned intake_records(enum table table);

/* The user's last value of a set, "" for none. Until the next call. */
const char *intake_value(const char *did, enum set set);

/* Fails the test with the report when the audit finds anything. */
void intake_audit(void);

#endif
