/*
 * command_keeping.h - the command that makes a retention run; see
 * command.h.
 */
#ifndef HTTP_COMMAND_KEEPING_H
#define HTTP_COMMAND_KEEPING_H

#include "http/command.h"

int command_keeping_run(struct command_call *call);

#endif
