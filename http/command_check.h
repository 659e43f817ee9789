/*
 * command_check.h - the command that checks what is stored; see command.h.
 */
#ifndef HTTP_COMMAND_CHECK_H
#define HTTP_COMMAND_CHECK_H

#include "http/command.h"

int command_check(struct command_call *call);

#endif
