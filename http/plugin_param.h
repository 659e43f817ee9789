/*
 * plugin_param.h - properties of `params` that only the wire knows: files,
 * req, urlParts.
 */
#ifndef HTTP_PLUGIN_PARAM_H
#define HTTP_PLUGIN_PARAM_H

#include <stdbool.h>

#include "http/exchange.h"
#include "metrics/json.h"

/* False for a property of another name, and where there is none. */
bool plugin_param_write(const struct exchange *exchange, struct text name,
                        struct json *json);

#endif
