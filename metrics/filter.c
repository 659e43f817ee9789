#include "metrics/filter.h"

#include <stdlib.h>

#include "engine/crowd.h"
#include "engine/dictionary.h"
#include "engine/key.h"
#include "metrics/document.h"

static const struct metric *find_metric(const struct catalog *catalog,
                                        struct text name)
{
    const struct metric *metric = catalog_by_name(catalog, name);

    return metric ? metric : catalog_by_short_code(catalog, name);
}

/* Keeps the ids sorted and each once. */
static void insert(struct filter_member *member, uint32_t value)
{
    unsigned at = member->count;

    for (unsigned i = 0; i < member->count; i++) {
        if (member->values[i] == value)
            return;
    }
    while (at > 0 && member->values[at - 1] > value) {
        member->values[at] = member->values[at - 1];
        at--;
    }
    member->values[at] = value;
    member->count++;
}

static enum tally_err add_value(struct engine *engine, uint32_t app,
                                struct filter_member *member, struct text text)
{
    enum tally_err err = TALLY_ERR_NOT_FOUND;
    uint32_t value;

    if (text.len > 0 && text.len <= KEY_NAME_MAX)
        err = dictionary_find(engine, app, member->set, text, &value);
    if (!err)
        insert(member, value);
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

static const char *read_value(struct engine *engine, uint32_t app,
                              const cJSON *item, struct filter_member *member,
                              enum tally_err *err)
{
    if (!cJSON_IsString(item))
        return "Invalid parameter \"filter\": a value must be a string";
    if (!*err)
        *err = add_value(engine, app, member, text_of(item->valuestring));
    return NULL;
}

static const char *read_list(struct engine *engine, uint32_t app,
                             const cJSON *list, struct filter_member *member,
                             enum tally_err *err)
{
    const char *wrong = NULL;
    const cJSON *item = list->child;

    if (cJSON_GetArraySize(list) > FILTER_VALUES_MAX)
        return "Invalid parameter \"filter\": more than 100 values of a "
               "metric";
    for (; item && !wrong; item = item->next)
        wrong = read_value(engine, app, item, member, err);
    return wrong;
}

static const char *read_member(const struct catalog *catalog,
                               struct engine *engine, const cJSON *item,
                               struct filter *filter, enum tally_err *err)
{
    const struct metric *metric = find_metric(catalog, text_of(item->string));

    if (!metric)
        return "Invalid parameter \"filter\": a name is none of a metric";
    if (filter->count == FILTER_MEMBERS_MAX)
        return "Invalid parameter \"filter\": more than 16 metrics";
    struct filter_member *member = &filter->members[filter->count++];
    *member = (struct filter_member){.set = metric->set};
    if (cJSON_IsArray(item))
        return read_list(engine, filter->app, item, member, err);
    return read_value(engine, filter->app, item, member, err);
}

const char *filter_read(const struct catalog *catalog, struct engine *engine,
                        uint32_t app, struct text json, struct filter *filter,
                        enum tally_err *err)
{
    const char *wrong = NULL;

    *err = TALLY_OK;
    filter->app = app;
    filter->count = 0;
    if (json.len == 0)
        return NULL;
    cJSON *tree = document_parse(json);
    if (!tree)
        return "Invalid parameter \"filter\": not a JSON object";
    for (const cJSON *item = tree->child; item && !wrong; item = item->next)
        wrong = read_member(catalog, engine, item, filter, err);
    cJSON_Delete(tree);
    return wrong;
}

enum tally_err filter_require(struct engine *engine, struct filter *filter,
                              uint32_t set, struct text value)
{
    struct filter_member *member = &filter->members[filter->count++];

    *member = (struct filter_member){.set = set};
    return add_value(engine, filter->app, member, value);
}

static struct crowd_values values_of(const struct filter *filter,
                                     unsigned member)
{
    const struct filter_member *found = &filter->members[member];

    if (filter->count == 0)
        return (struct crowd_values){.set = 0};
    return (struct crowd_values){found->set, found->count, found->values};
}

unsigned filter_parts(const struct filter *filter)
{
    return filter->count > 0 ? filter->count : 1;
}

void filter_capture(const struct filter *filter, struct reader *reader,
                    const struct span *span)
{
    struct span runs[SPAN_RUNS];
    unsigned count = span_runs(span, runs);

    for (unsigned i = 0; i < count * filter_parts(filter); i++)
        crowd_capture(reader, filter->app, values_of(filter, i / count).set,
                      runs[i % count].first, runs[i % count].last);
}

enum tally_err filter_member_users(const struct filter *filter, unsigned member,
                                   struct reader *reader,
                                   const struct span *span,
                                   struct ordinals *users)
{
    struct crowd_values wanted = values_of(filter, member);
    struct span runs[SPAN_RUNS];
    unsigned count = span_runs(span, runs);
    enum tally_err err = TALLY_OK;

    if (wanted.set != 0 && wanted.count == 0)
        return TALLY_OK;
    for (unsigned i = 0; !err && i < count; i++)
        err = crowd_with(reader, filter->app, &wanted, runs[i].first,
                         runs[i].last, users);
    return err;
}

enum tally_err filter_users(const struct filter *filter, struct reader *reader,
                            const struct span *span, struct ordinals *users)
{
    struct ordinals met = {0};
    enum tally_err err = filter_member_users(filter, 0, reader, span, users);

    for (unsigned i = 1; !err && i < filter->count; i++) {
        ordinals_clear(&met);
        err = filter_member_users(filter, i, reader, span, &met);
        ordinals_meet(users, &met);
    }
    ordinals_finish(&met);
    return err;
}
