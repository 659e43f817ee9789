#include "metrics/naming.h"

#include <stdlib.h>

#include "engine/buffer.h"
#include "engine/hash.h"
#include "engine/memory.h"
#include "metrics/params.h"
#include "metrics/value.h"

/* Each text has two places, the newer one first. */
enum { PAIRS = 1024, KEPT_MAX = 2048 };

struct place {
    uint64_t hash; /* 0: nothing is kept here */
    bool is_web;
    bool begins;
    size_t metrics_len;
    size_t agent_len;
    struct buffer bytes; /* the metrics, the user agent, then the names */
    struct naming naming;
};

struct namings {
    struct hash_key key;
    const struct catalog *catalog;
    unsigned version;              /* of the catalogue, when it was kept */
    const struct agents *agents;   /* NULL: nobody reads user agents */
    struct place *pairs[PAIRS][2]; /* NULL until one is needed */
    struct naming unkept;
};

struct namings *namings_create(const struct catalog *catalog)
{
    struct namings *namings = memory_alloc(sizeof(*namings));

    namings->catalog = catalog;
    namings->version = catalog_version(catalog);
    hash_key_random(&namings->key);
    return namings;
}

void namings_destroy(struct namings *namings)
{
    if (!namings)
        return;

    for (size_t i = 0; i < 2 * PAIRS; i++) {
        struct place *place = namings->pairs[i / 2][i % 2];
        if (place)
            buffer_finish(&place->bytes);
        free(place);
    }
    free(namings);
}

void namings_read_agents(struct namings *namings, const struct agents *agents)
{
    namings->agents = agents;
}

static bool name_value(const struct metric *metric,
                       const struct params *metrics, bool is_web,
                       struct value *value, bool *is_fallback)
{
    *is_fallback = false;
    if (metric->value)
        return metric->value(metric, metrics, is_web, value, is_fallback);
    return metric->key && value_of(metrics, metric->key, value);
}

/* Names all values; TALLY_ERR_TOO_BIG past the arena's limit. */
static enum tally_err name_values(struct namings *namings, struct arena *arena,
                                  const struct params *metrics, bool is_web)
{
    struct naming *naming = &namings->unkept;

    for (size_t at = 0; naming->count < NAMING_VALUES_MAX;) {
        struct named *named = &naming->values[naming->count];
        struct value value;
        named->metric = catalog_next(namings->catalog, &at);
        if (!named->metric)
            break;
        if (!name_value(named->metric, metrics, is_web, &value,
                        &named->is_fallback))
            continue;
        named->text.len = value.len;
        named->text.at = arena_strndup(arena, value.bytes, value.len);
        if (!named->text.at)
            return TALLY_ERR_TOO_BIG;
        naming->count++;
    }
    return TALLY_OK;
}

static const char *const read_off[AGENT_PARTS] = {
    [AGENT_BROWSER] = "_browser", [AGENT_BROWSER_VERSION] = "_browser_version",
    [AGENT_OS] = "_os",           [AGENT_OS_VERSION] = "_os_version",
    [AGENT_DEVICE] = "_device",
};

static bool is_complete(const struct params *metrics)
{
    bool complete = true;

    for (int i = 0; i < AGENT_PARTS; i++)
        complete = complete && params_has(metrics, read_off[i]);
    return complete;
}

static enum tally_err add_missing(struct params *metrics, struct arena *arena,
                                  const struct agent *agent)
{
    enum tally_err err = TALLY_OK;

    for (int i = 0; !err && i < AGENT_PARTS; i++) {
        struct param param = {.name = text_of(read_off[i]),
                              .value = agent->parts[i]};
        if (param.value.len > 0 && !params_has(metrics, read_off[i]))
            err = params_set(metrics, arena, param);
    }
    return err;
}

/* Completes the metrics by the user agent, if there is one. */
static enum tally_err complete(const struct agents *agents, struct arena *arena,
                               struct text user_agent, struct params *metrics)
{
    const struct param *own = params_find(metrics, "_ua");
    struct agent agent;

    if (own && own->kind == PARAM_TEXT && own->value.len > 0)
        user_agent = own->value;
    if (user_agent.len == 0 || is_complete(metrics))
        return TALLY_OK;
    enum tally_err err = agents_find(agents, arena, user_agent, &agent);
    return err ? err : add_missing(metrics, arena, &agent);
}

