/*
 * id.h - the random hexadecimal texts that name things: _id (24 digits), app
 * keys (40), api keys (32).
 */
#ifndef METRICS_ID_H
#define METRICS_ID_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/text.h"

enum {
    ID_LEN = 24,
    ID_SIZE = ID_LEN + 1, /* with its NUL */
    ID_DRAW_MAX = 64,     /* digits that id_draw() gives at most */
};

/* True for 24 hexadecimal digits. */
bool id_is_valid(struct text id);

/* Writes `digits` random lower-case hexadecimal digits and a NUL. */
void id_draw(char *hex, size_t digits);

#endif
