/* A plugin whose init ends the process. */
#include <stdlib.h>

#include "metrics/tally_plugin.h"

static int init(const struct tally_host *host, struct tally_plugin *self)
{
    (void)host;
    (void)self;
    exit(0);
}

TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin = {
    .abi = TALLY_PLUGIN_ABI,
    .size = sizeof(tally_plugin),
    .name = "quitter",
    .version = "1.0",
    .about = "ends the process",
    .init = init,
};
