/*
 * finding.h - what an audit found broken, as lines of text.
 *
 *   hours add up to their day: app=1 set=1 day=2026-03-17 of=t is=4 against=5
 *
 * Parts that do not apply are left out.
 */
#ifndef METRICS_FINDING_H
#define METRICS_FINDING_H

#include <stdint.h>

#include "engine/buffer.h"

/* The rules that a sound store keeps. */
#define FINDING_MAP(X)                                                        \
    X(FINDING_READ, "records can be read")                                    \
    X(FINDING_NEGATIVE, "no counter is negative")                             \
    X(FINDING_HOURS, "hours add up to their day")                             \
    X(FINDING_HOUR_USERS, "a day has no more users than its hours together")  \
    X(FINDING_HOUR_MOST, "a day has as many users as any of its hours")       \
    X(FINDING_ORDER, "new users are unique, unique users have sessions")      \
    X(FINDING_YEAR_TOTAL, "days add up to the sessions of their year")        \
    X(FINDING_BUCKETS, "buckets add up the same in days, weeks and months")   \
    X(FINDING_UNIQUE_SUM, "a span has no more users than its parts together") \
    X(FINDING_UNIQUE_MOST, "a span has as many users as any of its parts")    \
    X(FINDING_VALUE_TOTAL, "a value has no more sessions than the whole")     \
    X(FINDING_COUNTRIES, "countries share out all sessions")                  \
    X(FINDING_FREQUENCY, "each session has one frequency at the most")        \
    X(FINDING_FIRST, "first sessions are those of new users")                 \
    X(FINDING_LOYALTY, "loyalty shares out the unique users")                 \
    X(FINDING_CLOSED, "each closed session has one duration")                 \
    X(FINDING_SESSIONS, "sessions of all users add up to the total")          \
    X(FINDING_SECONDS, "seconds of all users add up to the total")            \
    X(FINDING_NEW, "each user was new once")                                  \
    X(FINDING_MERGES, "merges are as many as aliases")                        \
    X(FINDING_ACTIVE, "who has counted on a day was active on it")            \
    X(FINDING_MARK, "who had a value on a day was active on it")              \
    X(FINDING_VALUE_USERS, "a value that counted on a day was somebody's")    \
    X(FINDING_ORDINAL, "ordinals in use were given out")                      \
    X(FINDING_ID, "an id leads to the user of that device")                   \
    X(FINDING_USER, "a user record is sound")                                 \
    X(FINDING_PROFILE, "a user has a profile, and its device leads back")     \
    X(FINDING_ALIAS, "an alias leads to a living user")                       \
    X(FINDING_DEAD, "a merged user has no records")                           \
    X(FINDING_DEPARTED, "who has no record was deleted")                      \
    X(FINDING_NAME, "names and strings mirror each other")                    \
    X(FINDING_VALUE, "value ids in use were given out")                       \
    X(FINDING_ADMITTED, "each value of a year was admitted once")             \
    X(FINDING_EVENT, "an event counts the same by itself and among all")      \
    X(FINDING_SEGMENT, "a segment came no more often than its event")         \
    X(FINDING_DURATION, "what has a duration has come")                       \
    X(FINDING_RECENT, "the latest users exist")                               \
    X(FINDING_DOCUMENT, "documents can be read and are known")                \
    X(FINDING_DROP, "a dropped number is no app's")                           \
    X(FINDING_ORPHAN, "records belong to an app or a dropped one")            \
    X(FINDING_SHELF, "a document of a plugin is on a known shelf")

enum finding_rule {
#define X(rule, text) rule,
    FINDING_MAP(X)
#undef X
        FINDING_RULES,
};

enum { FINDING_LINES = 20 }; /* written of one rule at the most */

struct finding {
    enum finding_rule rule;
    uint32_t app;
    uint32_t set;
    uint32_t value;
    uint32_t ordinal;
    int32_t day;     /* local day since 1970-01-01; 0: of none */
    int year;        /* 0: of none */
    const char *of;  /* which of several numbers; NULL: there is one */
    int64_t is;      /* the number that breaks the rule */
    int64_t against; /* what it was held against */
};

struct findings {
    struct buffer *report; /* lines go to its end as far as they fit */
    int count;
    int lines[FINDING_RULES];
};

/* The text that lines of a rule begin with. */
const char *finding_text(enum finding_rule rule);

/* Counts the finding and writes its line. */
void finding_add(struct findings *findings, const struct finding *finding);

#endif
