#include "engine/counter.h"

#include "engine/pack.h"

static bool is_zero(const int64_t *row, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        if (row[i] != 0)
            return false;
    }
    return true;
}

bool cells_row_is_zero(const struct cells *cells, unsigned row)
{
    return is_zero(cells->at[row], CELL_FIELDS);
}

bool years_row_is_zero(const struct years *years, unsigned row)
{
    return is_zero(years->at[row], YEAR_SLOTS);
}

enum tally_err cells_add(struct cells *cells, struct text record)
{
    struct unpack unpack = unpack_from(record);

    while (unpack_left(&unpack) > 0) {
        unsigned row = unpack_u8(&unpack);
        unsigned mask = unpack_u8(&unpack);
        if (row >= DAY_BLOCK || mask >= 1u << CELL_FIELDS)
            return TALLY_ERR_CORRUPT;
        for (unsigned i = 0; i < CELL_FIELDS; i++) {
            if (mask >> i & 1)
                counter_add(&cells->at[row][i], unpack_zigzag(&unpack));
        }
        if (unpack.bad)
            return TALLY_ERR_CORRUPT;
    }
    return TALLY_OK;
}

size_t cells_write(const struct cells *cells,
                   uint8_t bytes[static CELLS_SIZE_MAX])
{
    struct pack pack = pack_into(bytes, CELLS_SIZE_MAX);

    for (unsigned row = 0; row < DAY_BLOCK; row++) {
        const int64_t *columns = cells->at[row];
        unsigned mask = 0;
        for (unsigned i = 0; i < CELL_FIELDS; i++)
            mask |= (unsigned)(columns[i] != 0) << i;
        if (mask == 0)
            continue;
        pack_u8(&pack, (uint8_t)row);
        pack_u8(&pack, (uint8_t)mask);
        for (unsigned i = 0; i < CELL_FIELDS; i++) {
            if (columns[i] != 0)
                pack_zigzag(&pack, columns[i]);
        }
    }
    return (size_t)(pack.at - bytes);
}

enum tally_err years_add(struct years *years, struct text record)
{
    struct unpack unpack = unpack_from(record);

    while (unpack_left(&unpack) > 0) {
        unsigned row = unpack_u8(&unpack);
        unsigned count = unpack_u8(&unpack);
        if (row >= YEAR_BLOCK)
            return TALLY_ERR_CORRUPT;
        for (unsigned i = 0; i < count; i++) {
            unsigned slot = unpack_u8(&unpack);
            int64_t value = unpack_zigzag(&unpack);
            if (slot >= YEAR_SLOTS || unpack.bad)
                return TALLY_ERR_CORRUPT;
            counter_add(&years->at[row][slot], value);
        }
        if (unpack.bad)
            return TALLY_ERR_CORRUPT;
    }
    return TALLY_OK;
}

static void write_slots(struct pack *pack, unsigned row, const int64_t *columns)
{
    unsigned count = 0;

    for (unsigned i = 0; i < YEAR_SLOTS; i++)
        count += columns[i] != 0;
    if (count == 0)
        return;
    pack_u8(pack, (uint8_t)row);
    pack_u8(pack, (uint8_t)count);
    for (unsigned i = 0; i < YEAR_SLOTS; i++) {
        if (columns[i] != 0) {
            pack_u8(pack, (uint8_t)i);
            pack_zigzag(pack, columns[i]);
        }
    }
}

size_t years_write(const struct years *years,
                   uint8_t bytes[static YEARS_SIZE_MAX])
{
    struct pack pack = pack_into(bytes, YEARS_SIZE_MAX);

    for (unsigned row = 0; row < YEAR_BLOCK; row++)
        write_slots(&pack, row, years->at[row]);
    return (size_t)(pack.at - bytes);
}
