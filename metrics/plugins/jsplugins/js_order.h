/*
 * js_order.h - what Node wants of a call: that it goes on, changed or not, is
 * answered, or is validated first.
 */
#ifndef METRICS_PLUGINS_JSPLUGINS_JS_ORDER_H
#define METRICS_PLUGINS_JSPLUGINS_JS_ORDER_H

#include "metrics/tally_plugin.h"

/* Goes on with a call that Node was asked about; `user` is the struct js_job.
 */
int js_order_next(struct tally_call *call, void *job);

#endif
