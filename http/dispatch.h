/*
 * dispatch.h - from a request that was read to the handler or an answer.
 */
#ifndef HTTP_DISPATCH_H
#define HTTP_DISPATCH_H

#include "http/connection.h"

/* Makes the exchange of a request that is done and hands it to the server's
 * handler; preflights, unknown methods and bodies that cannot be read are
 * answered here. */
void dispatch_request(struct connection *connection);

/* Answers what cannot be read with an error; the connection is closed. */
void dispatch_refusal(struct connection *connection, int status);

#endif
