/*
 * js_document.h - documents that Node reads and changes: orders, each of which
 * is carried out on the owner's thread as a whole.
 *
 * An order that changes something is answered when that is stored. The server
 * does not say when that is, it may call the function again if there was no
 * room: so a second function, posted behind the first, looks.
 */
#ifndef METRICS_PLUGINS_JSPLUGINS_JS_DOCUMENT_H
#define METRICS_PLUGINS_JSPLUGINS_JS_DOCUMENT_H

#include "metrics/plugins/jsplugins/jsplugins.h"

struct js_documents *js_documents_create(void);

/* NULL is a no-op. */
void js_documents_destroy(struct js_documents *documents);

/* Takes over {number, ops: [[name, collection, ...], ...]}. On the socket's
 * thread. */
void js_documents_order(struct jsplugins *js, cJSON *message);

#endif
