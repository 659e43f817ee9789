/*
 * enquiry.h - one call of the operator as commands make it, and its answer.
 */
#ifndef HTTP_ENQUIRY_H
#define HTTP_ENQUIRY_H

#include <cjson/cJSON.h>

#include "http/command.h"
#include "http/grid.h"

/* Makes the call; `args` may be NULL and stays the caller's. When it
 * succeeds, `answer` is the tree, which the caller deletes; otherwise one
 * line was written to stderr and COMMAND_FAILED is returned. */
int enquiry_make(const struct command_call *call, const char *path,
                 const cJSON *args, cJSON **answer);

/* Prints a tree as JSON. */
int enquiry_print_json(const cJSON *answer);

/* Prints the members of an object that `names` (NULL at the end) has, one a
 * line. */
int enquiry_print_fields(const cJSON *object, const char *const names[]);

/* Adds the member `name` of an object to a grid: text, or JSON for what is no
 * string, or nothing when there is none. */
void enquiry_add_cell(struct grid *grid, const cJSON *object, const char *name);

#endif
