/*
 * table.h - the tables of the base, in the order in which a checkpoint
 * sweeps them.
 *
 * All integers in keys are big-endian, so keys sort by their fields. `app`,
 * `set`, `ordinal`, `shelf` are u32; `day` is a u16 count of local days since
 * 1970-01-01; `value` is a u32 value id, 0 for the set as a whole.
 *
 * table      key                             value
 * HOURS      app set day                     cells of 24 hours
 * DAYS       app set day block               cells of 128 value ids
 * YEARS      app set year block              cells of 16 value ids, see
 *                                            counter.h
 * USERS      app ordinal                     the caller's
 * COLD       app ordinal                     the caller's, any length
 * IDS        app hash (16 bytes)             ordinal
 * NAMES      app set string (1..255 bytes)   value
 * STRINGS    app set value                   string
 * SEQUENCES  app set year(u16)               the last number given out
 * ACTIVE     app day chunk(u16)              see activity.h
 * COLUMNS    app set day lsn(u64) part(u16)  see activity.h
 * ALIASES    app ordinal                     the ordinal it is now; it has no
 *                                            hits afterwards
 * BULKS      app hash (16 bytes)             items done, hour (u32, u32)
 * RECENT     app                             see recent.h
 * DOCUMENTS  kind(u8) name (1..200 bytes)    the caller's, any length
 * DROPS      app                             empty: the data is garbage
 * HORIZONS   app                             see horizon.h
 * RECORDS    app shelf name (1..200 bytes)   the caller's, any length; app 0:
 *                                            of no app
 *
 * "Any length": the store splits values over 4080 bytes into parts.
 */
#ifndef ENGINE_TABLE_H
#define ENGINE_TABLE_H

#include <stdbool.h>

enum table {
    TABLE_HOURS,
    TABLE_DAYS,
    TABLE_YEARS,
    TABLE_USERS,
    TABLE_COLD,
    TABLE_IDS,
    TABLE_NAMES,
    TABLE_STRINGS,
    TABLE_SEQUENCES,
    TABLE_ACTIVE,
    TABLE_COLUMNS,
    TABLE_ALIASES,
    TABLE_BULKS,
    TABLE_RECENT,
    TABLE_DOCUMENTS,
    TABLE_DROPS,
    TABLE_HORIZONS,
    TABLE_RECORDS,
    TABLE_COUNT,
};

/* Do the keys begin with an app's number, and go with the app? */
static inline bool table_is_by_app(enum table table)
{
    return table != TABLE_DOCUMENTS && table != TABLE_DROPS;
}

#endif
