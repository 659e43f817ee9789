/*
 * Configuration values as they come from flags, environment and files: lines
 * of KEY=VALUE.
 */
#include "http/config.h"

#include "http/config_listing.h"
#include "target.h"

enum { OUT = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text rest = {(const char *)bytes, len};
    char reason[CONFIG_REASON_SIZE] = "";
    char host[CONFIG_HOST_SIZE];
    struct config config;
    struct buffer out;
    int port;

    config_init(&config);
    while (rest.len > 0) {
        struct text line = target_cut(&rest, '\n');
        struct text name = target_cut(&line, '=');
        if (config_set(&config, name, line, CONFIG_FLAG, reason) != TALLY_OK)
            TARGET_REQUIRE(memchr(reason, '\0', sizeof(reason)) != reason);
    }
    if (config_address(&config, host, &port) == TALLY_OK)
        TARGET_REQUIRE(port >= 0 && port <= 65535);
    buffer_init(&out, OUT);
    config_listing_dump(&config, true, &out);
    config_listing_dump(&config, false, &out);
    TARGET_REQUIRE(buffer_is_whole(&out));
    buffer_finish(&out);
    return 0;
}
