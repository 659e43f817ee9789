#include "http/command_app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/enquiry.h"

static const char *const fields[] = {
    "_id",      "name",      "key",  "country",    "timezone",
    "category", "type",      "salt", "created_at", "edited_at",
    "locked",   "retention", NULL,
};

static int print_app(const struct command_call *call, const cJSON *app)
{
    return command_has(call, "json") ? enquiry_print_json(app)
                                     : enquiry_print_fields(app, fields);
}

int command_app_create(struct command_call *call)
{
    static const char *const names[] = {
        "name", "country", "timezone", "category", "type", "key", "salt"};
    cJSON *args = cJSON_CreateObject();
    cJSON *app = NULL;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = command_value(call, names[i]);

        if (value)
            cJSON_AddStringToObject(args, names[i], value);
    }

    int code = enquiry_make(call, "/i/apps/create", args, &app);

    if (code == COMMAND_DONE)
        code = print_app(call, app);
    cJSON_Delete(app);
    cJSON_Delete(args);
    return code;
}

static int print_table(const cJSON *apps)
{
    static const char *const titles[] = {"ID",       "NAME",    "KEY",
                                         "TIMEZONE", "COUNTRY", "TYPE"};
    static const char *const columns[] = {"_id",      "name",    "key",
                                          "timezone", "country", "type"};
    enum { COLUMNS = sizeof(titles) / sizeof(titles[0]) };
    struct grid *grid = grid_create(titles, COLUMNS);
    const cJSON *app;

    cJSON_ArrayForEach(app, apps)
    {
        for (int i = 0; i < COLUMNS; i++)
            enquiry_add_cell(grid, app, columns[i]);
    }
    grid_write(grid, stdout);
    grid_destroy(grid);
    return fflush(stdout) == 0 ? COMMAND_DONE : COMMAND_FAILED;
}

/* All apps by id; `answer` owns them. */
static int read_apps(const struct command_call *call, cJSON **answer,
                     cJSON **apps)
{
    int code = enquiry_make(call, "/o/apps/all", NULL, answer);

    *apps = cJSON_GetObjectItemCaseSensitive(*answer, "admin_of");
    return code;
}

int command_app_list(struct command_call *call)
{
    cJSON *answer = NULL;
    cJSON *apps;
    int code = read_apps(call, &answer, &apps);

    if (code == COMMAND_DONE)
        code = command_has(call, "json") ? enquiry_print_json(apps)
                                         : print_table(apps);
    cJSON_Delete(answer);
    return code;
}

static bool has_text(const cJSON *app, const char *name, const char *text)
{
    const char *value =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(app, name));

    return value && strcmp(value, text) == 0;
}

/* The app that the operand names: an id rather than a key. */
static const cJSON *find_app(const cJSON *apps, const char *name)
{
    static const char *const by[] = {"_id", "key"};
    const cJSON *app;

    for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
        cJSON_ArrayForEach(app, apps)
        {
            if (has_text(app, by[i], name))
                return app;
        }
    }
    command_fail("there is no app with this id or key", name);
    return NULL;
}

int command_app_show(struct command_call *call)
{
    cJSON *answer = NULL;
    cJSON *apps;
    int code = read_apps(call, &answer, &apps);

    if (code == COMMAND_DONE) {
        const cJSON *app = find_app(apps, call->operand);

        code = app ? print_app(call, app) : COMMAND_FAILED;
    }
    cJSON_Delete(answer);
    return code;
}

static int delete_app(const struct command_call *call, const cJSON *app)
{
    const char *id =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(app, "_id"));
    cJSON *args = cJSON_CreateObject();
    cJSON *answer = NULL;

    cJSON_AddStringToObject(args, "app_id", id);

    int code = enquiry_make(call, "/i/apps/delete", args, &answer);

    if (code == COMMAND_DONE)
        printf("deleted %s\n", id);
    cJSON_Delete(answer);
    cJSON_Delete(args);
    return code;
}

int command_app_delete(struct command_call *call)
{
    cJSON *answer = NULL;
    cJSON *apps;
    int code = read_apps(call, &answer, &apps);

    if (code == COMMAND_DONE) {
        const cJSON *app = find_app(apps, call->operand);

        code = app ? delete_app(call, app) : COMMAND_FAILED;
    }
    cJSON_Delete(answer);
    return code;
}

int command_app_find(const struct command_call *call, const char *name,
                     char id[static ID_SIZE])
{
    cJSON *answer = NULL;
    cJSON *apps;
    int code = read_apps(call, &answer, &apps);
    const cJSON *app = code == COMMAND_DONE ? find_app(apps, name) : NULL;

    if (code == COMMAND_DONE && !app)
        code = COMMAND_FAILED;
    if (app)
        snprintf(
            id, ID_SIZE, "%s",
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(app, "_id")));
    cJSON_Delete(answer);
    return code;
}

/* Puts a number, or null for `default`; false for other text. */
static bool put_period(cJSON *retention, const char *name, const char *text)
{
    size_t len = strlen(text);

    if (strcmp(text, "default") == 0)
        return cJSON_AddNullToObject(retention, name) != NULL;
    if (len == 0 || len > 6 || strspn(text, "0123456789") != len)
        return false;
    return cJSON_AddNumberToObject(retention, name, strtod(text, NULL)) != NULL;
}

static int keep(const struct command_call *call, const char *id)
{
    static const char *const names[] = {"hours", "days"};
    cJSON *args = cJSON_CreateObject();
    cJSON *retention = cJSON_AddObjectToObject(args, "retention");
    cJSON *answer = NULL;
    int code = COMMAND_DONE;

    cJSON_AddStringToObject(args, "app_id", id);
    for (int i = 0; i < 2 && code == COMMAND_DONE; i++) {
        const char *value = command_value(call, names[i]);
        if (value && !put_period(retention, names[i], value))
            code = command_fail("no number and not `default`", value);
    }
    if (code == COMMAND_DONE)
        code = enquiry_make(call, "/i/apps/update", args, &answer);
    cJSON_Delete(answer);
    cJSON_Delete(args);
    return code;
}

int command_app_keep(struct command_call *call)
{
    char id[ID_SIZE];
    int code = command_app_find(call, call->operand, id);

    return code == COMMAND_DONE ? keep(call, id) : code;
}
