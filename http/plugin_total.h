/*
 * plugin_total.h - /o/method/total_users: plugins name metrics and say who
 * counts (spec D.6, F.2).
 */
#ifndef HTTP_PLUGIN_TOTAL_H
#define HTTP_PLUGIN_TOTAL_H

#include "engine/error.h"
#include "engine/text.h"
#include "http/read.h"

/* What total_users is about: what the request says, and plugins may change. */
struct plugin_total {
    const struct metric *metric; /* NULL: users */
    struct text filter;
};

/* Fires the hook when somebody listens. TALLY_ERR_FULL when there is no room
 * for what handlers changed, TALLY_ERR_TOO_BIG. */
TALLY_MUST_CHECK
enum tally_err plugin_total_ask(const struct read *read,
                                struct plugin_total *total);

#endif
