/*
 * read_view.h - the read of views: a row of a table of readings (read.h).
 */
#ifndef HTTP_READ_VIEW_H
#define HTTP_READ_VIEW_H

#include "engine/error.h"
#include "http/read.h"

/* method=views; with action=getTable as a table. */
TALLY_MUST_CHECK
enum tally_err read_views(struct read *read);

#endif
