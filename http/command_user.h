/*
 * command_user.h - the commands about members; see command.h.
 */
#ifndef HTTP_COMMAND_USER_H
#define HTTP_COMMAND_USER_H

#include "http/command.h"

int command_user_create(struct command_call *call);
int command_user_list(struct command_call *call);

#endif
