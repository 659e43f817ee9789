/*
 * country.h - the English names of countries (spec 0.4.21), from Debian's
 * iso-codes at build time.
 */
#ifndef METRICS_COUNTRY_H
#define METRICS_COUNTRY_H

#include "engine/text.h"

/* The name of a code of two letters, upper case; "Unknown" when there is
 * none. A constant. */
struct text country_name(struct text code);

#endif
