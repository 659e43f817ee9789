/*
 * command_routes.h - the command that tells what the API answers.
 */
#ifndef HTTP_COMMAND_ROUTES_H
#define HTTP_COMMAND_ROUTES_H

#include "http/command.h"

int command_routes(struct command_call *call);

#endif
