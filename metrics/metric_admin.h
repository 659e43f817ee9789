/*
 * metric_admin.h - metrics that administrators add and take away while the
 * server runs (docs/api/metrics.md).
 */
#ifndef METRICS_METRIC_ADMIN_H
#define METRICS_METRIC_ADMIN_H

#include <cjson/cJSON.h>

#include "metrics/json.h"
#include "metrics/manage.h"

/* /i/metrics/create, /delete. */
int metric_admin_create(struct manage *call, const cJSON *args,
                        const struct pass *pass);
int metric_admin_delete(struct manage *call, const cJSON *args,
                        const struct pass *pass);

/* /o/metrics: all metrics that there are. */
void metric_admin_write_all(struct json *json, const struct catalog *catalog);

#endif
