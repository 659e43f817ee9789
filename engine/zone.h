/*
 * zone.h - IANA time zones: between UTC and an app's local wall clock.
 *
 * A registry holds every zone that was opened, once per name, so that any
 * number of apps share them. Zones live as long as their registry. A zone
 * remembers the interval it was asked about last: registry and zones belong
 * to one thread.
 *
 * Local times are wall-clock seconds since 1970-01-01 00:00 on the local
 * calendar; where the clock is set back, a local time happens twice.
 */
#ifndef ENGINE_ZONE_H
#define ENGINE_ZONE_H

#include <stdint.h>

#include "engine/error.h"

struct zone;
struct zones;

enum { ZONE_NAME_MAX = 63 }; /* bytes of a name; longer ones do not exist */

/* Reads the names that the system's time zone database has. A system without
 * one knows UTC only. */
struct zones *zones_create(void);

/* Closes all zones opened from it; NULL is a no-op. */
void zones_destroy(struct zones *zones);

/* Finds a zone by its exact IANA name or `UTC`. TALLY_ERR_INVALID when the
 * name is not in the database (spec 0.4.14). */
TALLY_MUST_CHECK
enum tally_err zone_open(struct zones *zones, const char *name,
                         struct zone **zone);

/* The zone's name; lives as long as the zone. */
const char *zone_name(const struct zone *zone);

/* The local time of a UTC time up to 9999. Before 1970 a zone is as far off as
 * it was then. The database lists each change up
 * to 2037; what follows is GLib's reading of a zone's last rule. */
int64_t zone_local(struct zone *zone, int64_t utc);

/* The UTC second at which a local date, or a local wall-clock hour counted
 * from 1970-01-01 00:00, first begins (spec 0.4.20): its first occurrence
 * when the clock is set back over it, its first existing second when its
 * beginning is skipped, and where the clock skips all of it the second of
 * that jump. */
int64_t zone_day_start(struct zone *zone, int32_t day);
int64_t zone_hour_start(struct zone *zone, int64_t hour);

#endif
