/* A plugin whose init crashes. */
#include <signal.h>

#include "metrics/tally_plugin.h"

static int init(const struct tally_host *host, struct tally_plugin *self)
{
    (void)host;
    (void)self;
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
    return 0;
}

TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin = {
    .abi = TALLY_PLUGIN_ABI,
    .size = sizeof(tally_plugin),
    .name = "crasher",
    .version = "1.0",
    .about = "crashes",
    .init = init,
};
