/*
 * member.h - one member, a person who reads or administers: the record and
 * its stored form (spec E.1).
 *
 * A member borrows its strings from the document it was parsed from; a
 * changed member is a copy of the struct with some of them replaced, written
 * as the new document.
 *
 * The api key is kept as it is, because Countly's API hands it out to global
 * admins; it is found and compared by its digest only, see registry.h.
 */
#ifndef METRICS_MEMBER_H
#define METRICS_MEMBER_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/text.h"
#include "metrics/json.h"
#include "metrics/permission.h"

enum {
    MEMBER_TEXT_MAX = 255, /* bytes of a name, email, username */
    MEMBER_API_KEY_LEN = 32,
    MEMBER_DIGEST_SIZE = 32, /* SHA-256 */
};

struct member {
    const char *id; /* 24 hexadecimal digits */
    const char *full_name;
    const char *username;
    const char *email; /* lower case */
    const char *api_key;
    const char *password; /* its hash; empty: nobody can log in */
    const char *lang;     /* NULL: none */
    int64_t created_at;   /* UTC seconds */
    int64_t last_login;   /* 0: never; so below */
    int64_t password_changed;
    bool global_admin;
    bool locked;
    const cJSON *permission; /* see permission.h; may be NULL */
    unsigned char digest[MEMBER_DIGEST_SIZE]; /* of the api key */
    /* private state */
    cJSON *document; /* owned, NULL in a copy */
};

/* Reads a stored member. TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err member_parse(struct text document, struct member *member);

/* Frees what a member owns; a zeroed member is fine. */
void member_finish(struct member *member);

/* The SHA-256 of an api key. */
void member_digest(struct text api_key,
                   unsigned char digest[static MEMBER_DIGEST_SIZE]);

/* Writes the stored form, with a new permission object made of `source`. */
void member_write(struct json *json, const struct member *member,
                  const struct permission_source *source);

/* Writes the members of the object that is answered, without its brackets
 * and without permissions: everything but the password. */
void member_write_fields(struct json *json, const struct member *member);

#endif
