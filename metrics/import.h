/*
 * import.h - taking over what a Countly server has stored, out of the files
 * that mongoexport writes: one document a line (spec B.4, C.2, D.3, E).
 *
 * A file is read in one pass or two. A document is taken in numbered steps;
 * how far a file has got is stored together with what its steps changed
 * (KIND_IMPORT, named by the file), so that nothing counts twice however often
 * an import is interrupted and run again. For each app that got something
 * another document (named `app` and its number) keeps the last day of an
 * import: up to that day users and counters need not agree (audit.h).
 *
 * The caller opens the files and reads their lines; a directory is imported
 * in the order of import_rank().
 */
#ifndef METRICS_IMPORT_H
#define METRICS_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "metrics/app.h"
#include "metrics/import_report.h"
#include "metrics/mongo.h"
#include "metrics/tally.h"

enum {
    IMPORT_NAME_MAX = 150,   /* bytes of a file's name */
    IMPORT_HASH_SIZE = 41,   /* of a SHA-1 in hexadecimal digits, and a NUL */
    IMPORT_APPS_MAX = 256,   /* single apps that a file was imported for */
    IMPORT_BATCH = 16 << 10, /* bytes after which a batch is applied */
    IMPORT_UIDS_MAX = 100000000, /* uids that users may bring along */
};

struct import;

/* What there is to do with a document in a pass. */
typedef void (*import_fn)(struct import *import, const cJSON *document);

enum { IMPORT_PASSES = 2 };

struct import_kind {
    const char *name;  /* of the collection, or what its name begins with;
                          empty: the catalogue's */
    unsigned rest_len; /* characters behind that */
    import_fn passes[IMPORT_PASSES]; /* the second may be NULL */
};

/* Where a file is. */
struct import_file {
    char name[IMPORT_NAME_MAX + 1];
    const struct import_kind *kind;
    const char *collection; /* of the catalogue; NULL: another */
    const char *rest; /* of the collection's name, behind what it begins with */
    uint64_t size;
    bool is_done;
    unsigned pass;
    uint64_t offset; /* of the next line */
    uint64_t lines;  /* before it, in this pass */
    uint32_t skip;   /* steps of it that are done */
    cJSON *done;     /* ids of the apps that it was imported for alone */
};

struct import {
    struct tally *tally;
    const char *only; /* id of an app: nothing of others; NULL: all */
    int64_t now;      /* UTC seconds */
    struct import_report report;

    /* private state */
    struct import_file file;
    uint32_t step; /* of the document */
    bool is_due;   /* what the document changed must be applied at once */
    char event_hash[IMPORT_HASH_SIZE]; /* looked for last */
    const struct app *event_app;
    uint32_t event;
    uint32_t marked; /* the app whose day of import was stored last */
    enum tally_err err;
};

/* What a file of that name holds; NULL when it is nothing that is imported. */
const struct import_kind *import_kind_find(const struct catalog *catalog,
                                           const char *name);

/* Its place in the order, from 0; kinds come in the order of apps, members,
 * counters, users. */
unsigned import_rank(const struct import_kind *kind);

/* Begins with a file of that many bytes, or goes on where it was left:
 * import->file says where, or that it is done. TALLY_ERR_INVALID for a name
 * that is none, TALLY_ERR_MISMATCH when it is not as it was before or has to
 * be finished for another app first. */
TALLY_MUST_CHECK
enum tally_err import_open(struct import *import, const char *name,
                           uint64_t size);

/* Takes the next line, which ends at `end`; NULL: it is too long. */
TALLY_MUST_CHECK
enum tally_err import_line(struct import *import, const struct text *line,
                           uint64_t end);

/* The file has no more lines in this pass. True when there is another pass,
 * from the start of the file. */
TALLY_MUST_CHECK
enum tally_err import_end_pass(struct import *import, bool *has_more);

/* Frees what is kept of a file. */
void import_close(struct import *import);

/* For those who take documents: */

/* Begins a step; false when it was done before, or nothing more is to be done.
 * What came before may be applied now: values found earlier are to be found
 * again. */
bool import_step(struct import *import);

/* Notes something that is left. */
void import_leave(struct import *import, enum import_reason reason,
                  const char *what);

/* The app of that id, NULL when there is none or it is not meant. */
const struct app *import_app(struct import *import, const char *id);

/* The last day of an import into the app with that number; -1 for none. */
int32_t import_last_day(struct tally *tally, uint32_t number);

#endif
