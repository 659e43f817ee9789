/*
 * field.h - reading the values of header fields.
 */
#ifndef HTTP_FIELD_H
#define HTTP_FIELD_H

#include <stdbool.h>

#include "engine/text.h"

/* Without the blanks around it. */
struct text field_trim(struct text value);

/* Compares regardless of case; `lower` is in lower case. */
bool field_is(struct text value, const char *lower);
bool field_has_prefix(struct text value, const char *lower);
bool field_has_suffix(struct text value, const char *lower);

/* What stands before the first `;` or `,`, trimmed. */
struct text field_first(struct text value);

/* The value of the parameter `lower` as in `form-data; name="x"`, without
 * its quotes. False when there is none. */
bool field_parameter(struct text value, const char *lower,
                     struct text *parameter);

#endif
