/*
 * The hot record: a mask of the fields that are not zero (var), then these
 * fields in the order of the table, varints; times after `fs` as differences
 * to it. Then the values (count, then set and id each) and the ring (count,
 * then u64 each).
 */
#include "metrics/user.h"

#include "engine/pack.h"

enum field {
    FIELD_FS,
    FIELD_LS,
    FIELD_FAC,
    FIELD_LAC,
    FIELD_LBST,
    FIELD_LEST,
    FIELD_SC,
    FIELD_SD,
    FIELD_TSD,
    FIELD_MERGES,
    FIELD_MARKED,
    FIELD_ENDED_HOUR,
    FIELD_ENDED_BUCKET, /* plus one; 0: none */
    FIELD_FLAGS,
    FIELD_TZ, /* plus TZ_BIAS; 0: unknown */
    FIELD_UNMARKED,
    FIELD_EVENTS,
    FIELD_COUNT,
};

enum {
    FLAG_OPEN = 1,
    FLAG_INFO = 2,
    FLAG_ORIENTATION = 4, /* times enum user_orientation */
    FLAG_MAX = FLAG_OPEN | FLAG_INFO | USER_LANDSCAPE * FLAG_ORIENTATION,
    TZ_BIAS = 32768,
};

/* What a record of ours can hold; anything else is damage. */
static const struct {
    int64_t low;
    int64_t high;
} ranges[FIELD_COUNT] = {
    [FIELD_FS] = {0, UINT32_MAX},
    [FIELD_LS] = {-(int64_t)UINT32_MAX, (int64_t)UINT32_MAX + 1},
    [FIELD_FAC] = {-(int64_t)UINT32_MAX, (int64_t)UINT32_MAX + 1},
    [FIELD_LAC] = {-(int64_t)UINT32_MAX, (int64_t)UINT32_MAX + 1},
    [FIELD_LBST] = {-(int64_t)UINT32_MAX, (int64_t)UINT32_MAX + 1},
    [FIELD_LEST] = {-(int64_t)UINT32_MAX, (int64_t)UINT32_MAX + 1},
    [FIELD_SC] = {0, UINT32_MAX},
    [FIELD_SD] = {INT64_MIN, INT64_MAX},
    [FIELD_TSD] = {INT64_MIN, INT64_MAX},
    [FIELD_MERGES] = {0, UINT32_MAX},
    [FIELD_MARKED] = {INT32_MIN, INT32_MAX},
    [FIELD_ENDED_HOUR] = {INT32_MIN, INT32_MAX},
    [FIELD_ENDED_BUCKET] = {0, USER_NO_BUCKET},
    [FIELD_FLAGS] = {0, FLAG_MAX},
    [FIELD_TZ] = {0, TZ_BIAS + INT16_MAX},
    [FIELD_UNMARKED] = {0, UINT32_MAX},
    [FIELD_EVENTS] = {0, INT64_MAX},
};

const char *user_orientation_name(const struct user *user)
{
    static const char *const names[] = {NULL, "portrait", "landscape"};

    return names[user->orientation];
}

struct user user_fresh(void)
{
    return (struct user){.ended_bucket = USER_NO_BUCKET};
}

/* From one time to another, never 0: that is a time which is not known. */
static int64_t distance(int64_t from, int64_t to)
{
    return to >= from ? to - from + 1 : to - from;
}

static void to_fields(const struct user *user, int64_t fields[FIELD_COUNT])
{
    fields[FIELD_FS] = user->fs;
    fields[FIELD_LS] = user->ls;
    fields[FIELD_FAC] = user->fac;
    fields[FIELD_LAC] = user->lac;
    fields[FIELD_LBST] = user->lbst;
    fields[FIELD_LEST] = user->lest;
    /* Near each other: as differences they are short. */
    for (int i = FIELD_LEST; i > FIELD_FS; i--)
        fields[i] = fields[i] ? distance(fields[FIELD_FS], fields[i]) : 0;
    fields[FIELD_SC] = user->sc;
    fields[FIELD_SD] = (int64_t)user->sd;
    fields[FIELD_TSD] = (int64_t)user->tsd;
    fields[FIELD_MERGES] = user->merges;
    fields[FIELD_MARKED] = user->marked_day;
    fields[FIELD_ENDED_HOUR] = user->ended_hour;
    fields[FIELD_ENDED_BUCKET] =
        user->ended_bucket == USER_NO_BUCKET ? 0 : user->ended_bucket + 1;
    fields[FIELD_FLAGS] = (user->is_open ? FLAG_OPEN : 0) |
                          (user->has_info ? FLAG_INFO : 0) |
                          (int64_t)user->orientation * FLAG_ORIENTATION;
    fields[FIELD_TZ] = user->has_tz ? user->tz + TZ_BIAS : 0;
    fields[FIELD_UNMARKED] = user->unmarked;
    fields[FIELD_EVENTS] = (int64_t)user->events;
}

static uint32_t time_from(const int64_t fields[FIELD_COUNT], int field)
{
    int64_t value = fields[field];

    if (value == 0)
        return 0;
    return (uint32_t)(fields[FIELD_FS] + (value > 0 ? value - 1 : value));
}

