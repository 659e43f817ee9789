#include "http/read_event.h"

#include "engine/dictionary.h"
#include "metrics/document.h"
#include "metrics/event_object.h"
#include "metrics/event_plan.h"
#include "metrics/event_set.h"
#include "metrics/event_summary.h"
#include "metrics/event_table.h"
#include "metrics/event_ticks.h"

enum { TOP_DEFAULT = 10, TOP_MAX = 100 };

static const struct settings *settings_of(const struct read *read)
{
    return &read->service->tally->settings;
}

static enum tally_err find_plan(const struct read *read,
                                const struct event_plan **plan)
{
    return event_plan_find(read->service->tally, read->app, plan);
}

static enum tally_err write_nothing(struct read *read)
{
    json_open_object(&read->json);
    json_close_object(&read->json);
    return TALLY_OK;
}

/* The id of a segment of an event; 0 when it has none of that name. */
static enum tally_err find_segment(const struct read *read, uint32_t event,
                                   struct text name, uint32_t *segment)
{
    *segment = 0;
    if (name.len == 0 || name.len > KEY_NAME_MAX)
        return TALLY_OK;
    enum tally_err err =
        dictionary_find(read->service->engine, read->app->number,
                        event_set(event, 0, EVENT_COUNTS), name, segment);

    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

/* The events that `event` or `events` name. */
static enum tally_err choose(struct read *read, struct event_choice *choice,
                             bool *is_list)
{
    struct engine *engine = read->service->engine;
    struct arena *arena = read->exchange->arena;
    struct text event = read_param(read, "event");

    *is_list = true;
    if (event.len > 0)
        return event_choice_one(engine, read->app->number, arena, event,
                                choice);
    return event_choice_listed(engine, read->app->number, arena,
                               read_param(read, "events"), choice, is_list);
}

/* method=events */

static enum tally_err write_object(struct read *read)
{
    return event_object_write(read->question, read->reader, &read->json);
}

static enum tally_err write_overview(struct read *read)
{
    return event_summary_write(read->question, read->reader, &read->json);
}

static enum tally_err begin_overview(struct read *read,
                                     const struct event_choice *choice)
{
    struct event_summary *summary = read_question(read, sizeof(*summary));

    *summary = (struct event_summary){
        .app = read->app->number, .choice = *choice, .period = &read->period};
    event_summary_capture(summary, read->reader);
    read->run = write_overview;
    return TALLY_OK;
}

static enum timeobject_mode mode_of(const struct read *read)
{
    if (text_is(read_param(read, "action"), "refresh"))
        return TIMEOBJECT_REFRESH;
    return read_flag(read, "fullRange") ? TIMEOBJECT_FULL : TIMEOBJECT_PERIOD;
}

static enum tally_err begin_object(struct read *read,
                                   const struct event_choice *choice)
{
    struct event_object *object = read_question(read, sizeof(*object));
    struct text segmentation = read_param(read, "segmentation");
    enum tally_err err = TALLY_OK;

    *object = (struct event_object){
        .app = read->app->number,
        .choice = *choice,
        .by_value = segmentation.len > 0 && read_param(read, "event").len > 0,
        .mode = mode_of(read),
        .period = &read->period,
        .value_limit = settings_of(read)->event_segmentation_value_limit};
    if (object->by_value && choice->count > 0)
        err = find_segment(read, choice->list[0].id, segmentation,
                           &object->segment);
    if (!err)
        err = event_object_capture(object, read->service->engine, read->reader);
    read->run = write_object;
    return err;
}

static enum tally_err
choose_or_default(struct read *read, struct event_choice *choice, bool *is_list)
{
    const struct event_plan *plan;

    if (read_param(read, "event").len > 0 || read_param(read, "events").len > 0)
        return choose(read, choice, is_list);
    *is_list = true;
    enum tally_err err = find_plan(read, &plan);
    return err ? err
               : event_choice_first(read->service->engine, read->app->number,
                                    read->exchange->arena, plan, choice);
}

enum tally_err read_event_object(struct read *read)
{
    struct event_choice choice;
    bool is_list;
    enum tally_err err = choose_or_default(read, &choice, &is_list);

