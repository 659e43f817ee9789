#include "http/grid.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "engine/utf8.h"

enum { GAP = 2, FIRST_ROOM = 64 };

struct cell {
    struct text text;
    size_t width;
};

struct grid {
    const char *const *titles;
    unsigned columns;
    size_t widths[GRID_COLUMNS_MAX];
    struct cell *cells; /* row by row */
    size_t count;
    size_t room;
};

/* Characters, not bytes: wide ones are rare in names, and only look ragged. */
static size_t width_of(struct text text)
{
    size_t width = 0;

    for (size_t i = 0; i < text.len; i++)
        width += ((unsigned char)text.at[i] & 0xc0) != 0x80;
    return width;
}

static bool is_control(const unsigned char *at, int len)
{
    return (len == 1 && (*at < ' ' || *at == 0x7f)) ||
           (len == 2 && at[0] == 0xc2 && at[1] < 0xa0);
}

/* One `?` for each character that a terminal might obey. */
static struct text clean(struct text text)
{
    char *copy = memory_alloc(text.len + 1);
    size_t len = 0;

    while (text.len > 0) {
        int next = utf8_next(text);
        size_t taken = (size_t)(next > 0 ? next : -next);

        if (next > 0 && !is_control((const unsigned char *)text.at, next)) {
            memcpy(copy + len, text.at, taken);
            len += taken;
        } else {
            copy[len++] = '?';
        }
        text.at += taken;
        text.len -= taken;
    }
    return (struct text){copy, len};
}

struct grid *grid_create(const char *const titles[], unsigned columns)
{
    struct grid *grid = memory_alloc(sizeof(*grid));

    assert(columns > 0 && columns <= GRID_COLUMNS_MAX);
    grid->titles = titles;
    grid->columns = columns;
    for (unsigned i = 0; i < columns; i++)
        grid->widths[i] = width_of(text_of(titles[i]));
    return grid;
}

void grid_destroy(struct grid *grid)
{
    if (!grid)
        return;

    for (size_t i = 0; i < grid->count; i++)
        free((char *)grid->cells[i].text.at);
    free(grid->cells);
    free(grid);
}

void grid_add(struct grid *grid, struct text text)
{
    size_t *widest = &grid->widths[grid->count % grid->columns];
    struct cell cell = {.text = clean(text)};

    cell.width = width_of(cell.text);
    if (cell.width > *widest)
        *widest = cell.width;
    if (grid->count == grid->room) {
        grid->room = grid->room ? 2 * grid->room : FIRST_ROOM;
        grid->cells =
            memory_resize(grid->cells, grid->room * sizeof(*grid->cells));
    }
    grid->cells[grid->count++] = cell;
}

static void write_cell(const struct grid *grid, unsigned column,
                       struct text text, FILE *out)
{
    bool is_last = column + 1 == grid->columns;
    size_t blanks = grid->widths[column] - width_of(text) + GAP;

    fwrite(text.at, 1, text.len, out);
    for (size_t i = 0; i < blanks && !is_last; i++)
        fputc(' ', out);
    if (is_last)
        fputc('\n', out);
}

void grid_write(const struct grid *grid, FILE *out)
{
    for (unsigned i = 0; i < grid->columns; i++)
        write_cell(grid, i, text_of(grid->titles[i]), out);
    for (size_t i = 0; i < grid->count; i++)
        write_cell(grid, (unsigned)(i % grid->columns), grid->cells[i].text,
                   out);
}

void grid_write_text(struct text text, FILE *out)
{
    struct text cleaned = clean(text);

    fwrite(cleaned.at, 1, cleaned.len, out);
    free((char *)cleaned.at);
}
