#include "metrics/catalog.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "metrics/builtin.h"
#include "metrics/core.h"
#include "metrics/document.h"
#include "metrics/kind.h"

enum { GIVEN_MAX = SET_CUSTOM_END - SET_CUSTOM_FIRST };

/* Numbers of sets that the core does not have itself, whoever adds them. */
static const struct {
    const char *db;
    const char *set;
    enum set number;
} fixed[] = {
    {"langs", "langs", SET_LANGS},
    {"density", "density", SET_DENSITY},
    {"browser", "browser", SET_BROWSER},
    {"browser", "browser_version", SET_BROWSER_VERSION},
    {"sources", "sources", SET_SOURCES},
    {"sdks", "sdks", SET_SDKS},
};

enum {
    FIXED = sizeof(fixed) / sizeof(fixed[0]),
};

_Static_assert((int)CORE_METRICS + FIXED + (int)GIVEN_MAX <=
                   (int)CATALOG_METRICS_MAX,
               "a user has room for a value of each set");

struct given {
    char *db; /* NULL: the number is free */
    char *set;
};

struct catalog {
    atomic_size_t count;
    struct metric entries[CATALOG_ENTRIES_MAX];
    _Atomic(const struct metric *) by_set[SET_CUSTOM_END]; /* the newest */
    struct given given[GIVEN_MAX]; /* by number, from SET_CUSTOM_FIRST */
    unsigned version;
};

struct catalog *catalog_create(void)
{
    struct catalog *catalog = memory_alloc(sizeof(*catalog));
    char reason[DEFINITION_REASON_SIZE];
    enum tally_err err = TALLY_OK;

    for (size_t i = 0; !err && i < CORE_METRICS; i++)
        err = catalog_add(catalog, &core_metrics[i], reason);
    for (size_t i = 0; !err && i < builtin_metric_count; i++)
        err = catalog_add(catalog, &builtin_metrics[i], reason);
    assert(!err);
    return catalog;
}

static void free_text(const char *text)
{
    free((void *)(uintptr_t)text);
}

static void finish_entry(struct metric *metric)
{
    free_text(metric->key);
    free_text(metric->name);
    free_text(metric->alias);
    free_text(metric->collection);
    free_text(metric->short_code);
}

void catalog_destroy(struct catalog *catalog)
{
    if (!catalog)
        return;

    for (size_t i = 0; i < CATALOG_ENTRIES_MAX; i++)
        finish_entry(&catalog->entries[i]);
    for (size_t i = 0; i < GIVEN_MAX; i++) {
        free(catalog->given[i].db);
        free(catalog->given[i].set);
    }
    free(catalog);
}

/* Reading. */

static size_t count_of(const struct catalog *catalog)
{
    return atomic_load_explicit(&catalog->count, memory_order_acquire);
}

const struct metric *catalog_next(const struct catalog *catalog, size_t *at)
{
    for (size_t count = count_of(catalog); *at < count;) {
        const struct metric *metric = &catalog->entries[(*at)++];
        if (metric_is_active(metric))
            return metric;
    }
    return NULL;
}

const struct metric *catalog_by_set(const struct catalog *catalog, uint32_t set)
{
    return set < SET_CUSTOM_END ? atomic_load_explicit(&catalog->by_set[set],
                                                       memory_order_acquire)
                                : NULL;
}

static bool is_called(const struct metric *metric, struct text name)
{
    return text_is(name, metric->name) ||
           (metric->alias && text_is(name, metric->alias));
}

const struct metric *catalog_by_name(const struct catalog *catalog,
                                     struct text name)
{
    const struct metric *metric;

    for (size_t at = 0; (metric = catalog_next(catalog, &at));) {
        if (is_called(metric, name))
            return metric;
    }
    return NULL;
}

const struct metric *catalog_by_analytics_name(const struct catalog *catalog,
                                               struct text name)
{
    if (text_is(name, "locations"))
        return catalog_by_set(catalog, SET_COUNTRIES);
    if (text_is(name, "platform_version"))
        return catalog_by_set(catalog, SET_OS_VERSIONS);
    return catalog_by_name(catalog, name);
}

