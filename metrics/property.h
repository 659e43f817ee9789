/*
 * property.h - what clients tell of a user besides metrics: the standard
 * properties (name, email and their like) and custom ones (spec B.10).
 *
 * They are kept in the cold record as one JSON object:
 *
 *   {"name": "Ann", "byear": 1987, "custom": {"visits": 3, "tags": ["a"]}}
 *
 * What is unfit (too long, of a wrong type, one more than there is room for)
 * is left out; nothing is ever refused.
 */
#ifndef METRICS_PROPERTY_H
#define METRICS_PROPERTY_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "engine/arena.h"
#include "engine/buffer.h"
#include "engine/error.h"
#include "engine/text.h"

enum {
    PROPERTY_CUSTOM_MAX = 100,      /* custom properties of a user */
    PROPERTY_KEY_MAX = 128,         /* bytes of a custom property's name */
    PROPERTY_VALUE_MAX = 1024,      /* bytes of a text */
    PROPERTY_BYTES_MAX = 32 * 1024, /* of the whole object */
    PROPERTY_NUMERIC_MAX = 16,      /* longer digits stay text */
};

/* A user's properties while they are changed. */
struct properties {
    cJSON *root;
    size_t size; /* bytes of JSON text, about */
    unsigned list_limit;
    bool changed;
    struct buffer scratch; /* private */
};

/* Which of them. */
struct property {
    const char *name;
    bool is_custom;
};

/* Reads the object; an empty text has none. `list_limit`: elements of an
 * array. TALLY_ERR_CORRUPT: there is nothing to finish. */
TALLY_MUST_CHECK
enum tally_err properties_read(struct properties *properties,
                               struct text object, unsigned list_limit);
void properties_finish(struct properties *properties);

/* The object as text in the arena, empty when there are no properties.
 * TALLY_ERR_TOO_BIG at the arena's limit. */
TALLY_MUST_CHECK
enum tally_err properties_write(struct properties *properties,
                                struct arena *arena, struct text *object);

/* Fills in what `other` has and the object lacks, key by key; arrays are
 * united (spec B.12). TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err properties_merge(struct properties *properties,
                                struct text other);

bool property_is_standard(const char *name);

/* NULL when the user has none. */
const cJSON *property_find(const struct properties *properties,
                           const struct property *property);

/* A value as it is stored, made of what a client gave: numeric texts are
 * numbers, arrays are cut. NULL when it is unfit. */
cJSON *property_value(const struct properties *properties,
                      const struct property *property, const cJSON *given);

/* Sets a property to a value, which is the callee's from then on; NULL removes
 * it. A value that has no room is dropped, the old one stays. */
void property_put(struct properties *properties,
                  const struct property *property, cJSON *value);

/* The number that a JSON number or a numeric text of at most
 * PROPERTY_NUMERIC_MAX bytes is. */
bool property_number(const cJSON *given, double *number);

/* Is it null, or empty text? Then it removes. */
bool property_is_nothing(const cJSON *given);

#endif
