/*
 * user_table.h - a page of the table of app users (spec D.11).
 *
 *   {"sEcho": "1", "iTotalRecords": 3, "iTotalDisplayRecords": 1,
 *    "aaData": [{"_id": ..., "did": ..., "uid": ...}]}
 *
 * All users are looked at; what is kept meanwhile is the page and the users
 * before it.
 */
#ifndef METRICS_USER_TABLE_H
#define METRICS_USER_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/app.h"
#include "metrics/json.h"
#include "metrics/params.h"
#include "metrics/tally.h"
#include "metrics/user_query.h"

enum {
    USER_TABLE_LENGTH = 50, /* users of a page, unless it says another */
    USER_TABLE_LENGTH_MAX = 1000,
    USER_TABLE_START_MAX = 100000,
    USER_TABLE_SEARCH_MAX = 255, /* bytes of sSearch; more are cut off */
};

struct user_table;

/* Reads iDisplayStart, iDisplayLength, iSortCol_0 (a name or a number: 0 uid,
 * 1 ls, 2 fs, 3 sc, 4 tsd, 5 lac, 6 name), sSortDir_0, sSearch, query and
 * sEcho, which live as long as the table; on the loop thread.
 * TALLY_ERR_INVALID: `reason` says why. */
TALLY_MUST_CHECK
enum tally_err user_table_create(struct tally *tally, const struct app *app,
                                 const struct params *params,
                                 struct user_table **table,
                                 char reason[static USER_QUERY_REASON_SIZE]);

/* On any thread; NULL is a no-op. */
void user_table_destroy(struct user_table *table);

/* Writes the page; the reader has portrait_capture()d. TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO, TALLY_ERR_TOO_BIG: what has been written then is unusable. */
TALLY_MUST_CHECK
enum tally_err user_table_write(struct user_table *table, struct reader *reader,
                                struct json *json);

#endif
