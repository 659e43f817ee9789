/* A plugin that logs that it came. */
#include "metrics/tally_plugin.h"

static int init(const struct tally_host *host, struct tally_plugin *self)
{
    host->log(self, TALLY_LOG_INFO, host->setting(self, "text", "hello"));
    return 0;
}

TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin = {
    .abi = TALLY_PLUGIN_ABI,
    .size = sizeof(tally_plugin),
    .name = "greeter",
    .version = "1.0",
    .about = "says hello",
    .init = init,
};
