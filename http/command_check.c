#include "http/command_check.h"

#include <stdio.h>

#include "engine/engine.h"
#include "http/operator.h"
#include "metrics/audit.h"
#include "metrics/tally.h"

enum { REPORT_MAX = 1 << 20 };

static int check(struct engine *engine)
{
    struct tally *tally;
    struct buffer report;
    enum tally_err err = tally_open(engine, &tally);

    if (err)
        return command_fail("what is stored cannot be loaded",
                            tally_err_text(err));
    buffer_init(&report, REPORT_MAX);

    int broken = audit(tally, &report);

    if (report.len > 0)
        fwrite(report.at, 1, report.len, stdout);
    if (broken > 0)
        printf("%d broken\n", broken);
    else
        puts("all is well");
    buffer_finish(&report);
    tally_close(tally);
    return broken > 0 || fflush(stdout) != 0 ? COMMAND_FAILED : COMMAND_DONE;
}

int command_check(struct command_call *call)
{
    struct engine *engine;
    char reason[CONFIG_REASON_SIZE];

    if (!operator_has_directory(&call->config, reason) ||
        operator_open(&call->config, &engine, reason))
        return command_fail(reason, NULL);

    int code = check(engine);

    engine_close(engine);
    return code;
}
