#include "http/operator.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/clock.h"
#include "engine/engine.h"
#include "http/client.h"
#include "metrics/manage.h"
#include "metrics/tally.h"

enum {
    ARENA_SIZE = 1 << 20,
    PAUSE_MS = 100,
    PAUSES = CLIENT_TIMEOUT_MS / PAUSE_MS,
    SOCKET_PATH_SIZE = CONFIG_TEXT_MAX + 16,
};

static enum tally_err explain(char reason[static CONFIG_REASON_SIZE],
                              const char *what, const char *why,
                              enum tally_err err)
{
    snprintf(reason, CONFIG_REASON_SIZE, "%.300s: %.200s", what, why);
    return err;
}

/* What this process makes in a directory of another user, the server of that
 * user could not open. */
static enum tally_err check_owner(const struct config *config,
                                  char reason[static CONFIG_REASON_SIZE])
{
    struct stat found;

    if (stat(config->data, &found) != 0)
        return errno == ENOENT ? TALLY_OK
                               : explain(reason, config->data, strerror(errno),
                                         TALLY_ERR_IO);
    if (found.st_uid == geteuid())
        return TALLY_OK;
    return explain(reason, config->data,
                   "belongs to another user; run this command as that user",
                   TALLY_ERR_DENIED);
}

enum tally_err operator_open(const struct config *config,
                             struct engine **engine,
                             char reason[static CONFIG_REASON_SIZE])
{
    struct engine_options options;
    char cause[256] = "";
    enum tally_err err = check_owner(config, reason);

    if (err)
        return err;
    config_engine(config, &options);
    err = engine_open(&options, engine, cause);
    if (err)
        snprintf(reason, CONFIG_REASON_SIZE, "%s",
                 cause[0] ? cause : tally_err_text(err));
    return err;
}

enum tally_err operator_load(const struct config *config, struct engine *engine,
                             struct tally **tally,
                             char reason[static CONFIG_REASON_SIZE])
{
    char cause[DEFINITION_REASON_SIZE];
    struct tally *opened;
    enum tally_err err = tally_open(engine, &opened);

    if (err)
        return explain(reason, "what is stored cannot be loaded",
                       tally_err_text(err), err);
    err = additions_apply(&config->metrics, opened, cause);
    if (err) {
        tally_close(opened);
        return explain(reason, "metrics.custom", cause, err);
    }
    *tally = opened;
    return TALLY_OK;
}

/* In this process. */

static enum tally_err set_params(const struct operator_call *call,
                                 struct arena *arena, struct params *params)
{
    enum tally_err err = params_set(
        params, arena, (struct param){.name = TEXT("raw"), .value = TEXT("1")});

    if (!err && call->args.len > 0)
        err = params_set(
            params, arena,
            (struct param){.name = TEXT("args"), .value = call->args});
    return err;
}

static enum tally_err decide(struct operator_call *call, struct tally *tally,
                             const struct params *params)
{
    struct manage manage = {
        .claim = {.registry = tally->registry,
                  .params = params,
                  .is_operator = true},
        .engine = tally->engine,
        .logins = tally->logins,
        .settings = &tally->settings,
        .catalog = tally->catalog,
        .now = clock_now_ms() / 1000,
        .batch = &tally->batch,
        .out = &call->out,
    };
    struct text path = text_of(call->path);
    int status = manage_call(&manage, path);

    if (status == MANAGE_WAITS) {
        password_run(&manage.job);
        status = manage_call(&manage, path);
    }
    if (status == MANAGE_IS_NONE)
        return TALLY_ERR_INVALID;
    call->status = status;
    if (status != ANSWER_OK || batch_is_empty(&tally->batch)) {
        batch_clear(&tally->batch);
        return TALLY_OK;
    }

    enum tally_err err = tally_apply(tally);

    return err ? err : engine_flush(tally->engine);
}

static enum tally_err ask_here(struct operator_call *call,
                               struct engine *engine)
{
    struct arena *arena = arena_create(ARENA_SIZE);
    struct params params = {0};
    struct tally *tally = NULL;
    enum tally_err err = set_params(call, arena, &params);

    if (!err)
        err = tally_open(engine, &tally);
    if (!err)
        err = decide(call, tally, &params);
    if (err)
        explain(call->reason, call->config->data, tally_err_text(err), err);
    tally_close(tally);
    arena_destroy(arena);
    return err;
}

/* Through the socket. */

void operator_add_encoded(struct buffer *form, struct text text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
            (c >= 'A' && c <= 'Z')) {
            buffer_add_byte(form, (char)c);
        } else {
            buffer_add_byte(form, '%');
            buffer_add_byte(form, digits[c >> 4]);
            buffer_add_byte(form, digits[c & 15]);
        }
    }
}

enum tally_err operator_ask_server(struct operator_call *call,
                                   unsigned timeout_ms)
{
    char path[SOCKET_PATH_SIZE];
    struct buffer form;

    snprintf(path, sizeof(path), "%s/" CONFIG_SOCKET, call->config->data);
    buffer_init(&form, ARENA_SIZE);
    buffer_add_string(&form, "raw=1&args=");
    operator_add_encoded(&form, call->args);

    struct client_request request = {.socket = path,
                                     .target = call->path,
                                     .form = buffer_text(&form),
                                     .timeout_ms = timeout_ms};
    enum tally_err err = buffer_is_whole(&form)
                             ? client_post(&request, &call->status, &call->out)
                             : TALLY_ERR_TOO_BIG;

    buffer_finish(&form);
    if (err)
        explain(call->reason, path,
                err == TALLY_ERR_NOT_FOUND ? "no server listens here"
                                           : tally_err_text(err),
                err);
    return err;
}

static void pause_shortly(void)
{
    struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};

    nanosleep(&pause, NULL);
}

bool operator_has_directory(const struct config *config,
                            char reason[static CONFIG_REASON_SIZE])
{
    struct stat found;

    if (stat(config->data, &found) == 0 || errno != ENOENT)
        return true;
    explain(reason, config->data, "there is no such directory",
            TALLY_ERR_NOT_FOUND);
    return false;
}

/* Whoever has the directory may be a server that has not begun to listen, or
 * another command: both do not take long. */
enum tally_err operator_ask(struct operator_call *call)
{
    struct engine *engine;
    enum tally_err err = TALLY_ERR_IN_USE;

    buffer_init(&call->out, OPERATOR_ANSWER_MAX);
    if (strncmp(call->path, "/o/", 3) == 0 &&
        !operator_has_directory(call->config, call->reason))
        return TALLY_ERR_NOT_FOUND;
    for (int i = 0; i < PAUSES && err == TALLY_ERR_IN_USE; i++) {
        err = operator_ask_server(call, CLIENT_TIMEOUT_MS);
        if (err != TALLY_ERR_NOT_FOUND)
            return err;
        err = operator_open(call->config, &engine, call->reason);
        if (err == TALLY_ERR_IN_USE)
            pause_shortly();
    }
    if (err)
        return err;
    err = ask_here(call, engine);
    engine_close(engine);
    return err;
}
