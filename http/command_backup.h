/*
 * command_backup.h - the command that copies the data directory; see
 * command.h.
 */
#ifndef HTTP_COMMAND_BACKUP_H
#define HTTP_COMMAND_BACKUP_H

#include "http/command.h"

int command_backup(struct command_call *call);

#endif
