/*
 * js_message.h - what is said to Node.
 */
#ifndef METRICS_PLUGINS_JSPLUGINS_JS_MESSAGE_H
#define METRICS_PLUGINS_JSPLUGINS_JS_MESSAGE_H

#include "metrics/plugins/jsplugins/jsplugins.h"

/* A call of a hook, with what there is of its payload. Id 0: nobody waits. */
void js_message_call(struct js_text *text, const struct js_hook *hook,
                     struct tally_call *call, uint64_t id);

/* The one who asks has been validated: what is known of him and the app. */
void js_message_validated(struct jsplugins *js, struct tally_call *call,
                          uint64_t id);

/* Nothing will come of a call any more. */
void js_message_gone(struct jsplugins *js, uint64_t id);

/* Documents can be read and changed from now on. */
void js_message_go(struct jsplugins *js);

void js_message_suspend(struct jsplugins *js, const char *plugin,
                        bool is_suspended);

void js_message_ping(struct jsplugins *js);

/* The first one: settings and the files of the host. */
void js_message_boot(struct jsplugins *js, struct js_text *text);

#endif
