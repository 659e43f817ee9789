/*
 * keyring.h - all tokens, in memory. It is part of the registry and follows
 * the applied batches with it.
 */
#ifndef METRICS_KEYRING_H
#define METRICS_KEYRING_H

#include "engine/error.h"
#include "engine/text.h"
#include "metrics/lookup.h"
#include "metrics/token.h"

struct keyring {
    /* private state */
    struct token **tokens;
    unsigned count;
    size_t room;
    struct lookup by_digest;
};

/* An empty keyring; allocates nothing yet. */
void keyring_init(struct keyring *keyring);
void keyring_finish(struct keyring *keyring);

/* Takes the stored document of the token `name`, in place of an earlier one.
 * TALLY_ERR_CORRUPT when it cannot be read or is of another token. */
TALLY_MUST_CHECK
enum tally_err keyring_put(struct keyring *keyring, struct text name,
                           struct text json);

/* Does nothing when there is no such token. */
void keyring_erase(struct keyring *keyring, struct text name);

/* NULL when there is none. Takes as long for a token that is nearly right as
 * for any other. The token is borrowed until the keyring changes. */
const struct token *keyring_find(const struct keyring *keyring,
                                 struct text token);

/* For going through all, by position from 0, in no order; NULL behind the
 * last. */
const struct token *keyring_at(const struct keyring *keyring,
                               unsigned position);

/* How many tokens a member owns. */
unsigned keyring_count(const struct keyring *keyring, const char *owner);

#endif
