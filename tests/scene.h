/*
 * scene.h - an engine in a scratch directory, and sessions and counters put
 * into it by hand.
 */
#ifndef TESTS_SCENE_H
#define TESTS_SCENE_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "engine/effect.h"
#include "engine/engine.h"
#include "engine/reader.h"
#include "metrics/catalog.h"
#include "metrics/period.h"

enum {
    SCENE_APP = 3,
    SCENE_ALL = 0xff, /* counts everything, marks */
    SCENE_LATE = HIT_T | HIT_MARK,
};

void scene_open(void);
void scene_close(void);
struct engine *scene_engine(void);
const struct catalog *scene_catalog(void);

/* Applies what was put into scene_batch(). */
struct batch *scene_batch(void);
void scene_apply(void);

/* Brings everything into the base. */
void scene_checkpoint(void);

/* A value that counts in a year, named now if it is new. */
uint32_t scene_value(uint32_t set, struct text name, int year);

/* A local hour. */
int32_t scene_hour(int year, int month, int day, int hour);

/* A session of a user; up to two values count as it does. Empty names: none.
 */
struct scene_session {
    uint32_t ordinal;
    int32_t hour;
    uint8_t counts;
    uint32_t sets[2];
    const char *values[2];
};
void scene_session(const struct scene_session *session);

/* Adds to counters of a value id. */
void scene_count(uint32_t set, uint32_t value, int32_t hour,
                 const int64_t add[COUNT_FIELDS]);

struct reader *scene_reader(void);

/* A period in UTC, at noon of a day. */
struct period scene_period(const char *text, int year, int month, int day);

/* Compares JSON, the order of members aside. */
void scene_ck_json(struct text json, const char *expected);

#endif
