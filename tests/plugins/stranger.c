/* A plugin of another interface. */
#include "metrics/tally_plugin.h"

static int init(const struct tally_host *host, struct tally_plugin *self)
{
    (void)host;
    (void)self;
    return 0;
}

TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin = {
    .abi = TALLY_PLUGIN_ABI + 1,
    .size = sizeof(tally_plugin),
    .name = "stranger",
    .version = "1.0",
    .about = "is of another interface",
    .init = init,
};
