#include "http/command_compact.h"

#include <stdio.h>

#include "engine/compaction.h"
#include "http/operator.h"
#include "metrics/departure.h"
#include "metrics/tally.h"

enum { CHECKPOINT_MS = 600 * 1000 };

static int fail(const struct config *config, enum tally_err err)
{
    return command_fail(config->data, tally_err_text(err));
}

static enum tally_err open_directory(const struct config *config,
                                     struct engine **engine,
                                     char reason[static CONFIG_REASON_SIZE])
{
    enum tally_err err = operator_open(config, engine, reason);

    if (err == TALLY_ERR_IN_USE)
        snprintf(reason, CONFIG_REASON_SIZE,
                 "%.300s: in use by another process; stop the server first",
                 config->data);
    return err;
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

int command_compact(struct command_call *call)
{
    const struct config *config = &call->config;
    char reason[CONFIG_REASON_SIZE];
    struct engine *engine;

    if (!operator_has_directory(config, reason) ||
        open_directory(config, &engine, reason))
        return command_fail(reason, NULL);
    enum tally_err err =
        compaction_prepare(engine, config->data, CHECKPOINT_MS);
    engine_close(engine);
    if (err)
        return fail(config, err);
    if (open_directory(config, &engine, reason))
        return command_fail(reason, NULL);
    err = settle(engine);
    engine_close(engine);
    if (err)
        return fail(config, err);
    printf("%s is compacted\n", config->data);
    return COMMAND_DONE;
}
