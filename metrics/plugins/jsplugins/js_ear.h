/*
 * js_ear.h - what Node says, on the socket's thread.
 */
#ifndef METRICS_PLUGINS_JSPLUGINS_JS_EAR_H
#define METRICS_PLUGINS_JSPLUGINS_JS_EAR_H

#include "metrics/plugins/jsplugins/jsplugins.h"

/* Takes over a message. */
void js_ear_hear(struct jsplugins *js, cJSON *message);

/* Lets the owner go on with a job that was answered, or that nobody answers. */
void js_ear_wake(struct jsplugins *js, const struct js_job *job);

/* A plugin was late: too often in a row, and it is suspended. */
void js_ear_blame(struct jsplugins *js, const char *plugin);

#endif
