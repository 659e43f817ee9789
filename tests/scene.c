#include "scene.h"

#include <check.h>
#include <stdlib.h>

#include "engine/counter.h"
#include "engine/date.h"
#include "engine/dictionary.h"
#include "engine/zone.h"
#include "scratch.h"

enum { WAIT_MS = 20000, DAY_SECONDS = 86400 };

static struct engine *engine;
static struct batch batch;
static struct zones *zones;
static struct catalog *catalog;

void scene_open(void)
{
    struct engine_options options = {.dir = scratch_create(),
                                     .slot_bytes = 1 << 20};
    char reason[256];
    enum tally_err err = engine_open(&options, &engine, reason);

    ck_assert_msg(err == TALLY_OK, "%s", reason);
    batch_init(&batch);
    zones = zones_create();
    catalog = catalog_create();
}

void scene_close(void)
{
    engine_close(engine);
    batch_finish(&batch);
    zones_destroy(zones);
    catalog_destroy(catalog);
    scratch_remove();
}

struct engine *scene_engine(void)
{
    return engine;
}

const struct catalog *scene_catalog(void)
{
    return catalog;
}

struct batch *scene_batch(void)
{
    return &batch;
}

void scene_apply(void)
{
    ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_OK);
    batch_clear(&batch);
}

void scene_checkpoint(void)
{
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
}

uint32_t scene_value(uint32_t set, struct text name, int year)
{
    uint32_t value;

    ck_assert_int_eq(
        dictionary_count(engine, &batch, SCENE_APP, set, name, year, 0, &value),
        TALLY_OK);
    return value;
}

int32_t scene_hour(int year, int month, int day, int hour)
{
    return date_to_day(year, month, day) * HOUR_ROWS + hour;
}

void scene_session(const struct scene_session *session)
{
    struct hit hit = {
        .app = SCENE_APP,
        .ordinal = session->ordinal,
        .hour = session->hour,
        .seconds = (uint32_t)session->hour * 3600,
        .set = 1,
        .counts = session->counts,
    };
    int year = date_of_day(session->hour / HOUR_ROWS).year;

    for (unsigned i = 0; i < 2 && session->values[i]; i++) {
        struct hit_item *item = &hit.items[hit.item_count++];
        item->set = session->sets[i];
        item->counts = session->counts & (uint8_t)~HIT_HOUR;
        item->value = scene_value(item->set, text_of(session->values[i]), year);
    }
    effect_hit(&batch, &hit);
    scene_apply();
}

void scene_count(uint32_t set, uint32_t value, int32_t hour,
                 const int64_t add[COUNT_FIELDS])
{
    struct count count = {
        .app = SCENE_APP, .set = set, .value = value, .hour = hour};

    memcpy(count.add, add, sizeof(count.add));
    effect_count(&batch, &count);
    scene_apply();
}

struct reader *scene_reader(void)
{
    struct reader *reader;

    ck_assert_int_eq(reader_open(engine, &reader), TALLY_OK);
    return reader;
}

struct period scene_period(const char *text, int year, int month, int day)
{
    struct zone *zone;
    int64_t noon =
        (int64_t)date_to_day(year, month, day) * DAY_SECONDS + DAY_SECONDS / 2;

    ck_assert_int_eq(zone_open(zones, "UTC", &zone), TALLY_OK);
    return period_parse(text_of(text), zone, noon);
}

void scene_ck_json(struct text json, const char *expected)
{
    cJSON *got = cJSON_ParseWithLength(json.at, json.len);
    cJSON *want = cJSON_Parse(expected);

    ck_assert_ptr_nonnull(want);
    ck_assert_msg(got && cJSON_Compare(got, want, true), "got  %.*s\nwant %s",
                  (int)json.len, json.at, expected);
    cJSON_Delete(got);
    cJSON_Delete(want);
}
