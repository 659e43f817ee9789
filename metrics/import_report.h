/*
 * import_report.h - what an import took and what it left, and why.
 */
#ifndef METRICS_IMPORT_REPORT_H
#define METRICS_IMPORT_REPORT_H

#include <stdint.h>

#include "engine/buffer.h"

#define IMPORT_REASON_MAP(X)                                                 \
    X(IMPORT_NOT_JSON, "lines that are no JSON document")                    \
    X(IMPORT_TOO_LONG, "lines that are too long")                            \
    X(IMPORT_NO_MONTH, "documents that are of no month or year")             \
    X(IMPORT_NO_APP, "documents of apps that are not here")                  \
    X(IMPORT_NOT_AN_APP, "apps that cannot be read")                         \
    X(IMPORT_KEY_TAKEN, "apps whose key another one has")                    \
    X(IMPORT_APP_FIELD, "fields of apps that mean nothing here: default")    \
    X(IMPORT_NOT_A_MEMBER, "members that cannot be read")                    \
    X(IMPORT_NAME_TAKEN, "members whose name, email or key another one has") \
    X(IMPORT_PASSWORD, "members who need a new password")                    \
    X(IMPORT_NO_DEVICE, "users without a device id")                         \
    X(IMPORT_DEVICE_KNOWN, "users whose device is known already")            \
    X(IMPORT_UID_TAKEN, "users whose uid is taken: another one")             \
    X(IMPORT_PROPERTY, "properties of users that are not kept")              \
    X(IMPORT_NUMBER, "counters that are no number or out of range")          \
    X(IMPORT_NO_DAY, "parts that are of no day, month or week")              \
    X(IMPORT_NO_LIST, "values that are in no list of their collection")      \
    X(IMPORT_BUCKET, "ranges that are not known")                            \
    X(IMPORT_NO_EVENT, "documents of events that are in no list")            \
    X(IMPORT_COUNTER, "counters that are not known")

enum import_reason {
#define X(reason, text) reason,
    IMPORT_REASON_MAP(X)
#undef X
        IMPORT_REASONS,
};

enum { IMPORT_EXAMPLES = 3, IMPORT_EXAMPLE_SIZE = 160 };

struct import_report {
    uint64_t documents; /* read in full */
    uint64_t apps;      /* taken */
    uint64_t members;
    uint64_t users;
    uint64_t counters; /* as many changes of them */
    uint64_t left[IMPORT_REASONS];
    char examples[IMPORT_REASONS][IMPORT_EXAMPLES][IMPORT_EXAMPLE_SIZE];
};

/* Notes something that was left; `file`, `line` and `what` say where and
 * which. */
void import_report_add(struct import_report *report, enum import_reason reason,
                       const char *file, uint64_t line, const char *what);

/* Writes it as lines of text. */
void import_report_write(const struct import_report *report,
                         struct buffer *out);

#endif
