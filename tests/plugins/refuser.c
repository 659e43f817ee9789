/* A plugin that cannot be used, and says why. */
#include "metrics/tally_plugin.h"

static int init(const struct tally_host *host, struct tally_plugin *self)
{
    host->log(self, TALLY_LOG_WARNING, "there is no such weather");
    return TALLY_E_NOT_FOUND;
}

TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin = {
    .abi = TALLY_PLUGIN_ABI,
    .size = sizeof(tally_plugin),
    .name = "refuser",
    .version = "1.0",
    .about = "cannot be used",
    .init = init,
};
