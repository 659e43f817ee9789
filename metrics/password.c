#include "metrics/password.h"

#include <assert.h>
#include <sodium.h>

#include "engine/memory.h"

/* OWASP's advice for argon2id. */
enum { PASSES = 2, MEMORY = 19 * 1024 * 1024 };

_Static_assert(PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES,
               "a hash fits its field");

static void want(struct password_job *job, enum password_work work,
                 struct text password)
{
    assert(password.len <= PASSWORD_MAX);
    *job = (struct password_job){.work = work};
    if (password.len > 0)
        memcpy(job->password, password.at, password.len);
}

void password_want_hash(struct password_job *job, struct text password)
{
    want(job, PASSWORD_HASH, password);
}

void password_want_match(struct password_job *job, struct text password,
                         const char *hash)
{
    size_t len = strlen(hash);

    want(job, PASSWORD_COMPARE, password);
    if (len < sizeof(job->hash))
        memcpy(job->hash, hash, len);
}

void password_run(struct password_job *job)
{
    size_t len = strlen(job->password);

    if (job->work == PASSWORD_HASH &&
        crypto_pwhash_str_alg(job->hash, job->password, len, PASSES, MEMORY,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        memory_exhausted(MEMORY);
    if (job->work == PASSWORD_COMPARE)
        job->matches =
            crypto_pwhash_str_verify(job->hash, job->password, len) == 0;
    sodium_memzero(job->password, sizeof(job->password));
    job->done = true;
}

struct makeup {
    unsigned characters;
    unsigned upper;
    unsigned digits;
    unsigned special;
};

static struct makeup look_at(struct text password)
{
    struct makeup makeup = {0};

    for (size_t i = 0; i < password.len; i++) {
        unsigned char c = (unsigned char)password.at[i];
        bool lower = c >= 'a' && c <= 'z';
        bool upper = c >= 'A' && c <= 'Z';
        bool digit = c >= '0' && c <= '9';

        if ((c & 0xc0) == 0x80)
            continue;
        makeup.characters++;
        makeup.upper += upper;
        makeup.digits += digit;
        makeup.special += !lower && !upper && !digit;
    }
    return makeup;
}

unsigned password_flaws(struct text password,
                        const char *flaws[static PASSWORD_FLAWS])
{
    struct makeup makeup = look_at(password);
    const struct {
        bool is_flawed;
        const char *text;
    } rules[PASSWORD_FLAWS] = {
        {makeup.characters < PASSWORD_MIN,
         "Password must have at least 8 characters"},
        {password.len > PASSWORD_MAX, "Password must have at most 128 bytes"},
        {makeup.upper == 0, "Password must have an upper-case letter"},
        {makeup.digits == 0, "Password must have a digit"},
        {makeup.special == 0, "Password must have a special character"},
    };
    unsigned count = 0;

    for (unsigned i = 0; i < PASSWORD_FLAWS; i++) {
        if (rules[i].is_flawed)
            flaws[count++] = rules[i].text;
    }
    return count;
}
