#include "metrics/ledger.h"

#include <stdlib.h>

#include "engine/arena.h"
#include "engine/memory.h"
#include "metrics/lookup.h"

enum {
    NAMES_BYTES_MAX = 256 << 20,
    KEY_MAX = 4096,    /* bytes of an escaped name */
    COUNT_MAX = 25,    /* bytes of a counter with its key and comma */
    PREFIXED_MAX = 31, /* the last name that gets the prefix */
};

struct sums {
    struct ledger_counts counts;
    struct ledger_member *next; /* in the list of the level */
    bool is_listed;
};

struct ledger_member {
    struct text key; /* escaped and quoted, with the colon */
    struct sums at[LEDGER_LEVELS];
};

struct list {
    struct ledger_member *first;
    struct ledger_member *last;
};

struct ledger {
    bool adds_up;
    enum json_escape escape;
    struct arena *arena; /* members and their keys */
    struct lookup members;
    struct list lists[LEDGER_LEVELS]; /* in the order of arrival */
    struct buffer key;                /* of the name that is looked for */
};

struct ledger *ledger_create(bool adds_up, enum json_escape escape)
{
    struct ledger *ledger = memory_alloc(sizeof(*ledger));

    ledger->adds_up = adds_up;
    ledger->escape = escape;
    ledger->arena = arena_create(NAMES_BYTES_MAX);
    lookup_init(&ledger->members);
    buffer_init(&ledger->key, KEY_MAX);
    return ledger;
}

void ledger_destroy(struct ledger *ledger)
{
    lookup_finish(&ledger->members);
    buffer_finish(&ledger->key);
    arena_destroy(ledger->arena);
    free(ledger);
}

/* Names. */

static bool needs_prefix(struct text name)
{
    if (name.len == 0 || name.len > 2 || (name.len == 2 && name.at[0] == '0'))
        return false;
    int number = 0;
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] < '0' || name.at[i] > '9')
            return false;
        number = number * 10 + name.at[i] - '0';
    }
    return number <= PREFIXED_MAX;
}

static struct text escape_key(struct ledger *ledger, struct text name)
{
    char prefixed[16] = "[CLY]";
    struct json json;

    if (needs_prefix(name)) {
        size_t len = strlen(prefixed);
        memcpy(prefixed + len, name.at, name.len);
        name = (struct text){prefixed, len + name.len};
    }
    buffer_clear(&ledger->key);
    json_init(&json, &ledger->key, ledger->escape);
    json_key(&json, name);
    return buffer_text(&ledger->key);
}

enum tally_err ledger_name(struct ledger *ledger, struct text name,
                           struct ledger_member **member)
{
    struct text key = escape_key(ledger, name);
    if (!buffer_is_whole(&ledger->key))
        return TALLY_ERR_TOO_BIG;

    struct ledger_member *found = lookup_find(&ledger->members, key);
    if (!found) {
        found = arena_alloc(ledger->arena, sizeof(*found));
        char *copy = arena_strndup(ledger->arena, key.at, key.len);
        if (!found || !copy)
            return TALLY_ERR_TOO_BIG;
        found->key = (struct text){copy, key.len};
        lookup_put(&ledger->members, found->key, found);
    }
    *member = found;
    return TALLY_OK;
}

void ledger_write_name(const struct ledger_member *member, struct json *json)
{
    json_raw(json, (struct text){member->key.at, member->key.len - 1});
}

/* Counters. */

void ledger_add(struct ledger *ledger, enum ledger_level level,
                struct ledger_member *member,
                const struct ledger_counts *counts)
{
    struct sums *sums = &member->at[level];
    struct list *list = &ledger->lists[level];

    sums->counts.t += counts->t;
    sums->counts.n += counts->n;
    sums->counts.u += counts->u;
    if (sums->is_listed)
        return;
    sums->is_listed = true;
    if (list->last)
        list->last->at[level].next = member;
    else
        list->first = member;
    list->last = member;
}

static unsigned count_digits(uint64_t number)
{
    unsigned count = 1;

    for (; number >= 1000; number /= 1000)
        count += 3;
    return count + (number >= 10) + (number >= 100);
}

/* From the end: nothing is moved. */
static char *put_digits(char *at, uint64_t number)
{
    char *end = at + count_digits(number);

    for (char *digit = end; digit > at; number /= 10)
        *--digit = (char)('0' + number % 10);
    return end;
}

/* Writes "t":3, and returns where it ends; nothing unless positive. */
static char *put_count(char *at, char name, int64_t count)
{
    if (count <= 0)
        return at;
    memcpy(at, (char[]){'"', name, '"', ':'}, 4);
    at = put_digits(at + 4, (uint64_t)count);
    *at++ = ',';
    return at;
}

/* The most frequent thing in a long answer, so put together where it is to
 * stand. */
static void write_member(const struct ledger_member *member,
                         const struct ledger_counts *counts, struct nest *nest)
{
    if (counts->t <= 0 && counts->n <= 0 && counts->u <= 0)
        return;
    struct json *json = nest_open(nest);
    char *at = json_begin_raw(json, member->key.len + 1 + 3 * COUNT_MAX);
    if (!at)
        return;

    memcpy(at, member->key.at, member->key.len);
    at += member->key.len;
    *at++ = '{';
    at = put_count(at, 't', counts->t);
    at = put_count(at, 'n', counts->n);
    at = put_count(at, 'u', counts->u);
    at[-1] = '}';
    json_end_raw(json, at);
}

void ledger_write(struct ledger *ledger, enum ledger_level level,
                  struct nest *nest)
{
    struct ledger_member *member = ledger->lists[level].first;

    ledger->lists[level] = (struct list){0};
    while (member) {
        struct sums sums = member->at[level];
        member->at[level] = (struct sums){0};
        write_member(member, &sums.counts, nest);
        if (ledger->adds_up && level < LEDGER_YEAR) {
            sums.counts.u = 0;
            ledger_add(ledger, level + 1, member, &sums.counts);
        }
        member = sums.next;
    }
}
