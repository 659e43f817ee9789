#include "metrics/tops.h"

#include <assert.h>
#include <cjson/cJSON.h>

#include "metrics/breakdown.h"
#include "metrics/country.h"

static bool is_by_users(const struct top *top)
{
    return top->metric->set == SET_BROWSER || text_is(top->name, "os");
}

static struct breakdown_question question_of(const struct tops *tops,
                                             const struct top *top)
{
    return (struct breakdown_question){
        .app = tops->app,
        .set = top->metric->set,
        .period = tops->period,
        .with_users = is_by_users(top),
    };
}

static void add(struct tops *tops, struct text name,
                const struct metric *metric)
{
    assert(tops->count < TOPS_MAX);
    tops->list[tops->count++] = (struct top){name, metric};
}

void tops_add_usual(struct tops *tops)
{
    static const struct {
        const char *name;
        enum set set;
    } usual[] = {
        {"platforms", SET_OS},
        {"resolutions", SET_RESOLUTIONS},
        {"carriers", SET_CARRIERS},
        {"countries", SET_COUNTRIES},
    };

    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        tops->list[tops->count++] =
            (struct top){text_of(usual[i].name),
                         catalog_by_set(tops->catalog, usual[i].set)};
}

void tops_add_single(struct tops *tops, struct text name)
{
    const struct metric *metric =
        catalog_by_analytics_name(tops->catalog, name);

    tops->is_single = true;
    if (metric)
        add(tops, name, metric);
}

static bool has(const struct tops *tops, struct text name)
{
    for (unsigned i = 0; i < tops->count; i++) {
        if (text_equal(tops->list[i].name, name))
            return true;
    }
    return false;
}

enum tally_err tops_add_list(struct tops *tops, struct text names,
                             struct arena *arena)
{
    cJSON *list = cJSON_ParseWithLength(names.at, names.len);
    enum tally_err err = TALLY_OK;
    const cJSON *item;

    for (item = cJSON_IsArray(list) ? list->child : NULL; !err && item;
         item = item->next) {
        struct text name = text_of(cJSON_GetStringValue(item));
        const struct metric *metric =
            catalog_by_analytics_name(tops->catalog, name);

        if (!metric || has(tops, name))
            continue;
        name.at = arena_strndup(arena, name.at, name.len);
        if (name.at)
            add(tops, name, metric);
        else
            err = TALLY_ERR_TOO_BIG;
    }
    cJSON_Delete(list);
    return err;
}

void tops_capture(const struct tops *tops, struct reader *reader)
{
    for (unsigned i = 0; i < tops->count; i++) {
        struct breakdown_question question = question_of(tops, &tops->list[i]);
        breakdown_capture(&question, reader);
    }
}

static void name_countries(struct breakdown *breakdown)
{
    for (size_t i = 0; i < breakdown->count; i++)
        breakdown->rows[i].name = country_name(breakdown->rows[i].name);
}

static enum tally_err write_top(const struct tops *tops, const struct top *top,
                                struct reader *reader, struct json *json)
{
    struct breakdown_question question = question_of(tops, top);
    struct breakdown breakdown;
    enum tally_err err = breakdown_read(&question, reader, &breakdown);
    if (err)
        return err;

    if (top->metric->set == SET_COUNTRIES)
        name_countries(&breakdown);
    breakdown_write_bars(&breakdown,
                         is_by_users(top) ? BREAKDOWN_U : BREAKDOWN_T, json);
    breakdown_finish(&breakdown);
    return TALLY_OK;
}

static void write_none(struct json *json)
{
    json_open_array(json);
    json_close_array(json);
}

static enum tally_err write_object(const struct tops *tops,
                                   struct reader *reader, struct json *json)
{
    enum tally_err err = TALLY_OK;

    json_open_object(json);
    for (unsigned i = 0; !err && i < tops->count; i++) {
        json_key(json, tops->list[i].name);
        err = write_top(tops, &tops->list[i], reader, json);
    }
    json_close_object(json);
    return err;
}

enum tally_err tops_write(const struct tops *tops, struct reader *reader,
                          struct json *json)
{
    if (!tops->is_single)
        return write_object(tops, reader, json);
    if (tops->count > 0)
        return write_top(tops, &tops->list[0], reader, json);
    write_none(json);
    return TALLY_OK;
}
