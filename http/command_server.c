#include "http/command_server.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/format.h"
#include "http/config_listing.h"
#include "http/journal.h"
#include "http/serve.h"
#include "metrics/json.h"

enum { DUMP_MAX = 256 * 1024, VERSION_MAX = 1024 };

int command_server_serve(struct command_call *call)
{
    const char *admin_key = command_value(call, "admin-key");
    enum journal_level level;

    if (!admin_key)
        admin_key = getenv("TALLYD_ADMIN_KEY");
    if (journal_level_read(text_of(call->config.log_level), &level))
        journal_set_level(level);
    return serve(&call->config, admin_key) == 0 ? COMMAND_DONE : COMMAND_FAILED;
}

int command_server_dump(struct command_call *call)
{
    struct buffer out;

    buffer_init(&out, DUMP_MAX);
    config_listing_dump(&call->config, command_has(call, "json"), &out);
    return command_print(&out);
}

int command_server_version(struct command_call *call)
{
    struct buffer out;
    struct json json;

    buffer_init(&out, VERSION_MAX);
    if (!command_has(call, "json")) {
        buffer_add_string(&out, "tallyd " TALLY_VERSION "\nlog format ");
        buffer_add_int(&out, FORMAT_LOG);
        buffer_add_string(&out, ", base format ");
        buffer_add_int(&out, FORMAT_BASE);
        buffer_add_byte(&out, '\n');
        return command_print(&out);
    }
    json_init(&json, &out, JSON_PLAIN);
    json_open_object(&json);
    json_member_string(&json, "name", "tallyd");
    json_member_string(&json, "version", TALLY_VERSION);
    json_member_int(&json, "log_format", FORMAT_LOG);
    json_member_int(&json, "base_format", FORMAT_BASE);
    json_close_object(&json);
    buffer_add_byte(&out, '\n');
    return command_print(&out);
}
