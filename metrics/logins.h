/*
 * logins.h - tries at passwords: so many per account and per client address,
 * then none for a while (spec E.2).
 *
 * A try is counted when it begins, so that many at once are no way around; one
 * that succeeds is taken back. Accounts that do not exist are counted as those
 * that do, but apart: whoever makes names up cannot push members out of the
 * table. All of it is in memory and ends with the process.
 */
#ifndef METRICS_LOGINS_H
#define METRICS_LOGINS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/text.h"
#include "metrics/registry.h"
#include "metrics/settings.h"

struct logins;

/* One try. Start with a zeroed one. */
struct login_try {
    bool is_counted;
    bool is_member;
    uint64_t account;
    uint64_t address;
};

struct logins *logins_create(void);

/* NULL is a no-op. */
void logins_destroy(struct logins *logins);

/* Counts a try of somebody who calls himself `name`; `member` is who that is,
 * or NULL. Returns 0, or the seconds to wait: nothing is counted then. */
uint32_t logins_begin(struct logins *logins, const struct settings *settings,
                      const struct member *member, struct text name,
                      struct text address, int64_t now, struct login_try *try);

/* The password was right: the account starts afresh. */
void logins_succeed(struct logins *logins, struct login_try *try);

/* The try came to nothing, neither right nor wrong. */
void logins_take_back(struct logins *logins, struct login_try *try);

/* Forgets the tries at an account; `member` as above. */
void logins_forgive(struct logins *logins, const struct member *member,
                    struct text name);

/* Whether the next try at a member's password has to wait. */
bool logins_are_blocked(const struct logins *logins,
                        const struct settings *settings,
                        const struct member *member, int64_t now);

#endif
