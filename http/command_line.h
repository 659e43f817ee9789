/*
 * command_line.h - which command is meant, and what it is given.
 */
#ifndef HTTP_COMMAND_LINE_H
#define HTTP_COMMAND_LINE_H

#include "http/command.h"

enum { COMMAND_LINE_REASON_SIZE = CONFIG_REASON_SIZE + 64 };

/* The command whose words begin the `count` texts, and how many words those
 * are; NULL when there is none. */
const struct command *command_line_find(int count, char *const texts[],
                                        int *words);

/* Reads operands and flags (what stands behind the command's words) into a
 * call whose command is set; the texts are borrowed. The configuration is not
 * complete yet. `wants_help` is set, and nothing checked, when there is
 * --help or -h. TALLY_ERR_INVALID, with one line in `reason`. */
TALLY_MUST_CHECK
enum tally_err command_line_read(struct command_call *call, int count,
                                 char *const texts[], bool *wants_help,
                                 char reason[static COMMAND_LINE_REASON_SIZE]);

#endif
