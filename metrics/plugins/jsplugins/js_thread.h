/*
 * js_thread.h - the thread that speaks to Node, and looks after the process.
 */
#ifndef METRICS_PLUGINS_JSPLUGINS_JS_THREAD_H
#define METRICS_PLUGINS_JSPLUGINS_JS_THREAD_H

#include "metrics/plugins/jsplugins/jsplugins.h"

/* Starts the process and hears its hello, without a thread. False: there is
 * none, the log says why. */
bool js_thread_greet(struct jsplugins *js);

/* On the owner's thread, once init is over; again it does nothing. */
void js_thread_start(struct jsplugins *js);

/* Ends thread and process, as far as there are any. */
void js_thread_stop(struct jsplugins *js);

#endif
