#include "http/manual.h"

#include "http/config_listing.h"

enum { COLUMN = 36, COMMAND_COLUMN = 17 };

static const char exit_codes[] =
    "\nExit codes\n"
    "  0  done\n"
    "  1  it failed; one line on stderr says why\n"
    "  2  the command line or the configuration is wrong\n";

static const char configuration[] =
    "\nConfiguration\n"
    "  A flag --log.level is also the environment variable TALLYD_LOG_LEVEL "
    "and a line\n"
    "  `log.level = info` of the file. Flags win over the environment, that "
    "over the file.\n\n";

static const char short_configuration[] =
    "\nConfiguration\n"
    "  --data DIR                        the data directory (default "
    "/var/lib/tallyd), also\n"
    "                                    TALLYD_DATA\n"
    "  --config FILE                     the file that says it, also "
    "TALLYD_CONFIG\n"
    "  All other keys are taken, too: see `tallyd help serve`.\n";

static void pad(struct buffer *out, size_t start, size_t column)
{
    do
        buffer_add_byte(out, ' ');
    while (out->len < start + column);
}

void manual_list(struct buffer *out)
{
    buffer_add_string(out,
                      "tallyd counts sessions and metrics of apps: a drop-in "
                      "for Countly's API.\n\n"
                      "Usage: tallyd COMMAND [FLAGS]\n\nCommands\n");
    for (const struct command *at = command_table; at->words; at++) {
        size_t start = out->len;

        buffer_add_string(out, "  ");
        buffer_add_string(out, at->words);
        pad(out, start, COMMAND_COLUMN);
        buffer_add_string(out, at->summary);
        buffer_add_byte(out, '\n');
    }
    buffer_add_string(out, "\n`tallyd help COMMAND` or `tallyd COMMAND --help` "
                           "tells more.\n");
    buffer_add_string(out, exit_codes);
}

static void add_usage(const struct command *command, struct buffer *out)
{
    buffer_add_string(out, "Usage: tallyd ");
    buffer_add_string(out, command->words);
    if (command->operand) {
        buffer_add_byte(out, ' ');
        buffer_add_string(out, command->operand);
    }
    for (int i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name; i++) {
        const struct command_option *option = &command->options[i];

        buffer_add_string(out, option->is_required ? " --" : " [--");
        buffer_add_string(out, option->name);
        if (option->value) {
            buffer_add_byte(out, ' ');
            buffer_add_string(out, option->value);
        }
        if (!option->is_required)
            buffer_add_byte(out, ']');
    }
    if (command->config != COMMAND_WITHOUT_CONFIG)
        buffer_add_string(out, " [CONFIGURATION]");
    buffer_add_byte(out, '\n');
}

static void add_option(const struct command_option *option, struct buffer *out)
{
    size_t start = out->len;

    buffer_add_string(out, "  --");
    buffer_add_string(out, option->name);
    if (option->value) {
        buffer_add_byte(out, ' ');
        buffer_add_string(out, option->value);
    }
    pad(out, start, COLUMN);
    buffer_add_string(out, option->help);
    buffer_add_byte(out, '\n');
}

void manual_command(const struct command *command, struct buffer *out)
{
    add_usage(command, out);
    buffer_add_byte(out, '\n');
    buffer_add_string(out, command->summary);
    buffer_add_string(out, ".\n");
    if (command->details) {
        buffer_add_byte(out, '\n');
        buffer_add_string(out, command->details);
    }
    if (command->options[0].name)
        buffer_add_string(out, "\nFlags\n");
    for (int i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name; i++)
        add_option(&command->options[i], out);
    if (command->config == COMMAND_WITH_DATA)
        buffer_add_string(out, short_configuration);
    if (command->config == COMMAND_WITH_CONFIG) {
        buffer_add_string(out, configuration);
        config_listing_help(out);
    }
    buffer_add_string(out, exit_codes);
}
