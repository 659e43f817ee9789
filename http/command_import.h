/*
 * command_import.h - taking over the data of a Countly server.
 */
#ifndef HTTP_COMMAND_IMPORT_H
#define HTTP_COMMAND_IMPORT_H

#include "http/command.h"

int command_import(struct command_call *call);

#endif
