/*
 * js_hello.h - what Node says first: its plugins, what they listen to, and the
 * metrics that they add.
 */
#ifndef METRICS_PLUGINS_JSPLUGINS_JS_HELLO_H
#define METRICS_PLUGINS_JSPLUGINS_JS_HELLO_H

#include "metrics/plugins/jsplugins/jsplugins.h"

/* Registers all of that, in init; the message is js->hello. What cannot be is
 * logged and left out. */
void js_hello_learn(struct jsplugins *js);

#endif
