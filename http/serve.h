/*
 * serve.h - the command `serve`.
 */
#ifndef HTTP_SERVE_H
#define HTTP_SERVE_H

#include "http/config.h"

/* Runs the server until it is told to stop; the exit code: 0 after a graceful
 * end, 1 when it could not start or failed. */
int serve(struct config *config, const char *admin_key);

#endif
