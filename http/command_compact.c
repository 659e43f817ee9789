#include "http/command_compact.h"

#include <stdio.h>

#include "engine/compaction.h"
#include "http/operator.h"
#include "metrics/departure.h"
#include "metrics/tally.h"

enum { CHECKPOINT_MS = 600 * 1000, ANSWER_MS = 24 * 3600 * 1000 };

static int fail(const struct config *config, enum tally_err err)
{
    return command_fail(config->data, tally_err_text(err));
}

/* What was deleted is gone from now on. */
static enum tally_err settle(struct engine *engine)
{
    struct tally *tally;
    enum tally_err err = tally_open(engine, &tally);

    if (err)
        return err;
    err = departure_settle(tally);
    if (!err)
        err = engine_flush(engine);
    tally_close(tally);
    return err;
}

/* The directory is free: copied by one engine, opened by the next. */
static int compact_here(const struct config *config, struct engine *engine)
{
    char reason[CONFIG_REASON_SIZE];
    enum tally_err err =
        compaction_prepare(engine, config->data, CHECKPOINT_MS);

    engine_close(engine);
    if (err)
        return fail(config, err);
    if (operator_open(config, &engine, reason))
        return command_fail(reason, NULL);
    err = settle(engine);
    engine_close(engine);
    return err ? fail(config, err) : COMMAND_DONE;
}

static int ask_server(const struct config *config)
{
    struct operator_call ask = {.config = config, .path = "/i/compact"};
    int code = COMMAND_DONE;

    buffer_init(&ask.out, OPERATOR_ANSWER_MAX);
    if (operator_ask_server(&ask, ANSWER_MS)) {
        code = command_fail(ask.reason, NULL);
    } else if (ask.status != 200) {
        buffer_add_byte(&ask.out, '\0');
        code = command_fail(config->data, ask.out.at);
    }
    buffer_finish(&ask.out);
    return code;
}

int command_compact(struct command_call *call)
{
    const struct config *config = &call->config;
    char reason[CONFIG_REASON_SIZE];
    struct engine *engine;

    if (!operator_has_directory(config, reason))
        return command_fail(reason, NULL);
    enum tally_err err = operator_open(config, &engine, reason);
    int code = COMMAND_FAILED;
    if (err == TALLY_ERR_IN_USE)
        code = ask_server(config);
    else if (err)
        return command_fail(reason, NULL);
    else
        code = compact_here(config, engine);
    if (code == COMMAND_DONE)
        printf("%s is compacted\n", config->data);
    return code;
}
