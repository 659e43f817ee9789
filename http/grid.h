/*
 * grid.h - rows of text for a terminal, in columns.
 *
 * Texts are what strangers may have written: control characters and broken
 * UTF-8 are replaced.
 */
#ifndef HTTP_GRID_H
#define HTTP_GRID_H

#include <stdio.h>

#include "engine/text.h"

enum { GRID_COLUMNS_MAX = 8 };

struct grid;

/* The titles are constants; `columns` of them. */
struct grid *grid_create(const char *const titles[], unsigned columns);

/* NULL is a no-op. */
void grid_destroy(struct grid *grid);

/* Adds the next cell of the present row, or of a new one once that is full;
 * the text is copied. */
void grid_add(struct grid *grid, struct text text);

/* Writes titles and rows, each column as wide as its longest cell. */
void grid_write(const struct grid *grid, FILE *out);

/* Writes a text as a cell would have it. */
void grid_write_text(struct text text, FILE *out);

#endif
