/*
 * What concerns one app user, or the file with what is known of one.
 */
#include "http/route_user.h"

#include <stdio.h>

#include "http/demand.h"
#include "http/hook_call.h"
#include "http/route.h"
#include "metrics/document.h"
#include "metrics/person.h"
#include "metrics/portrait.h"
#include "metrics/user_admin.h"
#include "metrics/user_export.h"

/* Creating. */

static void answer_created(struct service *service, struct exchange *exchange,
                           const struct app *app, uint32_t ordinal)
{
    struct portrait portrait = {.engine = service->engine,
                                .catalog = service->tally->catalog,
                                .app = app->number,
                                .app_key = text_of(app->key),
                                .arena = arena_create(PORTRAIT_ARENA)};
    struct buffer message;
    struct json json;

    buffer_init(&message, DOCUMENT_SIZE_MAX * 2);
    buffer_add_string(&message, "User Created: ");
    json_init(&json, &message, JSON_PLAIN);
    enum tally_err err = portrait_turn(&portrait, ordinal);
    if (!err)
        err = portrait_write(&portrait, &json);
    buffer_add_byte(&message, '\0');
    bool is_good = !err && buffer_is_whole(&message);
    response_write_result(exchange->out, is_good ? message.at : "User Created");
    buffer_finish(&message);
    arena_destroy(portrait.arena);
    hook_call_answer(service, exchange, 200, NULL);
}

static void fail_create(struct service *service, struct exchange *exchange,
                        enum tally_err err)
{
    hook_call_drop(exchange);
    if (err == TALLY_ERR_EXISTS)
        demand_refuse(service, exchange, 400,
                      "User with this did already exists");
    else if (err == TALLY_ERR_FULL)
        route_answer_no_room(exchange, engine_lsn(service->engine));
    else
        demand_refuse(service, exchange, 500, "Stored data cannot be read");
}

static void create(struct service *service, struct exchange *exchange,
                   const struct pass *pass, const cJSON *data)
{
    const struct app *app = pass->app;
    struct user_admin admin = {service->tally, app, exchange->now / 1000, NULL};
    struct tally_call hooks;
    const cJSON *given = document_find(data, "did");
    char *printed =
        cJSON_IsNumber(given) ? cJSON_PrintUnformatted(given) : NULL;
    struct text did = text_of(printed ? printed : cJSON_GetStringValue(given));
    uint32_t ordinal;

    if (hook_call_fill(service, exchange, &hooks)) {
        hooks.member = pass->member;
        admin.hooks = &hooks;
    }
    if (did.len == 0 || did.len > PERSON_DEVICE_MAX) {
        demand_refuse(service, exchange, 400,
                      "Provide device_id as did property for data");
    } else {
        enum tally_err err = user_admin_create(&admin, did, data, &ordinal);
        if (err)
            fail_create(service, exchange, err);
        else
            answer_created(service, exchange, app, ordinal);
    }
    cJSON_free(printed);
}

void route_user_create(struct service *service, struct exchange *exchange,
                       struct text rest)
{
    static const char *const names[] = {"app_id", "data", NULL};
    struct pass pass;

    (void)rest;
    if (!demand_parameters(service, exchange, names))
        return;
    cJSON *data = demand_tree(service, exchange, "data",
                              "Parameter \"data\" cannot be empty");
    if (data && demand_right(service, exchange, PERMISSION_CREATE, &pass))
        create(service, exchange, &pass, data);
    cJSON_Delete(data);
}

/* Exports. */

static const char no_export[] = "Export doesn't exist";

static bool find_export(struct service *service, struct exchange *exchange,
                        enum permission_action right, struct text name,
                        struct text *content)
{
    static const char *const names[] = {"app_id", NULL};
    struct pass pass;

    if (!demand_parameters(service, exchange, names) ||
        !demand_right(service, exchange, right, &pass))
        return false;
    enum tally_err err = TALLY_ERR_NOT_FOUND;
    if (user_export_is_of(name, pass.app))
        err = user_export_get(service->tally, pass.app, name,
                              exchange->now / 1000, exchange->arena, content);
    if (err)
        demand_refuse(service, exchange, err == TALLY_ERR_NOT_FOUND ? 400 : 500,
                      err == TALLY_ERR_NOT_FOUND
                          ? no_export
                          : "Stored data cannot be read");
    return !err;
}

void route_user_forget(struct service *service, struct exchange *exchange,
                       struct text name)
{
    struct tally *tally = service->tally;
    struct text content;

    if (!find_export(service, exchange, PERMISSION_DELETE, name, &content))
        return;
    batch_clear(&tally->batch);
    user_export_erase(tally, name);
    if (tally_apply(tally) != TALLY_OK)
        route_answer_no_room(exchange, engine_lsn(service->engine));
    else
        demand_refuse(service, exchange, 200, "Export deleted");
}

static void download(struct service *service, struct exchange *exchange,
                     struct text name)
{
    char disposition[USER_EXPORT_NAME_SIZE + 32];
    struct text content;

    if (!find_export(service, exchange, PERMISSION_READ, name, &content))
        return;
    snprintf(disposition, sizeof(disposition), "attachment; filename=\"%.*s\"",
             (int)name.len, name.at);
    exchange_add_header(exchange, "Content-Disposition", disposition);
    buffer_add_text(exchange->out, content);
    exchange_answer(exchange, 200, engine_lsn(service->engine));
}

void route_export_each(const char *path, text_fn each, void *user)
{
    (void)path;
    each(user, TEXT("{name}"));
}

void route_export(struct service *service, struct exchange *exchange)
{
    download(service, exchange,
             demand_rest(exchange->path, "/o/app_users/download"));
}
