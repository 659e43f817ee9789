/*
 * js_op.h - what is done to documents: a list of [name, collection, id], or
 * [name, collection, id, text]. All documents are of no app.
 *
 * `get` has the document's text for its result, or null, `each` a page of
 * those whose ids begin with the id and follow the text; `put` and `erase`
 * have null.
 */
#ifndef METRICS_PLUGINS_JSPLUGINS_JS_OP_H
#define METRICS_PLUGINS_JSPLUGINS_JS_OP_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "metrics/plugins/jsplugins/js_text.h"

/* Whether any of a list changes documents. */
bool js_ops_change(const cJSON *ops);

/* Carries out a list and adds `"results": [...]`; a failure (TALLY_E_) ends
 * it. */
int js_ops_carry_out(const struct tally_host *host, const cJSON *ops,
                     struct tally_call *call, struct js_text *text);

/* Whether the last change of a list is there. */
bool js_ops_are_stored(const struct tally_host *host, const cJSON *ops,
                       struct tally_call *call);

#endif
