/*
 * mymetric.c - a metric of one's own: the example of docs/plugins.md, and a
 * place to start from.
 *
 *     cc -shared -fPIC -o mymetric.so mymetric.c
 *
 * A session that reports `"_mymetric": "myvalue"` counts it, and
 * /o?method=mymetric reads it back.
 */
#include <string.h>

#include "metrics/tally_plugin.h" /* installed as <tally/plugin.h> */

static const struct tally_host *host;

/* Called once the member may read the app. */
static int answer(struct tally_call *call, void *user)
{
    (void)user;
    return host->fetch_time_obj(call, "mymetric");
}

/* A method of /o that the core does not know: is it ours? */
static int on_read(struct tally_call *call, void *user)
{
    struct tally_text method = host->param(call, "method");

    (void)user;
    if (method.len != strlen("mymetric") ||
        memcmp(method.at, "mymetric", method.len) != 0)
        return TALLY_PASS;
    return host->validate(call, TALLY_RIGHT_READ, "core", answer, NULL);
}

/* An app is deleted or reset. What it counted, and the documents that a plugin
 * keeps for it, go with it: there is nothing left to remove. */
static int on_gone(struct tally_call *call, void *user)
{
    (void)user;
    host->log(host->self(call), TALLY_LOG_DEBUG, "the app's data is gone");
    return TALLY_PASS;
}

static int init(const struct tally_host *given, struct tally_plugin *self)
{
    static const struct tally_metric mymetric = {
        .size = sizeof(mymetric),
        .db = "mymetric",         /* the collection */
        .name = "_mymetric",      /* what to wait for in `metrics` */
        .set = "mymetric",        /* what it is called in answers */
        .short_code = "mymetric", /* the user's property */
    };
    int failure;

    host = given;
    failure = host->metric(self, &mymetric);
    if (!failure)
        failure = host->on(self, "/o", on_read, NULL, 0);
    if (!failure)
        failure = host->on(self, "/i/apps/delete", on_gone, NULL, 0);
    if (!failure)
        failure = host->on(self, "/i/apps/reset", on_gone, NULL, 0);
    return failure;
}

TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin = {
    .abi = TALLY_PLUGIN_ABI,
    .size = sizeof(tally_plugin),
    .name = "mymetric",
    .version = "1.0",
    .about = "counts a metric of its own",
    .needs = TALLY_CAN_HOOK | TALLY_CAN_COUNT,
    .init = init,
};
