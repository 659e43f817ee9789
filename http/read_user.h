/*
 * read_user.h - the reads of app users: rows of tables of readings (read.h).
 */
#ifndef HTTP_READ_USER_H
#define HTTP_READ_USER_H

#include "engine/error.h"
#include "http/read.h"

/* method=user_details (spec D.11): one user or a page of the table. */
TALLY_MUST_CHECK
enum tally_err read_user_details(struct read *read);

/* method=consents (spec B.11) */
TALLY_MUST_CHECK
enum tally_err read_user_consents(struct read *read);

#endif
