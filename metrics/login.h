/*
 * login.h - what a name and a password open (spec E.1, E.2).
 *
 * See manage.h for what a call is and for passwords.
 */
#ifndef METRICS_LOGIN_H
#define METRICS_LOGIN_H

#include <cjson/cJSON.h>

#include "metrics/manage.h"

/* /api-key: the plain text of the api key of the member that the call's
 * username (or email) and password belong to; -1 with 401. The answer to a
 * name that nobody has takes as long as that to a wrong password. */
int login_read_key(struct manage *call, struct text action);

/* Compares the password of a member, as the call's job. ANSWER_OK when it is
 * right; MANAGE_WAITS; else the status of a body that was written: 429 after
 * too many tries, or `wrong`. */
int login_compare(struct manage *call, const struct member *member,
                  struct text password, struct answer wrong);

/* /o/users/reset_timeban: makes the tries at a username's password free. */
int login_reset_ban(struct manage *call, const cJSON *args,
                    const struct pass *pass);

#endif
