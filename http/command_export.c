#include "http/command_export.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/clock.h"
#include "http/client.h"
#include "http/command_app.h"
#include "http/operator.h"
#include "metrics/export.h"
#include "metrics/id.h"
#include "metrics/period.h"
#include "metrics/tally.h"

enum {
    FORM_MAX = 64 * 1024,
    PATIENCE_MS = 120 * 1000,
    SOCKET_PATH_SIZE = CONFIG_TEXT_MAX + 16,
};

/* What is asked for. */
struct wish {
    const struct config *config;
    struct text app; /* id or key */
    struct text method;
    struct text event;
    struct text period;
    struct text type;
    FILE *out;
};

static bool write_part(void *user, struct text part)
{
    const struct wish *wish = user;

    return part.len == 0 || fwrite(part.at, 1, part.len, wish->out) == part.len;
}

/* In this process. */

static enum tally_err write_pieces(const struct wish *wish,
                                   struct export *export)
{
    struct buffer piece;
    enum tally_err err = TALLY_OK;

    buffer_init(&piece, EXPORT_PIECE_MAX);
    while (!err && !export->is_done) {
        buffer_clear(&piece);
        err = export_next(export, &piece);
        if (!err && !write_part((void *)wish, buffer_text(&piece)))
            err = TALLY_ERR_IO;
    }
    buffer_finish(&piece);
    return err;
}

static const struct app *find_app(const struct registry *registry,
                                  struct text name)
{
    const struct app *app = registry_app(registry, name);

    return app ? app : registry_app_by_key(registry, name);
}

static int export_app(const struct wish *wish, const struct tally *tally,
                      const struct app *app)
{
    struct export_order order = {
        .engine = tally->engine,
        .catalog = tally->catalog,
        .app = app,
        .method = wish->method,
        .event = wish->event,
        .span = period_parse(wish->period, app->zone, clock_now_ms() / 1000)
                    .current};
    struct export *export = NULL;

    if (!rows_format_read(wish->type, &order.format))
        return command_fail("the type must be json, jsonl or csv", NULL);
    enum tally_err err = export_open(&order, &export);
    if (err == TALLY_ERR_NOT_FOUND)
        return command_fail("there is no such method or event", NULL);
    if (!err)
        err = write_pieces(wish, export);
    export_close(export);
    return err ? command_fail("not exported", tally_err_text(err))
               : COMMAND_DONE;
}

static int export_here(const struct wish *wish, struct engine *engine)
{
    char reason[CONFIG_REASON_SIZE];
    struct tally *tally;

    if (operator_load(wish->config, engine, &tally, reason) != TALLY_OK)
        return command_fail(reason, NULL);
    const struct app *app = find_app(tally->registry, wish->app);
    int code = app ? export_app(wish, tally, app)
                   : command_fail("there is no app with this id or key", NULL);

    tally_close(tally);
    return code;
}

/* Through the socket. */

static void add_param(struct buffer *form, const char *name, struct text value)
{
    buffer_add_byte(form, '&');
    buffer_add_string(form, name);
    buffer_add_byte(form, '=');
    operator_add_encoded(form, value);
}

static int report(const struct buffer *refusal, enum tally_err err, int status)
{
    char text[CONFIG_REASON_SIZE];

    if (err)
        return command_fail("not exported", tally_err_text(err));
    if (status == 200)
        return COMMAND_DONE;
    snprintf(text, sizeof(text), "%.*s", (int)refusal->len,
             refusal->len > 0 ? refusal->at : "");
    return command_fail("not exported", text);
}

static int export_there(struct wish *wish, struct text id)
{
    char path[SOCKET_PATH_SIZE];
    struct client_request request = {
        .socket = path, .target = "/o/export/data", .timeout_ms = PATIENCE_MS};
    struct buffer form;
    struct buffer refusal;
    int status = 0;

    snprintf(path, sizeof(path), "%s/" CONFIG_SOCKET, wish->config->data);
    buffer_init(&form, FORM_MAX);
    buffer_init(&refusal, CONFIG_REASON_SIZE);
    buffer_add_string(&form, "raw=1");
    add_param(&form, "app_id", id);
    add_param(&form, "method", wish->method);
    add_param(&form, "event", wish->event);
    add_param(&form, "period", wish->period);
    add_param(&form, "type", wish->type);
    request.form = buffer_text(&form);
    enum tally_err err =
        client_fetch(&request, &status, write_part, wish, &refusal);
    int code = report(&refusal, err, status);
    buffer_finish(&form);
    buffer_finish(&refusal);
    return code;
}

static int export_it(const struct command_call *call, struct wish *wish)
{
    char reason[CONFIG_REASON_SIZE];
    char id[ID_SIZE];
    struct engine *engine;

    if (!operator_has_directory(wish->config, reason))
        return command_fail(reason, NULL);
    enum tally_err err = operator_open(wish->config, &engine, reason);
    if (err == TALLY_ERR_IN_USE) {
        int code = command_app_find(call, call->operand, id);
        return code ? code : export_there(wish, text_of(id));
    }
    if (err)
        return command_fail(reason, NULL);
    int code = export_here(wish, engine);
    engine_close(engine);
    return code;
}

static struct text value_or(const struct command_call *call, const char *name,
                            const char *fallback)
{
    const char *value = command_value(call, name);

    return text_of(value ? value : fallback);
}

int command_export(struct command_call *call)
{
    const char *path = command_value(call, "output");
    struct wish wish = {.config = &call->config,
                        .app = text_of(call->operand),
                        .method = value_or(call, "method", "counters"),
                        .event = value_or(call, "event", ""),
                        .period = value_or(call, "period", "3660days"),
                        .type = value_or(call, "type", "csv"),
                        .out = stdout};

    if (path)
        wish.out = fopen(path, "wx");
    if (!wish.out)
        return command_fail(path, strerror(errno));
    int code = export_it(call, &wish);
    bool is_whole = fflush(wish.out) == 0 && !ferror(wish.out);
    if (path)
        is_whole &= fclose(wish.out) == 0;
    if (code == COMMAND_DONE && !is_whole)
        code = command_fail("the output cannot be written", NULL);
    return code;
}
