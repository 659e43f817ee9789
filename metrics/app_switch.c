#include "metrics/app_switch.h"

#include "metrics/document.h"

static void add(struct buffer *invalid, const char *name, const char *rest)
{
    if (invalid->len > 0)
        buffer_add_byte(invalid, ',');
    buffer_add_string(invalid, name);
    buffer_add_string(invalid, rest);
}

void app_switch_check(const cJSON *args, const struct plugins *plugins,
                      struct buffer *invalid)
{
    const cJSON *sent = document_find(args, "plugins");
    const cJSON *wish;

    if (!sent || cJSON_IsNull(sent))
        return;
    if (!cJSON_IsObject(sent)) {
        add(invalid, "plugins", "");
        return;
    }
    cJSON_ArrayForEach(wish, sent)
    {
        bool is_known = plugins && plugins_find(plugins, text_of(wish->string));

        if (!cJSON_IsNull(wish) && !(cJSON_IsBool(wish) && is_known))
            add(invalid, "plugins.", wish->string);
    }
}

cJSON *app_switch_merge(const cJSON *args, const struct app *app)
{
    const cJSON *sent = document_find(args, "plugins");
    cJSON *merged = app->plugins ? cJSON_Duplicate(app->plugins, true)
                                 : cJSON_CreateObject();
    const cJSON *wish;

    cJSON_ArrayForEach(wish, sent)
    {
        cJSON_DeleteItemFromObjectCaseSensitive(merged, wish->string);
        if (cJSON_IsBool(wish))
            cJSON_AddBoolToObject(merged, wish->string, cJSON_IsTrue(wish));
    }
    return merged;
}

unsigned app_switch_change(const cJSON *merged, struct app *app,
                           struct json *json)
{
    bool is_empty = !app->plugins && !merged->child;

    if (is_empty || cJSON_Compare(app->plugins, merged, true))
        return 0;
    app->plugins = merged;
    json_key_string(json, "plugins");
    document_write(json, merged);
    return 1;
}
