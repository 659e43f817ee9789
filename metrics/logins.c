#include "metrics/logins.h"

#include <stdlib.h>

#include "engine/memory.h"
#include "metrics/throttle.h"

struct logins {
    struct throttle members; /* by _id */
    struct throttle strangers;
    struct throttle addresses;
};

struct logins *logins_create(void)
{
    struct logins *logins = memory_alloc(sizeof(*logins));

    throttle_init(&logins->members);
    throttle_init(&logins->strangers);
    throttle_init(&logins->addresses);
    return logins;
}

void logins_destroy(struct logins *logins)
{
    free(logins);
}

static struct throttle *accounts(struct logins *logins, bool is_member)
{
    return is_member ? &logins->members : &logins->strangers;
}

static struct throttle_limit limit_of(const struct settings *settings)
{
    return (struct throttle_limit){.tries = settings->login_tries,
                                   .wait = settings->login_wait};
}

static uint64_t account_name(const struct logins *logins,
                             const struct member *member, struct text name)
{
    return member ? throttle_name(&logins->members, text_of(member->id))
                  : throttle_name(&logins->strangers, name);
}

uint32_t logins_begin(struct logins *logins, const struct settings *settings,
                      const struct member *member, struct text name,
                      struct text address, int64_t now, struct login_try *try)
{
    struct throttle_limit limit = limit_of(settings);
    struct throttle *table = accounts(logins, member != NULL);
    struct login_try counted = {
        .is_counted = true,
        .is_member = member != NULL,
        .account = account_name(logins, member, name),
        .address = throttle_name(&logins->addresses, address),
    };
    uint32_t account_wait = throttle_wait(table, counted.account, limit, now);
    uint32_t address_wait =
        throttle_wait(&logins->addresses, counted.address, limit, now);

    if (account_wait > 0 || address_wait > 0)
        return account_wait > address_wait ? account_wait : address_wait;
    throttle_count(table, counted.account, limit, now);
    throttle_count(&logins->addresses, counted.address, limit, now);
    *try = counted;
    return 0;
}

void logins_take_back(struct logins *logins, struct login_try *try)
{
    if (!try->is_counted)
        return;
    throttle_take_back(accounts(logins, try->is_member), try->account);
    throttle_take_back(&logins->addresses, try->address);
    try->is_counted = false;
}

void logins_succeed(struct logins *logins, struct login_try *try)
{
    bool was_counted = try->is_counted;

    logins_take_back(logins, try);
    if (was_counted)
        throttle_forget(accounts(logins, try->is_member), try->account);
}

void logins_forgive(struct logins *logins, const struct member *member,
                    struct text name)
{
    throttle_forget(accounts(logins, member != NULL),
                    account_name(logins, member, name));
}

bool logins_are_blocked(const struct logins *logins,
                        const struct settings *settings,
                        const struct member *member, int64_t now)
{
    return throttle_wait(&logins->members,
                         account_name(logins, member, (struct text){0}),
                         limit_of(settings), now) > 0;
}
