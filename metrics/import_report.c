#include "metrics/import_report.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const texts[IMPORT_REASONS] = {
#define X(reason, text) text,
    IMPORT_REASON_MAP(X)
#undef X
};

void import_report_add(struct import_report *report, enum import_reason reason,
                       const char *file, uint64_t line, const char *what)
{
    uint64_t count = report->left[reason]++;

    if (count < IMPORT_EXAMPLES)
        snprintf(report->examples[reason][count], IMPORT_EXAMPLE_SIZE,
                 "%.80s:%" PRIu64 ": %.60s", file, line, what ? what : "");
}

static void write_count(struct buffer *out, const char *name, uint64_t count)
{
    buffer_add_string(out, name);
    buffer_add_string(out, ": ");
    buffer_add_int(out, (int64_t)count);
    buffer_add_byte(out, '\n');
}

/* Texts come from files: what would move a terminal's cursor is left out. */
static void write_example(struct buffer *out, const char *text)
{
    buffer_add_string(out, "  ");
    for (; *text; text++)
        buffer_add_byte(out, (unsigned char)*text < 0x20 ? '?' : *text);
    buffer_add_byte(out, '\n');
}

void import_report_write(const struct import_report *report, struct buffer *out)
{
    write_count(out, "documents", report->documents);
    write_count(out, "apps", report->apps);
    write_count(out, "members", report->members);
    write_count(out, "users", report->users);
    write_count(out, "counters", report->counters);
    for (int i = 0; i < IMPORT_REASONS; i++) {
        if (report->left[i] == 0)
            continue;
        write_count(out, texts[i], report->left[i]);
        for (int j = 0; j < IMPORT_EXAMPLES && report->examples[i][j][0]; j++)
            write_example(out, report->examples[i][j]);
    }
}
