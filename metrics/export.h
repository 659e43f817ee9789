/*
 * export.h - all that is stored of an app as a table, in pieces: memory is
 * bounded however long the table is.
 *
 * What is read is one instant. An export is opened on the loop thread and then
 * used on any one thread; a piece ends after a run of rows that belong
 * together.
 */
#ifndef METRICS_EXPORT_H
#define METRICS_EXPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/app.h"
#include "metrics/catalog.h"
#include "metrics/cover.h"
#include "metrics/name_list.h"
#include "metrics/rows.h"

enum {
    EXPORT_PIECE = 64 * 1024,              /* a piece is about as long */
    EXPORT_PIECE_MAX = 32 << 20,           /* and never longer */
    EXPORT_SETS_MAX = CATALOG_METRICS_MAX, /* whose names are needed at once */
    EXPORT_COLUMNS_MAX = 64,
};

struct export;

/* Writes a few rows, moves on, and sets is_done behind the last ones. */
typedef enum tally_err (*export_step_fn)(struct export *export);

struct export_order {
    struct engine *engine;
    const struct catalog *catalog;
    const struct app *app;
    struct text method; /* `counters`, `app_users`, a collection, `events` */
    struct text event;  /* for events: its key */
    struct span span;   /* days; not for users */
    enum rows_format format;
};

struct export
{
    struct reader *reader;
    uint32_t app;
    char *key; /* of the app */
    struct span span;
    export_step_fn step;
    bool is_begun;
    bool is_done;
    struct buffer *out;
    struct rows rows;
    const char *columns[EXPORT_COLUMNS_MAX];
    struct metric_list metrics; /* that there were when it was opened */
    struct arena *arena;
    /* Where the table is: the next set, and what of it. */
    const char *collection; /* NULL: all */
    size_t series;
    bool is_above; /* weeks, months and years */
    bool has_names;
    int32_t day;
    int year;
    unsigned slot;
    uint32_t block;   /* of users */
    uint32_t last;    /* the last user's number */
    uint32_t event;   /* its id */
    uint32_t segment; /* of it */
    char *event_key;
    struct name_list names[EXPORT_SETS_MAX];
};

/* Whether there is such a method. */
bool export_has_method(const struct catalog *catalog, struct text method);

/* On the loop thread. TALLY_ERR_NOT_FOUND for a method or an event that there
 * is not, and as reader_open(). */
TALLY_MUST_CHECK
enum tally_err export_open(const struct export_order *order,
                           struct export **export);

/* NULL is a no-op. */
void export_close(struct export *export);

/* Adds the next piece to `out`; export->is_done says that it was the last.
 * TALLY_ERR_CORRUPT, TALLY_ERR_IO; TALLY_ERR_TOO_BIG when more would be needed
 * at once than fits: what was added then is unusable. */
TALLY_MUST_CHECK
enum tally_err export_next(struct export *export, struct buffer *out);

/* The tables; each sets `step` and captures what it reads. */
void export_counter_open(struct export *export);
TALLY_MUST_CHECK
enum tally_err export_user_open(struct export *export, struct engine *engine);
TALLY_MUST_CHECK
enum tally_err export_event_open(struct export *export, struct engine *engine,
                                 struct text event);

#endif
