#include "metrics/keyring.h"

#include <sodium.h>
#include <stdlib.h>

#include "engine/memory.h"

/* As with api keys: the first half finds, the other is compared in a time
 * that says nothing. */
enum { DIGEST_HALF = MEMBER_DIGEST_SIZE / 2 };

static struct text digest_key(const unsigned char *digest)
{
    return (struct text){(const char *)digest, DIGEST_HALF};
}

void keyring_init(struct keyring *keyring)
{
    *keyring = (struct keyring){0};
    lookup_init(&keyring->by_digest);
}

static void destroy(struct token *token)
{
    token_finish(token);
    free(token);
}

void keyring_finish(struct keyring *keyring)
{
    for (unsigned i = 0; i < keyring->count; i++)
        destroy(keyring->tokens[i]);
    free(keyring->tokens);
    lookup_finish(&keyring->by_digest);
}

static struct token *find(const struct keyring *keyring, struct text token)
{
    unsigned char digest[MEMBER_DIGEST_SIZE];

    member_digest(token, digest);

    struct token *found = lookup_find(&keyring->by_digest, digest_key(digest));

    if (!found || sodium_memcmp(found->digest + DIGEST_HALF,
                                digest + DIGEST_HALF, DIGEST_HALF) != 0)
        return NULL;
    return found;
}

static void add(struct keyring *keyring, const struct token *token)
{
    struct token *kept = memory_alloc(sizeof(*kept));

    keyring->tokens = memory_one_more(keyring->tokens, keyring->count,
                                      &keyring->room, sizeof(*keyring->tokens));
    *kept = *token;
    kept->position = keyring->count;
    keyring->tokens[keyring->count++] = kept;
    lookup_put(&keyring->by_digest, digest_key(kept->digest), kept);
}

enum tally_err keyring_put(struct keyring *keyring, struct text name,
                           struct text json)
{
    struct token token;
    enum tally_err err = token_parse(json, &token);

    if (err)
        return err;
    if (!text_is(name, token.id)) {
        token_finish(&token);
        return TALLY_ERR_CORRUPT;
    }
    keyring_erase(keyring, name);
    add(keyring, &token);
    return TALLY_OK;
}

void keyring_erase(struct keyring *keyring, struct text name)
{
    struct token *token = find(keyring, name);

    if (!token)
        return;

    struct token *last = keyring->tokens[--keyring->count];

    lookup_erase(&keyring->by_digest, digest_key(token->digest));
    keyring->tokens[token->position] = last;
    last->position = token->position;
    destroy(token);
}

const struct token *keyring_find(const struct keyring *keyring,
                                 struct text token)
{
    return find(keyring, token);
}

const struct token *keyring_at(const struct keyring *keyring, unsigned position)
{
    return position < keyring->count ? keyring->tokens[position] : NULL;
}

unsigned keyring_count(const struct keyring *keyring, const char *owner)
{
    unsigned count = 0;

    for (unsigned i = 0; i < keyring->count; i++)
        count += strcmp(keyring->tokens[i]->owner, owner) == 0;
    return count;
}