    if (err)
        return err;
    if (!is_list || choice.count == 0)
        return write_nothing(read);
    err = read_open(read);
    if (err)
        return err;
    return read_flag(read, "overview") ? begin_overview(read, &choice)
                                       : begin_object(read, &choice);
}

/* method=get_events */

/* What is left to write of the list. */
struct listing {
    uint32_t app;
    struct event_choice choice;
};

static enum tally_err write_segments(struct read *read)
{
    const struct listing *listing = read->question;

    json_key_string(&read->json, "segments");
    enum tally_err err = event_table_write_segments(
        &listing->choice, read->reader, listing->app, &read->json);

    json_close_object(&read->json);
    return err;
}

static void write_limits(struct read *read)
{
    const struct settings *settings = settings_of(read);
    struct json *json = &read->json;

    json_key_string(json, "limits");
    json_open_object(json);
    json_member_int(json, "event_limit", settings->event_limit);
    json_member_int(json, "event_segmentation_limit",
                    settings->event_segmentation_limit);
    json_member_int(json, "event_segmentation_value_limit",
                    settings->event_segmentation_value_limit);
    json_close_object(json);
}

static void write_plan(struct read *read, const struct event_plan *plan)
{
    const cJSON *document = event_plan_document(plan);
    const cJSON *member;

    cJSON_ArrayForEach(member, document)
    {
        json_key_string(&read->json, member->string);
        document_write(&read->json, member);
    }
}

static void write_list(struct read *read, const struct event_choice *choice)
{
    struct json *json = &read->json;

    json_member_string(json, "_id", read->app->id);
    json_key_string(json, "list");
    json_open_array(json);
    for (unsigned i = 0; i < choice->count; i++)
        json_text(json, choice->list[i].key);
    json_close_array(json);
}

/* All but the segments is written at once; the object stays open. */
enum tally_err read_event_list(struct read *read)
{
    struct listing *listing = read_question(read, sizeof(*listing));
    struct event_choice *choice = &listing->choice;
    const struct event_plan *plan = NULL;

    listing->app = read->app->number;
    enum tally_err err =
        event_choice_all(read->service->engine, read->app->number,
                         read->exchange->arena, true, choice);

    if (!err)
        err = find_plan(read, &plan);
    if (err)
        return err;
    if (choice->count == 0)
        return write_nothing(read);
    err = read_open(read);
    if (err)
        return err;
    json_open_object(&read->json);
    write_list(read, choice);
    write_plan(read, plan);
    write_limits(read);
    event_series_capture_names(read->reader, read->app->number, 0);
    read->run = write_segments;
    return TALLY_OK;
}

/* method=top_events */

static enum tally_err write_top(struct read *read)
{
    enum tally_err err =
        event_summary_write_top(read->question, read->reader, &read->json);

    json_close_object(&read->json);
    return err;
}

static unsigned limit_of(const struct read *read)
{
    struct text text = read_param(read, "limit");
    unsigned limit = 0;

    for (size_t i = 0; i < text.len && limit < TOP_MAX; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return TOP_DEFAULT;
        limit = limit * 10 + (unsigned)(text.at[i] - '0');
    }
    if (limit == 0)
        return TOP_DEFAULT;
    return limit > TOP_MAX ? TOP_MAX : limit;
}

/* Without those that are not to be seen. */
static enum tally_err choose_visible(struct read *read,
                                     struct event_choice *choice)
{
    const struct event_plan *plan = NULL;
    enum tally_err err =
        event_choice_all(read->service->engine, read->app->number,
                         read->exchange->arena, true, choice);
    unsigned kept = 0;

