/*
 * model.h - what an engine must hold, kept by brute force.
 *
 * A model takes the effects of batches into plain arrays over a small world:
 * a few apps, sets, values, days and users, chosen so that they fall into
 * several records of each table. model_read() fills the same arrays from a
 * reader and an engine, so that both can be compared as bytes.
 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/counter.h"
#include "engine/engine.h"
#include "engine/key.h"
#include "engine/reader.h"

enum {
    MODEL_APPS = 8, /* numbers 1 to this */
    MODEL_SETS = 2,
    MODEL_VALUES = 12,
    MODEL_DAYS = 6,
    MODEL_YEARS = 2,
    MODEL_USERS = 48,
    MODEL_TABLES = 5, /* of records by user */
    MODEL_SHELVES = 2,
    MODEL_DOCUMENTS = 8,
    MODEL_KIND = 1,    /* of the documents */
    MODEL_KIND_AT = 2, /* of the one that holds the position */
    MODEL_FIRST_YEAR = 2023,
    MODEL_RECORD_MAX = 20000,
};

/* Bytes `first`, first + 7, ... of this length. */
struct model_record {
    uint32_t there; /* 0 or 1; all of one size, to be compared as bytes */
    uint32_t first; /* 0 to 255 */
    uint32_t len;
};

struct model_app {
    bool dropped; /* nothing else counts */
    int64_t days[MODEL_SETS][MODEL_DAYS][MODEL_VALUES][CELL_FIELDS];
    int64_t hours[MODEL_SETS][MODEL_DAYS][HOUR_ROWS][CELL_FIELDS];
    int64_t years[MODEL_SETS][MODEL_YEARS][MODEL_VALUES][YEAR_SLOTS];
    uint64_t active[MODEL_DAYS]; /* a bit a user */
    uint64_t marked[MODEL_SETS][MODEL_DAYS][MODEL_VALUES];
    uint8_t alias[MODEL_USERS]; /* user + 1; 0: none */
    uint32_t recent[MODEL_USERS];
    struct model_record records[MODEL_TABLES][MODEL_USERS];
};

struct model {
    uint32_t position; /* batches applied */
    struct model_record documents[MODEL_DOCUMENTS];
    struct model_app apps[MODEL_APPS + 1];
};

/* The world: what stands behind the indexes of the arrays. */
uint32_t model_set(unsigned set);
uint32_t model_value(unsigned value);
int32_t model_day(unsigned day);
uint32_t model_ordinal(unsigned user);
struct key model_record_key(unsigned table, uint32_t app, unsigned user);
enum table model_table(unsigned table);
struct text model_document_name(unsigned document);

/* `bytes` has MODEL_RECORD_MAX. */
struct text model_record_text(const struct model_record *record, char *bytes);

void model_apply(struct model *model, const struct batch *batch);

/* How many batches a directory's engine has: the position document. */
uint32_t model_position_of(struct engine *engine);

/* Captures all that model_read() reads; loop thread. */
struct reader *model_open(struct engine *engine, const struct model *model);

/* Fails the test unless what the reader holds is the model's; `what` is
 * printed. Any thread. */
void model_check_reader(struct reader *reader, const struct model *model,
                        const char *what);

/* The whole: reader, records, documents, latest users. */
void model_check(struct engine *engine, const struct model *model,
                 const char *what);

#endif
