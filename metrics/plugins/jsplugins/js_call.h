/*
 * js_call.h - hooks on their way to Node.
 */
#ifndef METRICS_PLUGINS_JSPLUGINS_JS_CALL_H
#define METRICS_PLUGINS_JSPLUGINS_JS_CALL_H

#include "metrics/tally_plugin.h"

/* The handler of all hooks; `user` is the struct js_hook. */
int js_call_on_hook(struct tally_call *call, void *hook);

#endif
