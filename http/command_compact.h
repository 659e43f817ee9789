/*
 * command_compact.h - `tallyd compact`.
 */
#ifndef HTTP_COMMAND_COMPACT_H
#define HTTP_COMMAND_COMPACT_H

#include "http/command.h"

int command_compact(struct command_call *call);

#endif