    if (!err)
        err = find_plan(read, &plan);
    if (err)
        return err;
    for (unsigned i = 0; i < choice->count; i++) {
        if (event_plan_shows(plan, choice->list[i].key))
            choice->list[kept++] = choice->list[i];
    }
    choice->count = kept;
    return TALLY_OK;
}

enum tally_err read_event_top(struct read *read)
{
    struct text period = read_param(read, "period");
    struct event_summary *summary = read_question(read, sizeof(*summary));

    *summary = (struct event_summary){.app = read->app->number,
                                      .period = &read->period,
                                      .limit = limit_of(read)};
    enum tally_err err = choose_visible(read, &summary->choice);
    if (!err)
        err = read_open(read);
    if (err)
        return err;
    json_open_object(&read->json);
    json_member_string(&read->json, "app_id", read->app->id);
    json_member_text(&read->json, "period",
                     period.len > 0 ? period : TEXT("30days"));
    json_member_int(&read->json, "ts", read->exchange->now / 1000);
    event_summary_capture(summary, read->reader);
    read->run = write_top;
    return TALLY_OK;
}

/* /o/analytics/events */

struct steps {
    uint32_t app;
    struct event_choice choice;
    struct text key; /* of the one event; empty: a list */
    struct text segmentation;
    uint32_t segment;
};

static enum tally_err write_list_of_steps(struct read *read,
                                          const struct event_ticks *ticks)
{
    const struct steps *steps = read->question;
    enum tally_err err = TALLY_OK;

    json_open_object(&read->json);
    for (unsigned i = 0; !err && i < steps->choice.count; i++) {
        json_key(&read->json, steps->choice.list[i].key);
        err = event_ticks_write(ticks, read->reader, steps->app,
                                steps->choice.list[i].id, &read->json);
    }
    json_close_object(&read->json);
    return err;
}

static enum tally_err write_steps(struct read *read)
{
    const struct steps *steps = read->question;
    struct event_ticks ticks = event_ticks_of(&read->period);
    uint32_t event = steps->choice.count > 0 ? steps->choice.list[0].id : 0;

    if (steps->key.len == 0)
        return write_list_of_steps(read, &ticks);
    if (steps->segmentation.len > 0)
        return event_table_write_values(steps->app, event, steps->segment,
                                        &read->period, read->reader,
                                        &read->json);
    return event_ticks_write(&ticks, read->reader, steps->app, event,
                             &read->json);
}

static void capture_steps(const struct read *read, const struct steps *steps)
{
    for (unsigned i = 0; i < steps->choice.count; i++)
        event_series_capture(read->reader, steps->app, steps->choice.list[i].id,
                             steps->segment);
    if (steps->segment != 0)
        event_series_capture_names(read->reader, steps->app,
                                   steps->choice.list[0].id);
}

static enum tally_err begin_steps(struct read *read,
                                  const struct event_choice *choice)
{
    struct steps *steps = read_question(read, sizeof(*steps));
    enum tally_err err = read_open(read);

    *steps = (struct steps){.app = read->app->number,
                            .choice = *choice,
                            .key = read_param(read, "event"),
                            .segmentation = read_param(read, "segmentation")};
    if (!err && steps->key.len > 0 && choice->count > 0)
        err = find_segment(read, choice->list[0].id, steps->segmentation,
                           &steps->segment);
    if (err)
        return err;
    capture_steps(read, steps);
    read->run = write_steps;
    return TALLY_OK;
}

enum tally_err read_event_ticks(struct read *read)
{
    struct event_choice choice;
    bool is_list;

    if (read_param(read, "event").len == 0 &&
        read_param(read, "events").len == 0) {
        read->refusal = (struct answer){400, "Must provide event or events"};
        return TALLY_OK;
    }
    enum tally_err err = choose(read, &choice, &is_list);
    if (err)
        return err;
    if (!is_list) {
        read->refusal =
            (struct answer){400, "Must provide valid array with event keys as "
                                 "events param."};
        return TALLY_OK;
    }
    return begin_steps(read, &choice);
}