const struct metric *catalog_by_short_code(const struct catalog *catalog,
                                           struct text code)
{
    const struct metric *metric;

    for (size_t at = 0; (metric = catalog_next(catalog, &at));) {
        if (text_is(code, metric->short_code))
            return metric;
    }
    return NULL;
}

const struct metric *catalog_find(const struct catalog *catalog, const char *db,
                                  const char *set)
{
    const struct metric *metric;

    for (size_t at = 0; (metric = catalog_next(catalog, &at));) {
        if (strcmp(metric->collection, db) == 0 &&
            strcmp(metric->name, set) == 0)
            return metric;
    }
    return NULL;
}

bool catalog_reads(const struct catalog *catalog, struct text key)
{
    const struct metric *metric;

    /* languages and what the user agent says */
    if (text_is(key, "_locale") || text_is(key, "_ua"))
        return true;
    for (size_t at = 0; (metric = catalog_next(catalog, &at));) {
        if (metric->key && text_is(key, metric->key))
            return true;
    }
    return false;
}

struct metric_list catalog_list(const struct catalog *catalog,
                                const char *collection)
{
    struct metric_list list = {.count = 0};
    const struct metric *metric;

    for (size_t at = 0; list.count < CATALOG_METRICS_MAX &&
                        (metric = catalog_next(catalog, &at));) {
        if (!collection || strcmp(metric->collection, collection) == 0)
            list.at[list.count++] = metric;
    }
    return list;
}

/* Numbers. */

uint32_t catalog_number(const struct catalog *catalog, const char *db,
                        const char *set)
{
    for (size_t i = 0; i < FIXED; i++) {
        if (strcmp(db, fixed[i].db) == 0 && strcmp(set, fixed[i].set) == 0)
            return fixed[i].number;
    }
    for (uint32_t i = 0; i < GIVEN_MAX; i++) {
        const struct given *given = &catalog->given[i];
        if (given->db && strcmp(db, given->db) == 0 &&
            strcmp(set, given->set) == 0)
            return SET_CUSTOM_FIRST + i;
    }
    return 0;
}

uint32_t catalog_next_number(const struct catalog *catalog)
{
    for (uint32_t i = 0; i < GIVEN_MAX; i++) {
        if (!catalog->given[i].db)
            return SET_CUSTOM_FIRST + i;
    }
    return 0;
}

unsigned catalog_version(const struct catalog *catalog)
{
    return catalog->version;
}

/* Adding. */

static char *copy(const char *text)
{
    size_t size = text ? strlen(text) + 1 : 0;

    return text ? memcpy(memory_alloc(size), text, size) : NULL;
}

static bool is_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static enum tally_err check_room(const struct catalog *catalog,
                                 const struct metric_definition *definition,
                                 char reason[static DEFINITION_REASON_SIZE])
{
    bool has_number =
        definition->number ||
        catalog_number(catalog, definition->db, definition->set) ||
        catalog_next_number(catalog);

    if (!has_number)
        snprintf(reason, DEFINITION_REASON_SIZE,
                 "No room for another metric: %d were added, those that were "
                 "deleted among them",
                 GIVEN_MAX);
    else if (count_of(catalog) == CATALOG_ENTRIES_MAX)
        snprintf(reason, DEFINITION_REASON_SIZE,
                 "No room for another metric before the next start");
    else
        return TALLY_OK;
    return TALLY_ERR_FULL;
}

enum tally_err catalog_check(const struct catalog *catalog,
                             const struct metric_definition *definition,
                             char reason[static DEFINITION_REASON_SIZE])
{
    bool is_core = definition->source == METRIC_CORE;
    enum tally_err err =
        is_core ? TALLY_OK : definition_check(definition, reason);
    const struct metric *metric;

    for (size_t at = 0; !err && (metric = catalog_next(catalog, &at));)
        err = definition_compare(definition, metric, reason);
    return err ? err : check_room(catalog, definition, reason);
}

