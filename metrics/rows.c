#include "metrics/rows.h"

#include <string.h>

static const struct {
    const char *name;
    const char *content_type;
} formats[ROWS_FORMATS] = {
    [ROWS_JSON] = {"json", "application/json; charset=utf-8"},
    [ROWS_LINES] = {"jsonl", "application/x-ndjson; charset=utf-8"},
    [ROWS_CSV] = {"csv", "text/csv; charset=utf-8; header=present"},
};

bool rows_format_read(struct text name, enum rows_format *format)
{
    for (int i = 0; i < ROWS_FORMATS; i++) {
        if (!text_is(name, formats[i].name))
            continue;
        *format = (enum rows_format)i;
        return true;
    }
    return false;
}

const char *rows_content_type(enum rows_format format)
{
    return formats[format].content_type;
}

/* CSV. */

static bool is_formula(struct text text)
{
    return text.len > 0 && memchr("=+-@\t\r", text.at[0], 6);
}

static bool wants_quotes(struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (memchr(",\"\r\n", text.at[i], 4))
            return true;
    }
    return false;
}

static void write_cell(struct buffer *out, struct text text)
{
    bool quotes = wants_quotes(text);

    if (quotes)
        buffer_add_byte(out, '"');
    if (is_formula(text))
        buffer_add_byte(out, '\'');
    for (size_t i = 0; quotes && i < text.len; i++) {
        if (text.at[i] == '"')
            buffer_add_byte(out, '"');
        buffer_add_byte(out, text.at[i]);
    }
    if (quotes)
        buffer_add_byte(out, '"');
    else
        buffer_add_text(out, text);
}

static void go_to(struct rows *rows, unsigned column)
{
    for (; rows->column < column; rows->column++)
        buffer_add_byte(rows->out, ',');
}

static void write_header(struct rows *rows)
{
    for (unsigned i = 0; i < rows->count; i++) {
        go_to(rows, i);
        write_cell(rows->out, text_of(rows->columns[i]));
    }
    go_to(rows, rows->count - 1);
    buffer_add_string(rows->out, "\r\n");
}

/* All of it. */

void rows_begin(struct rows *rows, struct buffer *out)
{
    rows->out = out;
    rows->column = 0;
    rows->has_rows = false;
    if (rows->format == ROWS_JSON)
        buffer_add_byte(out, '[');
    if (rows->format == ROWS_CSV)
        write_header(rows);
}

void rows_end(struct rows *rows, struct buffer *out)
{
    if (rows->format == ROWS_JSON)
        buffer_add_string(out, "\n]\n");
}

void rows_open(struct rows *rows, struct buffer *out)
{
    rows->out = out;
    rows->column = 0;
    if (rows->format == ROWS_CSV)
        return;
    if (rows->format == ROWS_JSON)
        buffer_add_string(out, rows->has_rows ? ",\n" : "\n");
    rows->has_rows = true;
    json_init(&rows->json, out, JSON_PLAIN);
    json_open_object(&rows->json);
}

void rows_text(struct rows *rows, unsigned column, struct text text)
{
    if (text.len == 0)
        return;
    if (rows->format != ROWS_CSV) {
        json_member_text(&rows->json, rows->columns[column], text);
        return;
    }
    go_to(rows, column);
    write_cell(rows->out, text);
}

void rows_int(struct rows *rows, unsigned column, int64_t number)
{
    if (rows->format != ROWS_CSV) {
        json_member_int(&rows->json, rows->columns[column], number);
        return;
    }
    go_to(rows, column);
    buffer_add_int(rows->out, number);
}

void rows_number(struct rows *rows, unsigned column, struct text digits)
{
    if (rows->format != ROWS_CSV) {
        json_key_string(&rows->json, rows->columns[column]);
        json_raw(&rows->json, digits);
        return;
    }
    go_to(rows, column);
    buffer_add_text(rows->out, digits);
}

void rows_bool(struct rows *rows, unsigned column, bool value)
{
    if (rows->format != ROWS_CSV) {
        json_member_bool(&rows->json, rows->columns[column], value);
        return;
    }
    go_to(rows, column);
    buffer_add_string(rows->out, value ? "true" : "false");
}

void rows_close(struct rows *rows)
{
    if (rows->format != ROWS_CSV) {
        json_close_object(&rows->json);
        if (rows->format == ROWS_LINES)
            buffer_add_byte(rows->out, '\n');
        return;
    }
    go_to(rows, rows->count - 1);
    buffer_add_string(rows->out, "\r\n");
}
