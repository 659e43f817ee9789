/*
 * What plugins add to a request: values, counts, properties of the user.
 */
#include "metrics/call.h"
#include "metrics/host.h"

static int host_set_metric(struct tally_call *call, const char *name,
                           struct tally_text value)
{
    (void)call;
    (void)name;
    (void)value;
    return TALLY_E_NOT_HERE;
}

static int host_count(struct tally_call *call, const struct tally_count *count)
{
    (void)call;
    (void)count;
    return TALLY_E_NOT_HERE;
}

static int host_set_user(struct tally_call *call, const char *name,
                         struct tally_text json)
{
    (void)call;
    (void)name;
    (void)json;
    return TALLY_E_NOT_HERE;
}

void host_add_count(struct tally_host *host)
{
    host->set_metric = host_set_metric;
    host->count = host_count;
    host->set_user = host_set_user;
}
