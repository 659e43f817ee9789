/*
 * Records of activity: chunks, columns and the latest users.
 */
#include "engine/activity.h"

#include "engine/recent.h"
#include "target.h"

enum { PAIRS_MAX = 1 << 16 };

static struct marks_pair pairs[PAIRS_MAX];
static size_t count;

static void check_chunk(struct text record)
{
    static struct chunk chunk, again;
    static uint8_t bytes[CHUNK_BYTES];

    chunk = (struct chunk){0};
    again = (struct chunk){0};
    if (chunk_add(&chunk, record) != TALLY_OK)
        return;
    TARGET_REQUIRE(chunk_add(&again, chunk_write(&chunk, bytes)) == TALLY_OK);
    TARGET_REQUIRE(memcmp(&chunk, &again, sizeof(chunk)) == 0);
}

static void target_on_pair(void *user, uint32_t value, uint32_t ordinal)
{
    (void)user;
    if (count < PAIRS_MAX)
        pairs[count++] = (struct marks_pair){ordinal, value};
}

static void check_column(struct text record)
{
    uint8_t bytes[COLUMN_BYTES];
    size_t len;

    count = 0;
    if (column_read(record, target_on_pair, NULL) != TALLY_OK || count == 0)
        return;
    size_t sorted = column_sort(pairs, count);
    struct marks_pair first = pairs[0];
    size_t written = column_write(pairs, sorted, bytes, &len);
    TARGET_REQUIRE(written >= 1 && written <= sorted && len <= COLUMN_BYTES);
    count = 0;
    struct text again = {(char *)bytes, len};
    TARGET_REQUIRE(column_read(again, target_on_pair, NULL) == TALLY_OK);
    TARGET_REQUIRE(count == written && pairs[0].value == first.value &&
                   pairs[0].ordinal == first.ordinal);
}

static void check_recent(struct text record)
{
    struct recent *recent = recent_create();
    struct recent_user list[RECENT_MAX];

    if (recent_load(recent, 1, record) == TALLY_OK) {
        unsigned users = recent_list(recent, 1, list);
        for (unsigned i = 1; i < users; i++)
            TARGET_REQUIRE(list[i - 1].seconds >= list[i].seconds);
    }
    recent_destroy(recent);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text record = {(const char *)bytes, len};

    check_chunk(record);
    check_column(record);
    check_recent(record);
    return 0;
}
