/*
 * detail.h - the `user_details` of a request (spec B.10).
 */
#ifndef METRICS_DETAIL_H
#define METRICS_DETAIL_H

#include <cjson/cJSON.h>

#include "engine/arena.h"
#include "engine/error.h"
#include "metrics/params.h"
#include "metrics/person.h"
#include "metrics/tally.h"

/* Changes the person's properties as the request says; nothing happens when it
 * says nothing, or nothing that can be read. TALLY_ERR_CORRUPT, TALLY_ERR_IO;
 * TALLY_ERR_TOO_BIG. */
TALLY_MUST_CHECK
enum tally_err detail_record(struct tally *tally, struct arena *arena,
                             const struct params *params,
                             struct person *person);

/* The same with one function that changes the properties. */
struct properties;
typedef void (*detail_fn)(struct properties *properties, const cJSON *given);
TALLY_MUST_CHECK
enum tally_err detail_change(struct tally *tally, struct arena *arena,
                             struct person *person, detail_fn change,
                             const cJSON *given);

#endif
