#include "metrics/naming.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/buffer.h"
#include "engine/hash.h"
#include "engine/memory.h"
#include "metrics/params.h"
#include "metrics/source.h"
#include "metrics/value.h"

/* Each text has two places, the newer one first. */
enum { PAIRS = 1024, KEPT_MAX = 2048 };

struct place {
    uint64_t hash; /* 0: nothing is kept here */
    bool is_web;
    size_t metrics_len;
    struct buffer bytes; /* the metrics, then the names */
    struct naming naming;
};

struct namings {
    struct hash_key key;
    struct place *pairs[PAIRS][2]; /* NULL until one is needed */
    struct naming unkept;
};

struct namings *namings_create(void)
{
    struct namings *namings = memory_alloc(sizeof(*namings));

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

/* Sources fall back to the system as long as the user has none (B.7.3). */
static bool name_source(const struct params *metrics, struct value *value,
                        bool *is_fallback)
{
    *is_fallback = !value_of(metrics, "_store", value);
    return !*is_fallback || value_source(params_text(metrics, "_os"), value);
}

/* On the web it is the page that the visitor came from, or there is none. */
static bool name_page(const struct params *metrics, struct value *value)
{
    const struct param *store = params_find(metrics, "_store");
    struct draft draft = {.len = 0};

    if (!store || store->kind != PARAM_TEXT)
        return false;
    source_draft_page(store->value, &draft);
    return value_source((struct text){draft.bytes, draft.len}, value);
}

static bool name_value(const struct params *metrics, bool is_web,
                       struct named *named, struct value *value)
{
    named->is_fallback = false;
    if (named->metric->set == SET_SOURCES && is_web)
        return name_page(metrics, value);
    if (named->metric->set == SET_SOURCES)
        return name_source(metrics, value, &named->is_fallback);
    if (named->metric->set == SET_BROWSER_VERSION && is_web)
        return value_web_browser(metrics, value);
    return value_of(metrics, named->metric->key, value);
}

/* Names all values; TALLY_ERR_TOO_BIG past the arena's limit. */
static enum tally_err name_values(struct naming *naming, struct arena *arena,
                                  const struct params *metrics, bool is_web)
{
    assert(metric_count <= NAMING_VALUES_MAX);
    for (size_t i = 0; i < metric_count; i++) {
        struct named *named = &naming->values[naming->count];
        struct value value;
        named->metric = &metric_table[i];
        if (!metric_table[i].key || !name_value(metrics, is_web, named, &value))
            continue;
        named->text.len = value.len;
        named->text.at = arena_strndup(arena, value.bytes, value.len);
        if (!named->text.at)
            return TALLY_ERR_TOO_BIG;
        naming->count++;
    }
    return TALLY_OK;
}

static unsigned count_unknown(const struct params *metrics)
{
    unsigned count = 0;

    for (unsigned i = 0; i < metrics->count; i++)
        count += !metric_reads(metrics->list[i].name);
    return count;
}

/* False when it is not known how the metrics go on. */
static bool make(struct naming *naming, struct arena *arena,
                 struct text metrics, bool is_web)
{
    struct params params = {0};

    naming->count = 0;
    naming->unknown = 0;
    enum tally_err err = params_add_json(&params, arena, metrics);
    naming->is_bad = err == TALLY_ERR_INVALID;
    if (!err)
        naming->unknown = count_unknown(&params);
    if (!err)
        err = name_values(naming, arena, &params, is_web);
    if (err)
        naming->count = 0;
    return err != TALLY_ERR_TOO_BIG;
}

static bool is_of(const struct place *place, uint64_t hash, struct text metrics,
                  bool is_web)
{
    return place && place->hash == hash && place->is_web == is_web &&
           text_equal((struct text){place->bytes.at, place->metrics_len},
                      metrics);
}

/* Copies the naming to a place, where its texts stay. */
static struct place *keep(struct place *place, uint64_t hash,
                          struct text metrics, bool is_web,
                          const struct naming *naming)
{
    if (!place) {
        place = memory_alloc(sizeof(*place));
        buffer_init(&place->bytes,
                    KEPT_MAX + NAMING_VALUES_MAX * (size_t)VALUE_MAX);
    }
    place->hash = hash;
    place->is_web = is_web;
    place->metrics_len = metrics.len;
    place->naming = *naming;
    buffer_clear(&place->bytes);
    buffer_add(&place->bytes, metrics.at, metrics.len);
    for (unsigned i = 0; i < naming->count; i++)
        buffer_add(&place->bytes, naming->values[i].text.at,
                   naming->values[i].text.len);
    const char *at = place->bytes.at + metrics.len;
    for (unsigned i = 0; i < naming->count; i++) {
        place->naming.values[i].text.at = at;
        at += naming->values[i].text.len;
    }
    return place;
}

const struct naming *namings_find(struct namings *namings, struct arena *arena,
                                  struct text metrics, bool is_web)
{
    uint64_t hash = hash_text(&namings->key, metrics) | 1;
    struct place **pair = namings->pairs[hash / 2 % PAIRS];

    for (int i = 0; i < 2; i++) {
        if (is_of(pair[i], hash, metrics, is_web))
            return &pair[i]->naming;
    }
    bool may_keep = make(&namings->unkept, arena, metrics, is_web);
    if (!may_keep || metrics.len > KEPT_MAX)
        return &namings->unkept;
    struct place *oldest = pair[1];
    pair[1] = pair[0];
    pair[0] = keep(oldest, hash, metrics, is_web, &namings->unkept);
    return &pair[0]->naming;
}
