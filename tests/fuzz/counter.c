/*
 * Records of counters: what can be read is the same when it is written again.
 */
#include "engine/counter.h"

#include "target.h"

static void check_cells(struct text record)
{
    static struct cells cells, again;
    static uint8_t bytes[CELLS_SIZE_MAX];

    cells = (struct cells){0};
    again = (struct cells){0};
    if (cells_add(&cells, record) != TALLY_OK)
        return;
    struct text written = {(char *)bytes, cells_write(&cells, bytes)};
    TARGET_REQUIRE(cells_add(&again, written) == TALLY_OK);
    TARGET_REQUIRE(memcmp(&cells, &again, sizeof(cells)) == 0);
}

static void check_years(struct text record)
{
    static struct years years, again;
    static uint8_t bytes[YEARS_SIZE_MAX];

    years = (struct years){0};
    again = (struct years){0};
    if (years_add(&years, record) != TALLY_OK)
        return;
    struct text written = {(char *)bytes, years_write(&years, bytes)};
    TARGET_REQUIRE(years_add(&again, written) == TALLY_OK);
    TARGET_REQUIRE(memcmp(&years, &again, sizeof(years)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text record = {(const char *)bytes, len};

    check_cells(record);
    check_years(record);
    return 0;
}
