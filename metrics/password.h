/*
 * password.h - what a password must be, and the slow work on it.
 *
 * Hashing and comparing take some 20 ms and 19 MiB (argon2id), too much for
 * the thread that decides. So a decision that needs it describes a job, any
 * other thread runs it, and the decision is then taken anew with the result.
 */
#ifndef METRICS_PASSWORD_H
#define METRICS_PASSWORD_H

#include <stdbool.h>

#include "engine/text.h"

enum {
    PASSWORD_MIN = 8,   /* characters */
    PASSWORD_MAX = 128, /* bytes */
    PASSWORD_HASH_SIZE = 128,
    PASSWORD_FLAWS = 5, /* texts that password_flaws() gives at most */
};

enum password_work {
    PASSWORD_NOTHING,
    PASSWORD_HASH,    /* makes `hash` of `password` */
    PASSWORD_COMPARE, /* `matches`: is `hash` that of `password` */
};

/* Owns its texts. Start with a zeroed one. */
struct password_job {
    enum password_work work;
    bool done;
    bool matches;
    char password[PASSWORD_MAX + 1]; /* wiped when done */
    char hash[PASSWORD_HASH_SIZE];
};

/* Describes the work; the password has at most PASSWORD_MAX bytes. */
void password_want_hash(struct password_job *job, struct text password);
void password_want_match(struct password_job *job, struct text password,
                         const char *hash);

/* Does the work; touches nothing but the job. A hash that cannot be made for
 * want of memory ends the process, as any allocation does. */
void password_run(struct password_job *job);

/* The texts of what a password lacks (spec E.2); returns their count. */
unsigned password_flaws(struct text password,
                        const char *flaws[static PASSWORD_FLAWS]);

#endif
