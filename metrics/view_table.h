/*
 * view_table.h - the views of a period as rows: searched, sorted, a page of
 * them (method=views, action=getTable).
 */
#ifndef METRICS_VIEW_TABLE_H
#define METRICS_VIEW_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "engine/text.h"
#include "metrics/json.h"
#include "metrics/period.h"

enum { VIEW_TABLE_PAGE = 50, VIEW_TABLE_PAGE_MAX = 1000 };

struct view_table {
    uint32_t app;
    const struct period *period;
    struct text echo;   /* sEcho, given back */
    struct text search; /* ASCII letters of either case; empty: all */
    unsigned column;    /* 0: the name, else enum view_number + 1 */
    bool ascending;
    uint32_t start;
    uint32_t length;
};

/* On the loop thread: what view_table_write() reads. */
void view_table_capture(const struct view_table *table, struct reader *reader);

/* Writes the object. TALLY_ERR_CORRUPT, TALLY_ERR_IO, TALLY_ERR_TOO_BIG. */
TALLY_MUST_CHECK
enum tally_err view_table_write(const struct view_table *table,
                                struct reader *reader, struct json *json);

#endif
