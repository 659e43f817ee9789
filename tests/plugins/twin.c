/* A second plugin by the name of recorder. */
#include "metrics/tally_plugin.h"

static int init(const struct tally_host *host, struct tally_plugin *self)
{
    (void)host;
    (void)self;
    return 0;
}

TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin = {
    .abi = TALLY_PLUGIN_ABI,
    .size = sizeof(tally_plugin),
    .name = "recorder",
    .version = "1.0",
    .about = "is not the recorder",
    .init = init,
};
