/*
 * command_app.h - the commands about apps; see command.h.
 */
#ifndef HTTP_COMMAND_APP_H
#define HTTP_COMMAND_APP_H

#include "http/command.h"

int command_app_create(struct command_call *call);
int command_app_list(struct command_call *call);
int command_app_show(struct command_call *call);
int command_app_keep(struct command_call *call);
int command_app_delete(struct command_call *call);

#endif
