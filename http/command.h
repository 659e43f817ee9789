/*
 * command.h - the commands of tallyd, as one table.
 *
 * A command line is: command words, then operands and flags in any order.
 * Flags are `--name VALUE` or `--name=VALUE`; one without a value is just
 * `--name`. A command that has a configuration takes every key of it as a
 * flag, too.
 */
#ifndef HTTP_COMMAND_H
#define HTTP_COMMAND_H

#include <stdbool.h>

#include "engine/buffer.h"
#include "http/config.h"

enum { COMMAND_OPTIONS_MAX = 9 };

/* Exit codes. */
enum {
    COMMAND_DONE = 0,
    COMMAND_FAILED = 1,
    COMMAND_MISUSED = 2,
};

struct command_option {
    const char *name;
    const char *value; /* what it is, for the help; NULL: it takes none */
    const char *help;
    bool is_required;
};

enum command_config {
    COMMAND_WITHOUT_CONFIG,
    COMMAND_WITH_DATA, /* needs little of it: the help is short */
    COMMAND_WITH_CONFIG,
};

struct command_call;

struct command {
    const char *words; /* "app create" */
    const char *summary;
    const char *operand; /* what must follow the words; NULL: nothing */
    const char *details; /* more help, whole lines; NULL: none */
    enum command_config config;
    struct command_option options[COMMAND_OPTIONS_MAX]; /* ends with {0} */
    int (*run)(struct command_call *call); /* returns the exit code */
};

struct command_call {
    const struct command *command;
    struct config config; /* complete, when the command has one */
    const char *operand;
    const char *values[COMMAND_OPTIONS_MAX]; /* NULL: not given */
};

/* Ends with a zeroed row. */
extern const struct command command_table[];

/* Runs the command that the command line names and returns its exit code. */
int command_run(int argc, char *const argv[], char *const environment[]);

/* The value of a flag of the command; NULL when it is not given. */
const char *command_value(const struct command_call *call, const char *name);

/* Whether a flag is given. */
bool command_has(const struct command_call *call, const char *name);

/* Writes `tallyd: what: why` to stderr, control characters replaced, and
 * returns COMMAND_FAILED. A NULL `why` is left out. */
int command_fail(const char *what, const char *why);

/* Writes what was put together for stdout and finishes it. */
int command_print(struct buffer *out);

#endif
