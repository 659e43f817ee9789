/*
 * config_list.h - a value of the configuration that is names, with commas.
 */
#ifndef HTTP_CONFIG_LIST_H
#define HTTP_CONFIG_LIST_H

#include <stdbool.h>

#include "engine/text.h"

/* Takes the first name off a list, without blanks around it; false when
 * nothing is left. */
bool config_list_next(struct text *list, struct text *name);

/* The position of a name, from 0; that behind the last when it is not there. */
unsigned config_list_find(struct text list, struct text name);

#endif
