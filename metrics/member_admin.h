/*
 * member_admin.h - creating, changing and deleting members (spec E.2).
 *
 * See manage.h for what a call is and for passwords. `args` may be NULL:
 * nothing was sent. The rights were checked.
 */
#ifndef METRICS_MEMBER_ADMIN_H
#define METRICS_MEMBER_ADMIN_H

#include <cjson/cJSON.h>

#include "metrics/manage.h"

/* Answers with the member; with all that is wrong as a list of texts. The
 * operator may choose the api key. */
int member_admin_create(struct manage *call, const cJSON *args,
                        const struct pass *pass);

/* Changes only what is sent. */
int member_admin_update(struct manage *call, const cJSON *args,
                        const struct pass *pass);

/* Deletes those of user_ids that exist and do not ask for it themselves. */
int member_admin_delete(struct manage *call, const cJSON *args,
                        const struct pass *pass);

/* Deletes the member that asks, who gives the password. */
int member_admin_delete_own(struct manage *call, const cJSON *args,
                            const struct pass *pass);

/* Adds a global admin to an installation, who can use the api key (32
 * hexadecimal digits) and has no password. TALLY_ERR_INVALID when it has
 * another form, TALLY_ERR_EXISTS when somebody has it or the username. */
TALLY_MUST_CHECK
enum tally_err member_admin_found(const struct registry *registry,
                                  const char *username, const char *api_key,
                                  int64_t now, struct batch *batch);

#endif