static bool is_defined_so(const struct metric *metric,
                          const struct metric_definition *definition,
                          uint32_t number)
{
    return metric->set == number && is_same(metric->key, definition->name) &&
           is_same(metric->alias, definition->alias) &&
           is_same(metric->short_code, definition_short_code(definition)) &&
           metric->source == definition->source &&
           metric->plugin == definition->plugin &&
           metric->tracks_changes == definition->tracks_changes &&
           metric->value == definition->value &&
           metric->context == definition->context;
}

static void fill(struct metric *metric,
                 const struct metric_definition *definition, uint32_t number)
{
    metric->set = number;
    metric->key = copy(definition->name);
    metric->name = copy(definition->set);
    metric->alias = copy(definition->alias);
    metric->collection = copy(definition->db);
    metric->short_code = copy(definition_short_code(definition));
    metric->source = definition->source;
    metric->plugin = definition->plugin;
    metric->tracks_changes = definition->tracks_changes;
    metric->value = definition->value;
    metric->context = definition->context;
}

static void set_active(struct catalog *catalog, struct metric *metric,
                       bool is_active)
{
    if (is_active)
        atomic_store_explicit(&catalog->by_set[metric->set], metric,
                              memory_order_release);
    atomic_store_explicit(&metric->is_active, is_active, memory_order_release);
    catalog->version++;
}

enum tally_err catalog_add(struct catalog *catalog,
                           const struct metric_definition *definition,
                           char reason[static DEFINITION_REASON_SIZE])
{
    size_t count = count_of(catalog);
    uint32_t number =
        definition->number
            ? definition->number
            : catalog_number(catalog, definition->db, definition->set);
    enum tally_err err = catalog_check(catalog, definition, reason);
    size_t i = 0;

    if (err)
        return err;
    if (number == 0)
        return TALLY_ERR_NOT_FOUND;
    while (i < count &&
           !is_defined_so(&catalog->entries[i], definition, number))
        i++;
    if (i == count)
        fill(&catalog->entries[i], definition, number);
    set_active(catalog, &catalog->entries[i], true);
    if (i == count)
        atomic_store_explicit(&catalog->count, count + 1, memory_order_release);
    return TALLY_OK;
}

/* Documents. */

static enum tally_err note_number(struct catalog *catalog,
                                  const struct metric_definition *definition)
{
    struct given *given =
        &catalog->given[definition->number - SET_CUSTOM_FIRST];

    if (given->db)
        return strcmp(given->db, definition->db) == 0 &&
                       strcmp(given->set, definition->set) == 0
                   ? TALLY_OK
                   : TALLY_ERR_CORRUPT;
    given->db = copy(definition->db);
    given->set = copy(definition->set);
    return TALLY_OK;
}

/* Takes away what an administrator added before. */
static void remove_custom(struct catalog *catalog, uint32_t number)
{
    size_t count = count_of(catalog);

    for (size_t i = 0; i < count; i++) {
        struct metric *metric = &catalog->entries[i];
        if (metric->set == number && metric->source == METRIC_CUSTOM &&
            metric_is_active(metric))
            set_active(catalog, metric, false);
    }
}

enum tally_err catalog_load(struct catalog *catalog, struct text document)
{
    cJSON *tree = document_parse(document);
    struct metric_definition definition;
    char reason[DEFINITION_REASON_SIZE];
    bool is_custom;
    enum tally_err err = definition_read(tree, &definition, &is_custom);

    if (!err)
        err = note_number(catalog, &definition);
    if (!err)
        remove_custom(catalog, definition.number);
    if (!err && is_custom &&
        catalog_check(catalog, &definition, reason) == TALLY_OK)
        err = catalog_add(catalog, &definition, reason);
    cJSON_Delete(tree);
    return err;
}

enum tally_err catalog_accept(struct catalog *catalog,
                              const struct batch *batch)
{
    struct text bytes = buffer_text(&batch->bytes);
    struct effect effect;
    enum tally_err err = TALLY_OK;

    for (size_t at = 0; !err && at < bytes.len;) {
        err = effect_read(bytes, &at, &effect);
        if (!err && effect.kind == EFFECT_PUT &&
            effect.table == TABLE_DOCUMENTS && effect.key.at[0] == KIND_METRIC)
            err = catalog_load(catalog, effect.value);
    }
    return err;
}
