/*
 * import_app.h - apps out of Countly's collection `apps` (spec E.3).
 */
#ifndef METRICS_IMPORT_APP_H
#define METRICS_IMPORT_APP_H

#include "metrics/import.h"

/* An app that is here already stays as it is. */
void import_app_take(struct import *import, const cJSON *document);

#endif
