/*
 * rows.h - a table written row by row: as JSON (an array of objects), as lines
 * of JSON, or as CSV (RFC 4180, with a header).
 *
 * A cell of CSV that a spreadsheet would take for a formula gets an apostrophe
 * in front. In JSON cells without content are left out.
 */
#ifndef METRICS_ROWS_H
#define METRICS_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/buffer.h"
#include "engine/text.h"
#include "metrics/json.h"

enum rows_format { ROWS_JSON, ROWS_LINES, ROWS_CSV, ROWS_FORMATS };

struct rows {
    enum rows_format format;
    const char *const *columns; /* their names */
    unsigned count;
    /* private state */
    struct json json;
    struct buffer *out;
    unsigned column; /* of the next cell */
    bool has_rows;
};

/* "json", "jsonl" or "csv"; false for anything else. */
bool rows_format_read(struct text name, enum rows_format *format);

/* What an answer in the format is called. */
const char *rows_content_type(enum rows_format format);

/* Writes what stands before all rows, and behind them. */
void rows_begin(struct rows *rows, struct buffer *out);
void rows_end(struct rows *rows, struct buffer *out);

/* A row; its cells come in the order of their columns, and some may be left
 * out. */
void rows_open(struct rows *rows, struct buffer *out);
void rows_text(struct rows *rows, unsigned column, struct text text);
void rows_int(struct rows *rows, unsigned column, int64_t number);
void rows_number(struct rows *rows, unsigned column, struct text digits);
void rows_bool(struct rows *rows, unsigned column, bool value);
void rows_close(struct rows *rows);

#endif
