#include "http/plugin_builtin.h"

#include <stddef.h>

const struct tally_plugin_description *const plugin_builtins[] = {
    NULL,
};
