#include "http/command.h"

#include <stdio.h>
#include <string.h>

#include "http/command_app.h"
#include "http/command_backup.h"
#include "http/command_check.h"
#include "http/command_compact.h"
#include "http/command_export.h"
#include "http/command_import.h"
#include "http/command_keeping.h"
#include "http/command_line.h"
#include "http/command_plugin.h"
#include "http/command_routes.h"
#include "http/command_server.h"
#include "http/command_user.h"
#include "http/grid.h"
#include "http/manual.h"

enum { HELP_MAX = 64 * 1024 };

#define JSON_OPTION                                          \
    {                                                        \
        "json", NULL, "print JSON instead of a table", false \
    }

static const char either_way[] =
    "The data directory may be free or in use by a running server: then the "
    "server\nmakes the change. Run it as the user that owns the directory.\n";

const struct command command_table[] = {
    {"serve",
     "Run the server",
     NULL,
     "The first start creates the administrator `admin` with the api key "
     "given, or with\na new one that is printed once. SIGTERM ends the server "
     "when all that was read is\nanswered; SIGHUP makes it read the file "
     "again, for log.level, api.* and retention.* alone.\n",
     COMMAND_WITH_CONFIG,
     {{"admin-key", "KEY",
       "api key of the first administrator, 32 hexadecimal digits; also "
       "TALLYD_ADMIN_KEY",
       false}},
     command_server_serve},
    {"app create",
     "Create an app",
     NULL,
     either_way,
     COMMAND_WITH_DATA,
     {{"name", "NAME", "what people call it", true},
      {"country", "CODE", "ISO code of two letters (default TR)", false},
      {"timezone", "ZONE", "like Europe/Berlin (default Etc/UTC)", false},
      {"category", "NUMBER", "1 to 20 (default 6)", false},
      {"type", "TYPE", "mobile, web, desktop ... (default mobile)", false},
      {"key", "KEY", "what SDKs send as app_key (default: a new one)", false},
      {"salt", "SALT", "requests must carry a checksum with it", false},
      JSON_OPTION},
     command_app_create},
    {"app list",
     "List all apps",
     NULL,
     either_way,
     COMMAND_WITH_DATA,
     {JSON_OPTION},
     command_app_list},
    {"app show",
     "Show one app",
     "APP",
     "APP is the id or the key of an app.\n",
     COMMAND_WITH_DATA,
     {JSON_OPTION},
     command_app_show},
    {"app keep",
     "Say how long an app keeps hours and days",
     "APP",
     "APP is the id or the key of an app. 0 keeps for ever, `default` does "
     "what the\nconfiguration says. Sums of months and years stay for "
     "ever.\n",
     COMMAND_WITH_DATA,
     {{"hours", "DAYS", "days that hours are kept", false},
      {"days", "MONTHS", "months that days are kept", false}},
     command_app_keep},
    {"app delete",
     "Delete an app and everything counted for it",
     "APP",
     "APP is the id or the key of an app. There is no way back.\n",
     COMMAND_WITH_DATA,
     {{0}},
     command_app_delete},
    {"user create",
     "Create a member, who reads or administers",
     NULL,
     "A command line can be seen by everybody on the machine: rather give the "
     "password\nby --password-stdin. It has at least 8 characters, an "
     "upper-case letter, a digit\nand a special character.\n",
     COMMAND_WITH_DATA,
     {{"username", "NAME", "to log in with", true},
      {"email", "EMAIL", "the same", true},
      {"full-name", "NAME", "what people call them (default: the username)",
       false},
      {"password", "PASSWORD", "or --password-stdin", false},
      {"password-stdin", NULL, "read the password from the first line of stdin",
       false},
      {"global-admin", NULL, "may do everything", false},
      {"api-key", "KEY", "32 hexadecimal digits (default: a new one is drawn)",
       false},
      JSON_OPTION},
     command_user_create},
    {"user list",
     "List all members",
     NULL,
     "The table has no api keys; --json has.\n",
     COMMAND_WITH_DATA,
     {JSON_OPTION},
     command_user_list},
    {"backup",
     "Copy the data directory while it is in use",
     "DIR",
     "DIR must not exist. It becomes a data directory of its own with all that "
     "was\nacknowledged before; `tallyd serve --data DIR` goes on from "
     "there.\n",
     COMMAND_WITH_DATA,
     {{0}},
     command_backup},
    {"compact",
     "Write the data directory anew, without what was deleted",
     NULL,
     "Deleted users leave bytes in unused parts of the files; afterwards there "
     "are none.\nA running server is asked and goes on meanwhile. Needs room "
     "for "
     "a second copy.\n",
     COMMAND_WITH_DATA,
     {{0}},
     command_compact},
    {"export",
     "Write what is stored of an app as a table",
     "APP",
     "APP is the id or the key of an app. METHOD is counters for all of them, "
     "a collection\nlike users or device_details, app_users, or events with "
     "the key of one. A running server\nis asked; what is written is one "
     "instant.\n",
     COMMAND_WITH_DATA,
     {{"method", "METHOD", "what to write (default counters)", false},
      {"event", "KEY", "the event, with --method events", false},
      {"period", "PERIOD", "as in reads (default 3660days)", false},
      {"type", "TYPE", "csv, json or jsonl (default csv)", false},
      {"output", "FILE", "a new file (default: stdout)", false}},
     command_export},
    {"import",
     "Take over the data of a Countly server",
     "DIR",
     "DIR has the files of mongoexport, one for each collection: apps.json, "
     "members.json,\nusers.json, devices.json and so on, app_users<id>.json. "
     "No server may run on the data\ndirectory. An import that was "
     "interrupted goes on when it is run again; what is in is\nnot taken "
     "twice.\n",
     COMMAND_WITH_DATA,
     {{"app", "ID", "take this app alone", false},
      {"dry-run", NULL,
       "import into a directory that is removed again, for the report", false}},
     command_import},
    {"retention run",
     "Delete old hours, sum up old days",
     NULL,
     "How long is said by `tallyd app keep` and by retention.hours and "
     "retention.days.\nA running server does so once a day and is asked for "
     "a run; what is shown is what\nthe run takes.\n",
     COMMAND_WITH_DATA,
     {{"dry-run", NULL, "only show what a run would take", false}, JSON_OPTION},
     command_keeping_run},
    {"check",
     "Check everything stored in a data directory",
     NULL,
     "No server may run on the directory. Each broken rule is one line; the "
     "exit code is\n1 when there is one.\n",
     COMMAND_WITH_DATA,
     {{0}},
     command_check},
    {"plugin list",
     "List the plugins of the configuration",
     NULL,
     "Each is initialised, as the server would, and ended again. One that "
     "cannot be\nloaded is listed with the reason.\n",
     COMMAND_WITH_CONFIG,
     {JSON_OPTION},
     command_plugin_list},
    {"plugin check",
     "Check whether a plugin can be loaded",
     "FILE",
     "Shows what it registers, or says what is wrong with it.\n",
     COMMAND_WITH_CONFIG,
     {{0}},
     command_plugin_check},
    {"config dump",
     "Show every configuration key with its value and origin",
     NULL,
     "The output is itself a configuration file.\n",
     COMMAND_WITH_CONFIG,
     {JSON_OPTION},
     command_server_dump},
    {"routes",
     "List every endpoint of the API",
     NULL,
     "One line each: the path, with what `method` may be where that says what "
     "is asked.\n",
     COMMAND_WITHOUT_CONFIG,
     {{0}},
     command_routes},
    {"version",
     "Show the version, and those of the formats on disk",
     NULL,
     NULL,
     COMMAND_WITHOUT_CONFIG,
     {JSON_OPTION},
     command_server_version},
    {0},
};

