/*
 * mongo.h - values of MongoDB's extended JSON, as mongoexport writes them.
 *
 * Numbers come plain or as {"$numberLong": "5"}, {"$numberInt": ...},
 * {"$numberDouble": ...}; ids plain or as {"$oid": "..."}; times as numbers
 * of seconds or milliseconds or as {"$date": ...}.
 */
#ifndef METRICS_MONGO_H
#define METRICS_MONGO_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/text.h"

enum { MONGO_LINE_MAX = 64 << 20 }; /* bytes of a document; Mongo's are 16 MB */

/* The document of one line, or NULL when it is not one well-formed object.
 * Free it with cJSON_Delete(). */
cJSON *mongo_parse(struct text line);

/* A number, cut to an integer; false when it is none.
 * `value` may be NULL, here and below. */
bool mongo_int(const cJSON *value, int64_t *number);

/* An id or a plain string, borrowed; NULL when it is neither. */
const char *mongo_id(const cJSON *value);

/* UTC seconds that fit a u32; 0 when it is no such time. */
uint32_t mongo_seconds(const cJSON *value);

#endif
