/*
 * note_table.h - the notes of some apps as a DataTables object (spec E.6):
 *
 *   {"sEcho": "1", "iTotalRecords": 1, "iTotalDisplayRecords": 1,
 *    "aaData": [{"_id": ..., "note": ..., "indicator": "A", ...}]}
 */
#ifndef METRICS_NOTE_TABLE_H
#define METRICS_NOTE_TABLE_H

#include "metrics/json.h"
#include "metrics/manage.h"

enum {
    NOTE_TABLE_APPS_MAX = 16, /* apps of one read */
    NOTE_TABLE_PAGE = 50,     /* rows without iDisplayLength */
    NOTE_TABLE_PAGE_MAX = 1000,
};

/* Writes what the call's parameters ask for, the latest first. Apps that the
 * member may not read are left out. ANSWER_OK, or why not. */
struct answer note_table_write(struct manage *call, const struct pass *pass,
                               struct json *json);

#endif