#undef JSON_OPTION

static void write_all(struct buffer *out, FILE *file)
{
    fwrite(out->at, 1, out->len, file);
    fflush(file);
    buffer_finish(out);
}

int command_print(struct buffer *out)
{
    bool is_whole = buffer_is_whole(out);

    write_all(out, stdout);
    return is_whole && !ferror(stdout) ? COMMAND_DONE : COMMAND_FAILED;
}

int command_fail(const char *what, const char *why)
{
    fputs("tallyd: ", stderr);
    grid_write_text(text_of(what), stderr);
    if (why) {
        fputs(": ", stderr);
        grid_write_text(text_of(why), stderr);
    }
    fputc('\n', stderr);
    return COMMAND_FAILED;
}

const char *command_value(const struct command_call *call, const char *name)
{
    const struct command_option *options = call->command->options;

    for (int i = 0; i < COMMAND_OPTIONS_MAX && options[i].name; i++) {
        if (strcmp(options[i].name, name) == 0)
            return call->values[i];
    }
    return NULL;
}

bool command_has(const struct command_call *call, const char *name)
{
    return command_value(call, name) != NULL;
}

static int misuse(const char *reason, const char *words)
{
    char hint[128];

    snprintf(hint, sizeof(hint), "see `tallyd help%s%s`", *words ? " " : "",
             words);
    command_fail(reason, hint);
    return COMMAND_MISUSED;
}

/* The help of a command, or the list of all. */
static int show_help(const struct command *command, FILE *file)
{
    struct buffer out;

    buffer_init(&out, HELP_MAX);
    if (command)
        manual_command(command, &out);
    else
        manual_list(&out);
    write_all(&out, file);
    return file == stdout ? COMMAND_DONE : COMMAND_MISUSED;
}

static int help(int count, char *const texts[])
{
    int words;
    const struct command *command = command_line_find(count, texts, &words);

    if (count > 0 && (!command || words < count))
        return misuse("there is no such command to help with", "");
    return show_help(command, stdout);
}

static int run(const struct command *command, int count, char *const texts[],
               char *const environment[])
{
    struct command_call call = {.command = command};
    char reason[COMMAND_LINE_REASON_SIZE];
    bool wants_help = false;

    config_init(&call.config);
    if (command_line_read(&call, count, texts, &wants_help, reason))
        return misuse(reason, command->words);
    if (wants_help)
        return show_help(command, stdout);
    if (command->config != COMMAND_WITHOUT_CONFIG &&
        config_complete(&call.config, environment, reason))
        return misuse(reason, command->words);
    return command->run(&call);
}

int command_run(int argc, char *const argv[], char *const environment[])
{
    static char *const version[] = {"version"};
    int count = argc > 0 ? argc - 1 : 0;
    char *const *texts = argv + 1;
    int words;

    if (count == 0)
        return show_help(NULL, stderr);
    if (strcmp(texts[0], "--help") == 0 || strcmp(texts[0], "-h") == 0)
        return show_help(NULL, stdout);
    if (strcmp(texts[0], "help") == 0)
        return help(count - 1, texts + 1);
    if (count == 1 && strcmp(texts[0], "--version") == 0)
        texts = version;

    const struct command *command = command_line_find(count, texts, &words);

    if (!command)
        return misuse("there is no such command", "");
    return run(command, count - words, texts + words, environment);
}
