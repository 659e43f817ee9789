#include "http/command_backup.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/snapshot.h"
#include "http/operator.h"
#include "metrics/json.h"

enum { PATH_SIZE = 4096, ARGS_MAX = 32 * 1024, CHECKPOINT_MS = 600 * 1000 };

/* The server has a working directory of its own. */
static bool make_absolute(const char *dir, char path[static PATH_SIZE])
{
    size_t len = 0;

    if (dir[0] != '/') {
        if (!getcwd(path, PATH_SIZE - 1))
            return false;
        len = strlen(path);
        path[len++] = '/';
    }
    if (len + strlen(dir) >= PATH_SIZE)
        return false;
    memcpy(path + len, dir, strlen(dir) + 1);
    return true;
}

/* The directory is free: this process brings it up to date and copies it. */
static int copy_here(struct engine *engine, const char *path)
{
    struct snapshot *snapshot = NULL;
    enum tally_err err = engine_checkpoint_wait(engine, CHECKPOINT_MS);

    if (!err)
        err = snapshot_open(engine, engine_lsn(engine), &snapshot);
    if (!err)
        err = snapshot_copy(snapshot, path);
    snapshot_close(snapshot);
    engine_close(engine);
    return err ? command_fail(path, tally_err_text(err)) : COMMAND_DONE;
}

static int ask_server(const struct config *config, const char *path)
{
    struct operator_call ask = {.config = config, .path = "/i/backup"};
    struct buffer args;
    struct json json;

    buffer_init(&args, ARGS_MAX);
    json_init(&json, &args, JSON_PLAIN);
    json_open_object(&json);
    json_member_string(&json, "dir", path);
    json_close_object(&json);
    ask.args = buffer_text(&args);
    buffer_init(&ask.out, OPERATOR_ANSWER_MAX);
    enum tally_err err = operator_ask_server(&ask, CHECKPOINT_MS);
    int code = COMMAND_DONE;
    if (err) {
        code = command_fail(ask.reason, NULL);
    } else if (ask.status != 200) {
        buffer_add_byte(&ask.out, '\0');
        code = command_fail(path, ask.out.at);
    }
    buffer_finish(&ask.out);
    buffer_finish(&args);
    return code;
}

int command_backup(struct command_call *call)
{
    char path[PATH_SIZE];
    char reason[CONFIG_REASON_SIZE];
    struct engine *engine;

    if (!make_absolute(call->operand, path))
        return command_fail(call->operand, "cannot be made an absolute path");
    if (!operator_has_directory(&call->config, reason))
        return command_fail(reason, NULL);
    enum tally_err err = operator_open(&call->config, &engine, reason);
    int code = COMMAND_FAILED;
    if (err == TALLY_ERR_IN_USE)
        code = ask_server(&call->config, path);
    else if (err)
        return command_fail(reason, NULL);
    else
        code = copy_here(engine, path);
    if (code == COMMAND_DONE)
        printf("%s is a data directory of its own now\n", path);
    return code;
}
