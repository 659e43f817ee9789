/*
 * language.h - the English names of languages, as they are counted (spec
 * B.7.3, 0.4.21), from Debian's iso-codes at build time.
 */
#ifndef METRICS_LANGUAGE_H
#define METRICS_LANGUAGE_H

#include "metrics/json.h"

/* Writes the object of all codes with their names. */
void language_write_all(struct json *json);

#endif
