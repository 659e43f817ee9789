/*
 * geoip.h - places of addresses out of a file in MaxMind's format.
 *
 * The file stays open and mapped: it is replaced by another one of the same
 * name (as its updaters do), never overwritten.
 */
#ifndef HTTP_GEOIP_H
#define HTTP_GEOIP_H

#include "engine/error.h"
#include "engine/text.h"
#include "metrics/whereabouts.h"

enum { GEOIP_REASON_SIZE = 256 };

struct geoip;

/* On failure `reason` is one line for the operator. TALLY_ERR_IO for a file
 * that cannot be read, TALLY_ERR_CORRUPT for one that is damaged or none of
 * that format. */
TALLY_MUST_CHECK
enum tally_err geoip_open(const char *path, struct geoip **geoip,
                          char reason[static GEOIP_REASON_SIZE]);

/* NULL is a no-op. */
void geoip_close(struct geoip *geoip);

/* The atlas's `find`, with the geoip as its user: country, region (the code
 * of the first subdivision), English name of the city, coordinates. What it
 * finds lives as long as the geoip. */
void geoip_find(void *geoip, struct text address, struct whereabouts *place);

#endif
