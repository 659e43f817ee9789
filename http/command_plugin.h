/*
 * command_plugin.h - commands that look at plugins without serving.
 */
#ifndef HTTP_COMMAND_PLUGIN_H
#define HTTP_COMMAND_PLUGIN_H

#include "http/command.h"

int command_plugin_list(struct command_call *call);
int command_plugin_check(struct command_call *call);

#endif
