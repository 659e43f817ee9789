/*
 * manual.h - the help texts.
 */
#ifndef HTTP_MANUAL_H
#define HTTP_MANUAL_H

#include "engine/buffer.h"
#include "http/command.h"

/* Adds the list of all commands. */
void manual_list(struct buffer *out);

/* Adds what there is to know of one. */
void manual_command(const struct command *command, struct buffer *out);

#endif
