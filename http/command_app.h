/*
 * command_app.h - the commands about apps; see command.h.
 */
#ifndef HTTP_COMMAND_APP_H
#define HTTP_COMMAND_APP_H

#include "http/command.h"
#include "metrics/id.h"

int command_app_create(struct command_call *call);
int command_app_list(struct command_call *call);
int command_app_show(struct command_call *call);
int command_app_keep(struct command_call *call);
int command_app_delete(struct command_call *call);

/* The id of an app by its id or key; an exit code. */
int command_app_find(const struct command_call *call, const char *name,
                     char id[static ID_SIZE]);

#endif
