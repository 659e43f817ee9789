#include "http/command_keeping.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/clock.h"
#include "http/enquiry.h"
#include "http/operator.h"
#include "metrics/answer.h"
#include "metrics/keeping.h"

enum { PATIENCE_MS = 3600 * 1000, CHECKPOINT_MS = 600 * 1000 };

/* In this process. */

static enum tally_err measure(struct tally *tally, int64_t now, bool is_dry,
                              struct buffer *out)
{
    struct reader *reader;
    struct json json;
    enum tally_err err = reader_open(tally->engine, &reader);
    if (err)
        return err;

    struct keeping_report *report = keeping_plan(tally, reader, now);
    err = keeping_measure(report);
    json_init(&json, out, JSON_PLAIN);
    if (!err)
        keeping_write(report, is_dry, &json);
    keeping_report_destroy(report);
    reader_close(reader);
    return err;
}

static enum tally_err run(struct tally *tally, int64_t now)
{
    struct keeping keeping;
    enum tally_err err = TALLY_OK;
    bool over = false;

    keeping_start(&keeping, tally, now);
    while (!err && !over) {
        err = keeping_step(&keeping, &over);
        engine_turn(tally->engine);
        if (err == TALLY_ERR_FULL)
            err = engine_checkpoint_wait(tally->engine, CHECKPOINT_MS);
    }
    return err ? err : engine_flush(tally->engine);
}

/* The directory is free: the base is brought up to date first. */
static enum tally_err run_here(const struct config *config,
                               struct engine *engine, bool is_dry,
                               struct buffer *out)
{
    int64_t now = clock_now_ms() / 1000;
    struct tally *tally = NULL;
    enum tally_err err = engine_checkpoint_wait(engine, CHECKPOINT_MS);

    if (!err)
        err = tally_open(engine, &tally);
    if (!err) {
        tally->settings = config->api;
        err = measure(tally, now, is_dry, out);
    }
    if (!err && !is_dry)
        err = run(tally, now);
    tally_close(tally);
    engine_close(engine);
    return err;
}

/* Through the socket. */

static int ask_server(const struct config *config, bool is_dry,
                      struct buffer *out)
{
    struct operator_call ask = {.config = config,
                                .path = "/i/retention",
                                .args = is_dry ? TEXT("{\"dry_run\":true}")
                                               : TEXT("{}")};

    buffer_init(&ask.out, OPERATOR_ANSWER_MAX);
    enum tally_err err = operator_ask_server(&ask, PATIENCE_MS);
    int code = COMMAND_DONE;
    if (err) {
        code = command_fail(ask.reason, NULL);
    } else if (ask.status != ANSWER_OK) {
        buffer_add_byte(&ask.out, '\0');
        code = command_fail("the server refuses", ask.out.at);
    } else {
        buffer_add_text(out, buffer_text(&ask.out));
    }
    buffer_finish(&ask.out);
    return code;
}

/* Printing. */

static double number(const cJSON *app, const char *kind, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(app, kind), name);

    return cJSON_IsNumber(value) ? value->valuedouble : 0;
}

static void add_sum(struct grid *grid, const cJSON *app, const char *name)
{
    char text[32];
    double sum = number(app, "hours", name) + number(app, "days", name) +
                 number(app, "activity", name);

    snprintf(text, sizeof(text), "%.0f", sum);
    grid_add(grid, text_of(text));
}

static int print_table(const cJSON *answer)
{
    static const char *const titles[] = {"APP", "HOURS FROM", "DAYS FROM",
                                         "RECORDS", "BYTES"};
    static const char *const columns[] = {"_id", "hours_from", "days_from"};
    struct grid *grid = grid_create(titles, sizeof(titles) / sizeof(titles[0]));
    const cJSON *app;

    cJSON_ArrayForEach(app, cJSON_GetObjectItemCaseSensitive(answer, "apps"))
    {
        for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
            enquiry_add_cell(grid, app, columns[i]);
        add_sum(grid, app, "records");
        add_sum(grid, app, "bytes");
    }
    grid_write(grid, stdout);
    grid_destroy(grid);
    return fflush(stdout) == 0 ? COMMAND_DONE : COMMAND_FAILED;
}

static int print(const struct command_call *call, const struct buffer *out)
{
    cJSON *answer = cJSON_ParseWithLength(out->at, out->len);

    if (!answer)
        return command_fail("the answer is not JSON", NULL);
    int code = command_has(call, "json") ? enquiry_print_json(answer)
                                         : print_table(answer);
    cJSON_Delete(answer);
    return code;
}

static int make_run(struct command_call *call, bool is_dry, struct buffer *out)
{
    char reason[CONFIG_REASON_SIZE];
    struct engine *engine;

    if (!operator_has_directory(&call->config, reason))
        return command_fail(reason, NULL);
    enum tally_err err = operator_open(&call->config, &engine, reason);
    if (err == TALLY_ERR_IN_USE)
        return ask_server(&call->config, is_dry, out);
    if (err)
        return command_fail(reason, NULL);
    err = run_here(&call->config, engine, is_dry, out);
    return err ? command_fail("old data cannot be moved", tally_err_text(err))
               : COMMAND_DONE;
}

int command_keeping_run(struct command_call *call)
{
    struct buffer out;

    buffer_init(&out, OPERATOR_ANSWER_MAX);
    int code = make_run(call, command_has(call, "dry-run"), &out);
    if (code == COMMAND_DONE)
        code = print(call, &out);
    buffer_finish(&out);
    return code;
}
