/*
 * token.h - one token, which stands for its owner for a while, once, for some
 * apps or for some paths (spec E.4, 0.4.25): the record and its stored form.
 *
 * A token borrows its strings from the document it was parsed from. Countly's
 * API hands tokens out again in lists, so they are kept as they are, like api
 * keys; they are found and compared by their digest only, see keyring.h.
 */
#ifndef METRICS_TOKEN_H
#define METRICS_TOKEN_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/text.h"
#include "metrics/json.h"
#include "metrics/member.h"
#include "metrics/params.h"

enum {
    TOKEN_LEN = 40,
    TOKEN_APPS_MAX = 64,
    TOKEN_ENDPOINTS_MAX = 16, /* patterns of paths */
    TOKEN_PARAMS_MAX = 8,     /* patterns of parameters, at each of them */
    TOKEN_PURPOSE_MAX = 255,
    TOKEN_TTL_MAX = 10 * 365 * 86400, /* seconds */
    TOKENS_MAX = 100,                 /* of one member */
};

struct token {
    const char *id;    /* the token */
    const char *owner; /* _id of a member */
    const char *purpose;
    int64_t ttl;     /* seconds from its creation on; 0: it never ends */
    int64_t ends;    /* UTC seconds */
    bool multi;      /* false: the first use erases it */
    cJSON *apps;     /* array of _id; NULL: whatever the owner may */
    cJSON *endpoint; /* array of patterns, or of {"endpoint": pattern,
                        "params": {name: pattern}}; NULL: any path */
    unsigned char digest[MEMBER_DIGEST_SIZE]; /* of the token */
    /* private state */
    cJSON *document;   /* owned, NULL in a draft */
    unsigned position; /* in its keyring */
};

/* Reads a stored token. TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err token_parse(struct text document, struct token *token);

/* Frees what a parsed token owns. */
void token_finish(struct token *token);

/* Writes the object that is stored and listed. */
void token_write(struct json *json, const struct token *token);

bool token_has_ended(const struct token *token, int64_t now);

/* Whether the token may be used for a request of this path and these
 * parameters; about the app of `app_id`, or none if that is empty. */
bool token_allows(const struct token *token, struct text path,
                  struct text app_id, const struct params *params);

/* Whether what was sent for apps or endpoints is well-formed and in bounds. */
bool token_has_valid_apps(const cJSON *apps);
bool token_has_valid_endpoint(const cJSON *endpoint);

#endif
