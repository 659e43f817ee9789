/*
 * source.h - where users come from: stores, and pages as a source (spec B.7.2,
 * B.7.3, D.12).
 *
 * Pages are counted without what differs from visitor to visitor: the scheme
 * and a leading `www.`, the parameters `_ga` and `utm_*`, slashes at the end.
 * Of a search engine's page the only parameter that stays is what was
 * searched for.
 */
#ifndef METRICS_SOURCE_H
#define METRICS_SOURCE_H

#include <stdbool.h>

#include "engine/text.h"
#include "metrics/draft.h"
#include "metrics/json.h"

/* Adds the page to the draft; nothing when the URL names none. */
void source_draft_page(struct text url, struct draft *draft);

/* Adds the words that were searched for to the draft, of a source as it is
 * counted: a page of a search engine, with its dots as `&#46;`. False when it
 * is something else or has no words. */
bool source_draft_words(struct text source, struct draft *draft);

/* Writes the object of the sources that are known with their names: stores by
 * package, search engines by what their host is called. The list is ours. */
void source_write_all(struct json *json);

#endif
