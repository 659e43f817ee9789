#include "metrics/event_meta.h"

#include <stdlib.h>

#include "engine/arena.h"
#include "engine/dictionary.h"
#include "engine/memory.h"
#include "engine/series.h"
#include "metrics/event_series.h"
#include "metrics/event_set.h"
#include "metrics/lookup.h"

enum { NAMES_BYTES_MAX = 64 << 20 };

/* A name, in the order of arrival. */
struct label {
    struct text text;
    struct label *next;
};

struct segment {
    struct text name;
    struct lookup values;
    struct label *first;
    struct label **end;
    uint32_t count;
    struct segment *next;
};

/* The values of a set that counted, by id. */
struct counted {
    bool *at;
    size_t room;
};

struct meta {
    const struct event_meta_span *span;
    struct reader *reader;
    struct arena *arena;
    struct lookup segments;
    struct segment *first;
    struct segment **end;
    struct counted counted;  /* of the set that is read */
    struct segment **by_id;  /* of the event that is read */
    struct segment *reading; /* whose values are read */
    bool is_full;            /* the arena is */
};

enum tally_err event_meta_capture(struct engine *engine, struct reader *reader,
                                  uint32_t app,
                                  const struct event_choice *choice)
{
    unsigned sets = 0;

    for (unsigned i = 0; i < choice->count; i++) {
        uint32_t event = choice->list[i].id;
        uint32_t whole = event_set(event, 0, EVENT_COUNTS);
        uint32_t last;
        enum tally_err err = dictionary_last_value(engine, app, whole, &last);
        if (err)
            return err;
        last = last > EVENT_SEGMENT_ID_MAX ? EVENT_SEGMENT_ID_MAX : last;
        sets += last + 1;
        if (sets > EVENT_META_SETS_MAX)
            return TALLY_ERR_TOO_BIG;
        for (uint32_t segment = 0; segment <= last; segment++)
            series_capture_counts(reader, app,
                                  event_set(event, segment, EVENT_COUNTS));
    }
    if (choice->count > 0)
        event_series_capture_names(reader, app,
                                   choice->count == 1 ? choice->list[0].id : 0);
    return TALLY_OK;
}

/* Reading. */

static void note_counted(void *user, const struct series_year *row)
{
    struct counted *counted = user;

    if (row->value == 0 || row->at[YEAR_T] == 0)
        return;
    if (row->value >= counted->room) {
        size_t room = ((size_t)row->value + 1) * 2;
        counted->at = memory_resize(counted->at, room * sizeof(*counted->at));
        memset(counted->at + counted->room, 0,
               (room - counted->room) * sizeof(*counted->at));
        counted->room = room;
    }
    counted->at[row->value] = true;
}

static bool has_counted(const struct meta *meta, uint32_t value)
{
    return value < meta->counted.room && meta->counted.at[value];
}

static struct text copy(struct meta *meta, struct text text)
{
    char *bytes = arena_strndup(meta->arena, text.at, text.len);

    meta->is_full = meta->is_full || !bytes;
    return (struct text){bytes, bytes ? text.len : 0};
}

static struct segment *segment_of(struct meta *meta, struct text name)
{
    struct segment *segment = lookup_find(&meta->segments, name);
    if (segment)
        return segment;

    segment = arena_alloc(meta->arena, sizeof(*segment));
    if (!segment) {
        meta->is_full = true;
        return NULL;
    }
    segment->name = copy(meta, name);
    segment->end = &segment->first;
    lookup_init(&segment->values);
    lookup_put(&meta->segments, segment->name, segment);
    *meta->end = segment;
    meta->end = &segment->next;
    return segment;
}

static void take_segment(void *user, uint32_t value, struct text name)
{
    struct meta *meta = user;

    if (value <= EVENT_SEGMENT_ID_MAX && has_counted(meta, value))
        meta->by_id[value] = segment_of(meta, name);
}

static void take_value(void *user, uint32_t value, struct text name)
{
    struct meta *meta = user;
    struct segment *segment = meta->reading;

    if (!has_counted(meta, value) || lookup_find(&segment->values, name) ||
        (meta->span->limit > 0 && segment->count >= meta->span->limit))
        return;
    struct label *label = arena_alloc(meta->arena, sizeof(*label));
    if (!label) {
        meta->is_full = true;
        return;
    }
    label->text = copy(meta, name);
    lookup_put(&segment->values, label->text, label);
    segment->count++;
    *segment->end = label;
    segment->end = &label->next;
}

static enum tally_err read_set(struct meta *meta, uint32_t set,
                               series_name_fn take)
{
    const struct event_meta_span *span = meta->span;

    if (meta->counted.room > 0)
        memset(meta->counted.at, 0,
               meta->counted.room * sizeof(*meta->counted.at));
    enum tally_err err = series_years(meta->reader, span->app, set, span->first,
                                      span->last, note_counted, &meta->counted);
    if (!err)
        err = series_names(meta->reader, span->app, set, take, meta);
    return !err && meta->is_full ? TALLY_ERR_TOO_BIG : err;
}

static enum tally_err read_event(struct meta *meta, uint32_t event)
{
    struct segment *by_id[EVENT_SEGMENT_ID_MAX + 1] = {NULL};

    meta->by_id = by_id;
    enum tally_err err =
        read_set(meta, event_set(event, 0, EVENT_COUNTS), take_segment);
    for (uint32_t id = 1; !err && id <= EVENT_SEGMENT_ID_MAX; id++) {
        meta->reading = by_id[id];
        if (meta->reading)
            err =
                read_set(meta, event_set(event, id, EVENT_COUNTS), take_value);
    }
    return err;
}

/* Writing. */

static void write_values(const struct segment *segment, struct json *json)
{
    json_key(json, segment->name);
    json_open_array(json);
    for (const struct label *label = segment->first; label; label = label->next)
        json_text(json, label->text);
    json_close_array(json);
}

/* `segments` comes last: a segment of that name does not hide it. */
static void write_all(const struct meta *meta, struct json *json)
{
    const struct segment *segment;

    json_open_object(json);
    for (segment = meta->first; segment; segment = segment->next)
        write_values(segment, json);
    if (meta->first) {
        json_key_string(json, "segments");
        json_open_array(json);
        for (segment = meta->first; segment; segment = segment->next)
            json_text(json, segment->name);
        json_close_array(json);
    }
    json_close_object(json);
}

enum tally_err event_meta_write(const struct event_meta_span *span,
                                struct reader *reader, struct json *json)
{
    struct meta meta = {
        .span = span, .reader = reader, .arena = arena_create(NAMES_BYTES_MAX)};
    enum tally_err err = TALLY_OK;

    meta.end = &meta.first;
    lookup_init(&meta.segments);
    for (unsigned i = 0; !err && i < span->choice->count; i++)
        err = read_event(&meta, span->choice->list[i].id);
    if (!err)
        write_all(&meta, json);
    for (struct segment *segment = meta.first; segment; segment = segment->next)
        lookup_finish(&segment->values);
    lookup_finish(&meta.segments);
    free(meta.counted.at);
    arena_destroy(meta.arena);
    return err;
}