static void from_fields(const int64_t fields[FIELD_COUNT], struct user *user)
{
    user->fs = (uint32_t)fields[FIELD_FS];
    user->ls = time_from(fields, FIELD_LS);
    user->fac = time_from(fields, FIELD_FAC);
    user->lac = time_from(fields, FIELD_LAC);
    user->lbst = time_from(fields, FIELD_LBST);
    user->lest = time_from(fields, FIELD_LEST);
    user->sc = (uint32_t)fields[FIELD_SC];
    user->sd = (uint64_t)fields[FIELD_SD];
    user->tsd = (uint64_t)fields[FIELD_TSD];
    user->merges = (uint32_t)fields[FIELD_MERGES];
    user->marked_day = (int32_t)fields[FIELD_MARKED];
    user->unmarked = (uint32_t)fields[FIELD_UNMARKED];
    user->events = (uint64_t)fields[FIELD_EVENTS];
    user->ended_hour = (int32_t)fields[FIELD_ENDED_HOUR];
    user->ended_bucket = fields[FIELD_ENDED_BUCKET]
                             ? (uint8_t)(fields[FIELD_ENDED_BUCKET] - 1)
                             : USER_NO_BUCKET;
    user->is_open = fields[FIELD_FLAGS] & FLAG_OPEN;
    user->has_info = fields[FIELD_FLAGS] & FLAG_INFO;
    user->orientation =
        (enum user_orientation)(fields[FIELD_FLAGS] / FLAG_ORIENTATION);
    user->has_tz = fields[FIELD_TZ] != 0;
    user->tz =
        user->has_tz ? (int16_t)(fields[FIELD_TZ] - TZ_BIAS) : (int16_t)0;
}

struct text user_write(const struct user *user,
                       uint8_t bytes[static USER_RECORD_MAX])
{
    struct pack pack = pack_into(bytes, USER_RECORD_MAX);
    int64_t fields[FIELD_COUNT];
    uint64_t mask = 0;

    to_fields(user, fields);
    for (int i = 0; i < FIELD_COUNT; i++)
        mask |= (uint64_t)(fields[i] != 0) << i;
    pack_var(&pack, mask);
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (fields[i] != 0)
            pack_zigzag(&pack, fields[i]);
    }
    pack_var(&pack, user->value_count);
    for (unsigned i = 0; i < user->value_count; i++) {
        pack_var(&pack, user->values[i].set);
        pack_var(&pack, user->values[i].value);
    }
    pack_var(&pack, user->ring_count);
    for (unsigned i = 0; i < user->ring_count; i++)
        pack_u64(&pack, user->ring[i]);
    return (struct text){(char *)bytes, (size_t)(pack.at - bytes)};
}

static void read_fields(struct unpack *unpack, int64_t fields[FIELD_COUNT])
{
    uint64_t mask = unpack_var(unpack);

    if (mask >> FIELD_COUNT != 0)
        unpack->bad = true;
    for (int i = 0; i < FIELD_COUNT; i++) {
        int64_t field = mask >> i & 1 ? unpack_zigzag(unpack) : 0;
        if (field < ranges[i].low || field > ranges[i].high)
            unpack->bad = true;
        else
            fields[i] = field;
    }
}

enum tally_err user_read(struct text record, struct user *user)
{
    struct unpack unpack = unpack_from(record);
    struct user read = {0};
    int64_t fields[FIELD_COUNT] = {0};

    read_fields(&unpack, fields);
    from_fields(fields, &read);
    read.value_count = unpack_var32(&unpack);
    if (read.value_count > USER_VALUES_MAX)
        return TALLY_ERR_CORRUPT;
    for (unsigned i = 0; i < read.value_count; i++) {
        read.values[i].set = unpack_var32(&unpack);
        read.values[i].value = unpack_var32(&unpack);
    }
    read.ring_count = unpack_var32(&unpack);
    if (read.ring_count > USER_RING)
        return TALLY_ERR_CORRUPT;
    for (unsigned i = 0; i < read.ring_count; i++)
        read.ring[i] = unpack_u64(&unpack);
    if (unpack.bad || unpack_left(&unpack) > 0)
        return TALLY_ERR_CORRUPT;
    *user = read;
    return TALLY_OK;
}

const struct user_value *user_value(const struct user *user, uint32_t set)
{
    for (unsigned i = 0; i < user->value_count; i++) {
        if (user->values[i].set == set)
            return &user->values[i];
    }
    return NULL;
}

struct user_value *user_own_value(struct user *user, uint32_t set)
{
    const struct user_value *value = user_value(user, set);

    return value ? &user->values[value - user->values] : NULL;
}

struct user_value *user_add_value(struct user *user, uint32_t set)
{
    if (user->value_count == USER_VALUES_MAX)
        return NULL;
    struct user_value *added = &user->values[user->value_count++];
    *added = (struct user_value){.set = set};
    return added;
}

bool user_set_value(struct user *user, uint32_t set, uint32_t value)
{
    struct user_value *last = user_own_value(user, set);

    if (!last)
        last = user_add_value(user, set);
    if (last)
        last->value = value;
    return last;
}

bool user_has_request(const struct user *user, uint64_t hash)
{
    for (unsigned i = 0; i < user->ring_count; i++) {
        if (user->ring[i] == hash)
            return true;
    }
    return false;
}

void user_add_request(struct user *user, uint64_t hash)
{
    if (user->ring_count < USER_RING)
        user->ring_count++;
    for (unsigned i = user->ring_count - 1; i > 0; i--)
        user->ring[i] = user->ring[i - 1];
    user->ring[0] = hash;
}
