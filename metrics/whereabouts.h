/*
 * whereabouts.h - where a user is when a session begins (spec B.11).
 *
 * The client says it (`country_code`, `region`, `city`, `location`), or says
 * that it does not tell (an empty `location`); what is missing an atlas may
 * know by the client's address.
 */
#ifndef METRICS_WHEREABOUTS_H
#define METRICS_WHEREABOUTS_H

#include <stdbool.h>

#include "engine/text.h"
#include "metrics/params.h"
#include "metrics/settings.h"

enum { WHEREABOUTS_COORDINATES = 32 };

/* Parts that are not known are empty. */
struct whereabouts {
    struct text country; /* ISO 3166-1, two capitals */
    struct text region;
    struct text city;
    char coordinates[WHEREABOUTS_COORDINATES]; /* "lat,lon" */
};

/* Knows the places of addresses. What `find` fills in lives until the request
 * has been decided; an address that is none has an empty place. */
struct atlas {
    void (*find)(void *user, struct text address, struct whereabouts *place);
    void *user;
};

/* Did the client say that it does not tell where it is? */
bool whereabouts_are_hidden(const struct params *params);

/* Completes the place that a request names from the atlas, which may have no
 * `find`, by its `ip_address` or else `address`. The atlas is asked only when
 * the country or the city is missing and wanted; it adds to a country that it
 * does not agree with nothing. True when it had something to say: then
 * `place` has all that is known, else what the client said. */
bool whereabouts_find(const struct params *params,
                      const struct settings *settings,
                      const struct atlas *atlas, struct text address,
                      struct whereabouts *place);

#endif
