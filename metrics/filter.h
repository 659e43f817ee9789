/*
 * filter.h - which users a read is about: those who were active with certain
 * values of metrics (spec D.6, D.10).
 *
 * {"os":"Android","app_versions":["2:0","2:1"]}: all members must be met, each
 * by one of its values, on any of the days asked for and not necessarily on
 * the same one. Members are named as in total_users or by a short code of the
 * user's properties. A value that nobody ever had is met by nobody.
 */
#ifndef METRICS_FILTER_H
#define METRICS_FILTER_H

#include <stdint.h>

#include "engine/engine.h"
#include "engine/error.h"
#include "engine/ordinals.h"
#include "engine/reader.h"
#include "engine/text.h"
#include "metrics/catalog.h"
#include "metrics/cover.h"

enum {
    FILTER_MEMBERS_MAX = 16,
    FILTER_VALUES_MAX = 100, /* of one member */
};

struct filter_member {
    uint32_t set;
    unsigned count;
    uint32_t values[FILTER_VALUES_MAX]; /* sorted */
};

/* Without members: everybody with a session. */
struct filter {
    uint32_t app;
    unsigned count;
    struct filter_member members[FILTER_MEMBERS_MAX + 1]; /* and an event */
};

/* On the loop thread: reads a filter of an app; empty text is one without
 * members. NULL, else what is wrong with it, for the client; *err tells of
 * failures of the engine. */
const char *filter_read(const struct catalog *catalog, struct engine *engine,
                        uint32_t app, struct text json, struct filter *filter,
                        enum tally_err *err);

/* On the loop thread: adds that a value of any set must have been seen; it has
 * no id when nobody had it. TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err filter_require(struct engine *engine, struct filter *filter,
                              uint32_t set, struct text value);

/* On the loop thread: what filter_users() of these days reads. */
void filter_capture(const struct filter *filter, struct reader *reader,
                    const struct span *span);

/* Adds who meets one member on the days of a span. TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err filter_member_users(const struct filter *filter, unsigned member,
                                   struct reader *reader,
                                   const struct span *span,
                                   struct ordinals *users);

/* How many parts a filter has of which a user must be in each: its members, or
 * one that is everybody. */
unsigned filter_parts(const struct filter *filter);

/* Fills an empty set with who passes the filter on the days of a span. Errors
 * as above, with some of them. */
TALLY_MUST_CHECK
enum tally_err filter_users(const struct filter *filter, struct reader *reader,
                            const struct span *span, struct ordinals *users);

#endif
