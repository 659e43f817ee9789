/*
 * command_export.h - writing what is stored of an app to a file.
 */
#ifndef HTTP_COMMAND_EXPORT_H
#define HTTP_COMMAND_EXPORT_H

#include "http/command.h"

int command_export(struct command_call *call);

#endif
