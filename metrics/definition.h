/*
 * definition.h - a metric as those who add one describe it (spec B.7.4, F.2
 * `/session/metrics`), and the document that keeps its set's number.
 *
 *   {"number": 64, "db": "mymetric", "name": "_mymetric", "set": "mymetric",
 *    "short_code": "mymetric", "custom": true}
 *
 * The document (KIND_METRIC) is named by db and set, with a blank between
 * them. It stays when the metric goes: whoever adds it again goes on with what
 * was counted. Only of a metric of an administrator it says all: `custom` is
 * true as long as it is there.
 */
#ifndef METRICS_DEFINITION_H
#define METRICS_DEFINITION_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/effect.h"
#include "engine/error.h"
#include "engine/text.h"
#include "metrics/metric.h"

enum {
    DEFINITION_WORD_MAX = 64, /* bytes of each of the four names */
    DEFINITION_REASON_SIZE = 400,
};

/* Texts are the caller's; the catalogue copies them. */
struct metric_definition {
    const char *db;         /* the collection; read by /o?method=<db> */
    const char *name;       /* the key in `metrics`; a plugin's may be NULL */
    const char *set;        /* its name in meta and total_users */
    const char *short_code; /* of the user's property; NULL: as the set */
    const char *alias;      /* a second name of the set; may be NULL */
    enum metric_source source;
    const struct tally_plugin *plugin; /* may be NULL */
    bool tracks_changes;               /* false: IS_USER_PROP or NO_TRACK */
    metric_value_fn value;             /* NULL: the plain value of the key */
    const void *context;               /* the function\'s; may be NULL */
    uint32_t number; /* of the set; 0: the one by db and set */
};

/* Are its names well-formed, and none of those that mean something else?
 * TALLY_ERR_INVALID: `reason` says why, as a sentence for the client. */
TALLY_MUST_CHECK
enum tally_err definition_check(const struct metric_definition *definition,
                                char reason[static DEFINITION_REASON_SIZE]);

/* Can both be at once? TALLY_ERR_EXISTS, with `reason`, when a name is taken:
 * sets and short codes are asked for in the same places. */
TALLY_MUST_CHECK
enum tally_err definition_compare(const struct metric_definition *definition,
                                  const struct metric *metric,
                                  char reason[static DEFINITION_REASON_SIZE]);

const char *definition_short_code(const struct metric_definition *definition);

/* Puts the document. */
void definition_put(struct batch *batch,
                    const struct metric_definition *definition, uint32_t number,
                    bool is_custom);

/* What a document says; texts borrow from the tree. TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err definition_read(const cJSON *document,
                               struct metric_definition *definition,
                               bool *is_custom);

#endif
