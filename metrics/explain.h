/*
 * explain.h - what a request of an SDK would do, as JSON, without doing it.
 *
 * It is decided as any other (ingest.h); then its effects are told and
 * forgotten, ids and ordinals that they give out among them.
 */
#ifndef METRICS_EXPLAIN_H
#define METRICS_EXPLAIN_H

#include "engine/buffer.h"
#include "metrics/ingest.h"
#include "metrics/tally.h"

/* Writes the answer's body to `out` and returns its status: ANSWER_OK, or 503
 * when stored data cannot be read. Parameters of the call that are not the
 * request's (explain, api_key, auth_token, app_id) are left out of what is
 * hashed and checked, as far as they stand in the query or in a form. */
int explain(struct tally *tally, const struct ingest *request,
            struct buffer *out);

#endif
