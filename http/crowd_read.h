/*
 * crowd_read.h - the readings that are about who was active: rows of the
 * tables of reads (read.h).
 */
#ifndef HTTP_CROWD_READ_H
#define HTTP_CROWD_READ_H

#include "http/read.h"

/* method=total_users (spec D.6). */
enum tally_err crowd_read_total(struct read *read);

/* method=live and method=concurrent (spec D.10). */
enum tally_err crowd_read_live(struct read *read);
enum tally_err crowd_read_concurrent(struct read *read);

/* method=retention (spec D.10). */
enum tally_err crowd_read_retention(struct read *read);

#endif
