/*
 * user_condition.h - the inside of a query for users.
 *
 * For user_query.c, which reads them, and user_match.c, which asks them.
 */
#ifndef METRICS_USER_CONDITION_H
#define METRICS_USER_CONDITION_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "metrics/user_query.h"

enum field_kind {
    FIELD_ORDINAL, /* uid and did: numbers of users */
    FIELD_APP_USER_ID,
    FIELD_NUMBER,
    FIELD_FLAG,
    FIELD_VALUE, /* of a metric: numbers of values */
    FIELD_PROPERTY,
};

enum comparison {
    COMPARE_IN, /* equality too */
    COMPARE_GT,
    COMPARE_GTE,
    COMPARE_LT,
    COMPARE_LTE,
};

struct condition {
    enum field_kind kind;
    enum comparison comparison;
    const char *name;     /* borrowed from the tree */
    bool is_custom;       /* FIELD_PROPERTY: name without the prefix */
    uint32_t set;         /* FIELD_VALUE */
    size_t offset;        /* FIELD_NUMBER: in struct user */
    bool is_long;         /* and whether it has 64 bits */
    const cJSON *operand; /* one value, or of $in an array */
    double bound;         /* of the other comparisons */
    uint32_t *numbers;    /* FIELD_ORDINAL, FIELD_VALUE */
    size_t count;
};

struct user_query {
    cJSON *tree;
    struct condition list[USER_QUERY_CONDITIONS_MAX];
    unsigned count;
};

#endif
