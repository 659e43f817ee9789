#include "metrics/movement.h"

#include "engine/key.h"
#include "engine/pack.h"
#include "engine/reader.h"
#include "engine/series.h"

enum { HOURS_PER_DAY = 24, BATCH_USED = BATCH_SIZE_MAX / 2 };

struct moving {
    const struct movement *movement;
    unsigned moved;
};

static int64_t part_of(int64_t rest)
{
    if (rest > COUNT_ADD_MAX)
        return COUNT_ADD_MAX;
    return rest < -COUNT_ADD_MAX ? -COUNT_ADD_MAX : rest;
}

void movement_count(struct batch *batch, const struct count *count)
{
    struct count rest = *count;
    bool is_left = true;

    while (is_left) {
        struct count part = rest;
        is_left = false;
        for (int i = 0; i < COUNT_FIELDS; i++) {
            if (i != COUNT_D)
                part.add[i] = part_of(rest.add[i]);
            rest.add[i] -= part.add[i];
            is_left = is_left || rest.add[i] != 0;
        }
        effect_count(batch, &part);
    }
}

/* Wraps around as counter_add() does. */
static int64_t signed_sum(int64_t sum, int sign)
{
    return sign < 0 ? (int64_t)(0 - (uint64_t)sum) : sum;
}

/* A day's counters, without its hours. */
static struct count count_of(const struct moving *moving,
                             const struct series_cell *cell, int32_t day,
                             int sign)
{
    return (struct count){
        .app = moving->movement->app,
        .set = moving->movement->set,
        .value = cell->value,
        .hour = day * HOURS_PER_DAY,
        .no_hour = true,
        .add = {[COUNT_T] = signed_sum(cell->at[CELL_T], sign),
                [COUNT_N] = signed_sum(cell->at[CELL_N], sign),
                [COUNT_E] = signed_sum(cell->at[CELL_E], sign),
                [COUNT_D] = signed_sum(cell->at[CELL_D], sign),
                [COUNT_U_DAY] = signed_sum(cell->at[CELL_U], sign)},
    };
}

static void move_cell(void *user, const struct series_cell *cell)
{
    struct moving *moving = user;
    const struct movement *movement = moving->movement;
    struct batch *batch = &movement->tally->batch;
    struct count count = count_of(moving, cell, movement->day, -1);

    if (moving->moved >= movement->cells_max || batch_size(batch) > BATCH_USED)
        return;
    movement_count(batch, &count);
    if (movement->to != MOVEMENT_AWAY) {
        count = count_of(moving, cell, movement->to, 1);
        movement_count(batch, &count);
    }
    moving->moved++;
}

enum tally_err movement_make(const struct movement *movement, unsigned *moved)
{
    struct tally *tally = movement->tally;
    struct moving moving = {.movement = movement};
    struct reader *reader;
    enum tally_err err = reader_open(tally->engine, &reader);
    if (err)
        return err;

    batch_clear(&tally->batch);
    series_capture(reader, movement->app, movement->set);
    err = series_days(reader, movement->app, movement->set, movement->day,
                      movement->day, move_cell, &moving);
    reader_close(reader);
    if (!err && moving.moved > 0)
        err = tally_apply(tally);
    batch_clear(&tally->batch);
    if (!err)
        *moved = moving.moved;
    return err;
}

struct place {
    uint32_t app;
    uint32_t set;
    int32_t time;
    bool is_found;
};

static bool take_place(void *user, struct text key, struct text value)
{
    struct place *place = user;
    struct unpack unpack = unpack_from(key);

    (void)value;
    place->app = unpack_u32(&unpack);
    place->set = unpack_u32(&unpack);
    place->time = unpack_u16(&unpack);
    place->is_found = !unpack.bad;
    return false;
}

enum tally_err movement_find(struct tally *tally, enum table table,
                             uint32_t app, uint32_t *set, int32_t *time,
                             bool *found)
{
    struct place place = {.is_found = false};
    struct key key = key_days(app, *set, *time, 0);
    enum tally_err err =
        engine_stored(tally->engine, table, key_text(&key), take_place, &place);

    *found = !err && place.is_found && place.app == app;
    if (!*found)
        return err;
    *set = place.set;
    *time = place.time;
    return TALLY_OK;
}
