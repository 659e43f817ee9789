/*
 * main.c - tallyd.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/serve.h"

int main(int argc, char **argv)
{
    static struct config config;
    char reason[CONFIG_REASON_SIZE];
    const char *admin_key = NULL;

    config_init(&config);
    for (int i = 2; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--admin-key") == 0) {
            admin_key = argv[i + 1];
        } else if (strcmp(argv[i], "--config") == 0) {
            snprintf(config.file, sizeof(config.file), "%s", argv[i + 1]);
        } else if (config_set(&config, text_of(argv[i] + 2),
                              text_of(argv[i + 1]), CONFIG_FLAG,
                              reason) != TALLY_OK) {
            fprintf(stderr, "%s\n", reason);
            return 2;
        }
    }
    extern char **environ;
    if (config_complete(&config, environ, reason) != TALLY_OK) {
        fprintf(stderr, "%s\n", reason);
        return 2;
    }
    return serve(&config, admin_key);
}
