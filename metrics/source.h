/*
 * source.h - the web page that a visitor came from, as a source (spec B.7.3).
 *
 * Pages are counted without what differs from visitor to visitor: the scheme
 * and a leading `www.`, the parameters `_ga` and `utm_*`, slashes at the end.
 * Of a search engine's page the only parameter that stays is what was
 * searched for.
 */
#ifndef METRICS_SOURCE_H
#define METRICS_SOURCE_H

#include "engine/text.h"
#include "metrics/draft.h"

/* Adds the page to the draft; nothing when the URL names none. */
void source_draft_page(struct text url, struct draft *draft);

#endif
