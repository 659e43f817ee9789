#include "engine/zone.h"

#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"

#define DATABASE "/usr/share/zoneinfo/"

enum {
    SECONDS_PER_HOUR = 3600,
    SECONDS_PER_DAY = 86400,
    /* No two offsets of one zone, ever, lie further apart. */
    WIDEST_JUMP = 28 * SECONDS_PER_HOUR,
};

/* Nothing changes before the one and after the other. */
static const int64_t first_time = -2 * SECONDS_PER_DAY;
static const int64_t last_time = INT64_C(253402300800) + 2 * SECONDS_PER_DAY;

struct interval {
    int64_t from; /* UTC; lasts until the next interval's */
    int64_t offset;
};

struct zone {
    char *name;
    size_t count;
    size_t current; /* the interval of the last question */
    struct interval *intervals;
};

struct zones {
    GHashTable *names; /* the names that exist */
    GHashTable *open;  /* name -> struct zone */
};

static void zone_destroy(void *memory)
{
    struct zone *zone = memory;

    g_free(zone->name);
    free(zone->intervals);
    free(zone);
}

/* Adds one blank-separated field (0 is the first) of each line of a file that
 * begins with `kind`; an empty `kind` takes every line. */
static void add_names(GHashTable *names, const char *file, const char *kind,
                      unsigned field)
{
    char *content = NULL;

    if (!g_file_get_contents(file, &content, NULL, NULL))
        return;

    char **lines = g_strsplit(content, "\n", -1);
    for (char **line = lines; *line; line++) {
        if (**line == '#' || !g_str_has_prefix(*line, kind))
            continue;
        char **fields = g_strsplit_set(*line, " \t", -1);
        if (g_strv_length(fields) > field)
            g_hash_table_add(names, g_strdup(fields[field]));
        g_strfreev(fields);
    }
    g_strfreev(lines);
    g_free(content);
}

struct zones *zones_create(void)
{
    struct zones *zones = memory_alloc(sizeof(*zones));

    zones->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    zones->open =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, zone_destroy);
    add_names(zones->names, DATABASE "tzdata.zi", "Z ", 1);
    add_names(zones->names, DATABASE "tzdata.zi", "L ", 2);
    add_names(zones->names, DATABASE "zone1970.tab", "", 2);
    add_names(zones->names, DATABASE "zone.tab", "", 2);
    g_hash_table_add(zones->names, g_strdup("UTC"));
    return zones;
}

void zones_destroy(struct zones *zones)
{
    if (!zones)
        return;

    g_hash_table_destroy(zones->open);
    g_hash_table_destroy(zones->names);
    free(zones);
}

static int index_at(GTimeZone *rules, int64_t utc)
{
    return g_time_zone_find_interval(rules, G_TIME_TYPE_UNIVERSAL, utc);
}

/* The first second of interval `index`, which begins after `from`. */
static int64_t interval_start(GTimeZone *rules, int index, int64_t from)
{
    int64_t before = from;
    int64_t at = last_time;

    while (at - before > 1) {
        int64_t middle = before + (at - before) / 2;

        if (index_at(rules, middle) < index)
            before = middle;
        else
            at = middle;
    }
    return at;
}

/* GLib answers by interval but does not tell where one begins, so that is
 * searched once. */
static void read_intervals(struct zone *zone, GTimeZone *rules)
{
    int first = index_at(rules, first_time);
    int last = index_at(rules, last_time);
    int64_t from = first_time;

    zone->intervals =
        memory_alloc((size_t)(last - first + 1) * sizeof(*zone->intervals));
    for (int i = first; i <= last; i++) {
        if (i > first)
            from = interval_start(rules, i, from);
        int64_t offset = g_time_zone_get_offset(rules, i);
        if (zone->count > 0 &&
            zone->intervals[zone->count - 1].offset == offset)
            continue;
        zone->intervals[zone->count++] = (struct interval){from, offset};
    }
    zone->intervals[0].from = INT64_MIN;
}

/* By its path, so that neither TZDIR nor GLib's own grammar of zone names has
 * a say. */
static GTimeZone *load_rules(const char *name)
{
    if (strcmp(name, "UTC") == 0)
        return g_time_zone_new_utc();

    char *path = g_strconcat(DATABASE, name, NULL);
    GTimeZone *rules = g_time_zone_new_identifier(path);
    g_free(path);
    return rules;
}

enum tally_err zone_open(struct zones *zones, const char *name,
                         struct zone **zone)
{
    struct zone *opened = g_hash_table_lookup(zones->open, name);

    if (!opened) {
        if (!g_hash_table_contains(zones->names, name))
            return TALLY_ERR_INVALID;
        GTimeZone *rules = load_rules(name);
        if (!rules)
            return TALLY_ERR_INVALID;

        opened = memory_alloc(sizeof(*opened));
        opened->name = g_strdup(name);
        read_intervals(opened, rules);
        g_time_zone_unref(rules);
        g_hash_table_insert(zones->open, opened->name, opened);
    }

    *zone = opened;
    return TALLY_OK;
}

const char *zone_name(const struct zone *zone)
{
    return zone->name;
}

static int64_t interval_end(const struct zone *zone, size_t i)
{
    return i + 1 < zone->count ? zone->intervals[i + 1].from : INT64_MAX;
}

/* The number of the interval that holds `utc`; the first one reaches back
 * without end. */
static size_t find_interval(struct zone *zone, int64_t utc)
{
    size_t current = zone->current;
    if (utc >= zone->intervals[current].from &&
        utc < interval_end(zone, current))
        return current;

    size_t low = 0;
    size_t high = zone->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (zone->intervals[middle].from <= utc)
            low = middle;
        else
            high = middle;
    }
    zone->current = low;
    return low;
}

int64_t zone_local(struct zone *zone, int64_t utc)
{
    return utc + zone->intervals[find_interval(zone, utc)].offset;
}

/* The first UTC second whose local time lies in [local, local + length). */
static int64_t first_second(struct zone *zone, int64_t local, int64_t length)
{
    int64_t latest = local + WIDEST_JUMP;
    int64_t skipped = INT64_MAX;

    for (size_t i = find_interval(zone, local - WIDEST_JUMP);
         i < zone->count && zone->intervals[i].from < latest; i++) {
        const struct interval *interval = &zone->intervals[i];
        int64_t wanted = local - interval->offset;
        int64_t utc =
            i > 0 && wanted < interval->from ? interval->from : wanted;

        if (utc >= interval_end(zone, i))
            continue;
        if (utc + interval->offset < local + length)
            return utc;
        if (skipped == INT64_MAX)
            skipped = utc;
    }
    return skipped;
}

/* Far from the interval's beginning nothing earlier can have that local
 * time. */
static int64_t local_start(struct zone *zone, int64_t local, int64_t length)
{
    size_t current = zone->current;
    int64_t from = zone->intervals[current].from;
    int64_t utc = local - zone->intervals[current].offset;

    if (utc >= from + WIDEST_JUMP && utc < interval_end(zone, current))
        return utc;
    return first_second(zone, local, length);
}

int64_t zone_day_start(struct zone *zone, int32_t day)
{
    return local_start(zone, (int64_t)day * SECONDS_PER_DAY, SECONDS_PER_DAY);
}

int64_t zone_hour_start(struct zone *zone, int64_t hour)
{
    return local_start(zone, hour * SECONDS_PER_HOUR, SECONDS_PER_HOUR);
}
