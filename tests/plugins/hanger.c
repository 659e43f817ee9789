/* A plugin whose init never returns. */
#include <unistd.h>

#include "metrics/tally_plugin.h"

static int init(const struct tally_host *host, struct tally_plugin *self)
{
    (void)host;
    (void)self;
    while (pause() != 0)
        continue;
    return 0;
}

TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin = {
    .abi = TALLY_PLUGIN_ABI,
    .size = sizeof(tally_plugin),
    .name = "hanger",
    .version = "1.0",
    .about = "hangs",
    .init = init,
};
