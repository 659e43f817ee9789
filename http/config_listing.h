/*
 * config_listing.h - the configuration for people and scripts to read.
 */
#ifndef HTTP_CONFIG_LISTING_H
#define HTTP_CONFIG_LISTING_H

#include "http/config.h"

/* Adds every key with its value and origin: lines that are a configuration
 * file, or one JSON object {key: {value, origin}}. */
void config_listing_dump(const struct config *config, bool as_json,
                         struct buffer *out);

/* Adds the keys as flags, with their defaults. */
void config_listing_help(struct buffer *out);

#endif