static unsigned count_unknown(const struct catalog *catalog,
                              const struct params *metrics)
{
    unsigned count = 0;

    for (unsigned i = 0; i < metrics->count; i++)
        count += !catalog_reads(catalog, metrics->list[i].name);
    return count;
}

/* False when it is not known how the metrics go on. */
static bool make(struct namings *namings, struct arena *arena,
                 const struct named_by *by)
{
    struct naming *naming = &namings->unkept;
    struct params params = {0};

    naming->count = 0;
    naming->unknown = 0;
    enum tally_err err = params_add_json(&params, arena, by->metrics);
    naming->is_bad = err == TALLY_ERR_INVALID;
    if (!err)
        naming->unknown = count_unknown(namings->catalog, &params);
    if (!err && by->begins)
        err = complete(namings->agents, arena, by->user_agent, &params);
    if (!err)
        err = name_values(namings, arena, &params, by->is_web);
    if (err)
        naming->count = 0;
    return err != TALLY_ERR_TOO_BIG;
}

static bool is_of(const struct place *place, uint64_t hash,
                  const struct named_by *by)
{
    return place && place->hash == hash && place->is_web == by->is_web &&
           place->begins == by->begins &&
           text_equal((struct text){place->bytes.at, place->metrics_len},
                      by->metrics) &&
           text_equal((struct text){place->bytes.at + place->metrics_len,
                                    place->agent_len},
                      by->user_agent);
}

/* Copies the naming to a place, where its texts stay. */
static struct place *keep(struct place *place, uint64_t hash,
                          const struct named_by *by,
                          const struct naming *naming)
{
    if (!place) {
        place = memory_alloc(sizeof(*place));
        buffer_init(&place->bytes,
                    KEPT_MAX + NAMING_VALUES_MAX * (size_t)VALUE_MAX);
    }
    place->hash = hash;
    place->is_web = by->is_web;
    place->begins = by->begins;
    place->metrics_len = by->metrics.len;
    place->agent_len = by->user_agent.len;
    place->naming = *naming;
    buffer_clear(&place->bytes);
    buffer_add_text(&place->bytes, by->metrics);
    buffer_add_text(&place->bytes, by->user_agent);
    for (unsigned i = 0; i < naming->count; i++)
        buffer_add_text(&place->bytes, naming->values[i].text);
    const char *at = place->bytes.at + by->metrics.len + by->user_agent.len;
    for (unsigned i = 0; i < naming->count; i++) {
        place->naming.values[i].text.at = at;
        at += naming->values[i].text.len;
    }
    return place;
}

/* Only where user agents are read do names depend on them. */
static struct named_by reduce(const struct namings *namings,
                              const struct named_by *by)
{
    struct named_by reduced = *by;

    reduced.begins = by->begins && by->is_web && namings->agents;
    if (!reduced.begins)
        reduced.user_agent.len = 0;
    else if (reduced.user_agent.len > AGENT_TEXT_MAX)
        reduced.user_agent.len = AGENT_TEXT_MAX;
    return reduced;
}

static uint64_t hash_of(const struct namings *namings,
                        const struct named_by *by)
{
    uint64_t hash = hash_text(&namings->key, by->metrics);

    if (by->user_agent.len > 0)
        hash ^= hash_text(&namings->key, by->user_agent) * 3;
    return hash | 1;
}

/* What was named by another catalogue is no longer so. */
static void follow_catalog(struct namings *namings)
{
    unsigned version = catalog_version(namings->catalog);

    if (namings->version == version)
        return;
    namings->version = version;
    for (size_t i = 0; i < 2 * PAIRS; i++) {
        if (namings->pairs[i / 2][i % 2])
            namings->pairs[i / 2][i % 2]->hash = 0;
    }
}

const struct naming *namings_find(struct namings *namings, struct arena *arena,
                                  const struct named_by *given)
{
    follow_catalog(namings);
    struct named_by by = reduce(namings, given);
    uint64_t hash = hash_of(namings, &by);
    struct place **pair = namings->pairs[hash / 2 % PAIRS];

    for (int i = 0; i < 2; i++) {
        if (is_of(pair[i], hash, &by))
            return &pair[i]->naming;
    }
    bool may_keep = make(namings, arena, &by);
    if (!may_keep || by.metrics.len + by.user_agent.len > KEPT_MAX)
        return &namings->unkept;
    struct place *oldest = pair[1];
    pair[1] = pair[0];
    pair[0] = keep(oldest, hash, &by, &namings->unkept);
    return &pair[0]->naming;
}
