/*
 * command_server.h - the commands about the server itself; see command.h.
 */
#ifndef HTTP_COMMAND_SERVER_H
#define HTTP_COMMAND_SERVER_H

#include "http/command.h"

int command_server_serve(struct command_call *call);
int command_server_dump(struct command_call *call);
int command_server_version(struct command_call *call);

#endif
