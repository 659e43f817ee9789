#include "metrics/census.h"

#include <stdio.h>

#include "engine/key.h"
#include "metrics/session.h"
#include "metrics/user.h"

enum {
    DAY_SECONDS = 86400,
    WINDOWS = 3,
    LOYALTY_BUCKETS = 9,
    LIMITS = 5,
    SHARE_SIZE = 32,
};

static const struct {
    const char *key;
    int days; /* 0: all */
} windows[WINDOWS] = {{"all", 0}, {"7days", 7}, {"30days", 30}};

static const char *const loyalty_names[LOYALTY_BUCKETS] = {
    "1", "2", "3-5", "6-9", "10-19", "20-49", "50-99", "100-499", "> 500"};

static const int limits[LIMITS] = {7, 14, 30, 60, 90};

struct counts {
    const struct filter *filter;
    int64_t now;
    int64_t users;
    int64_t loyalty[WINDOWS][LOYALTY_BUCKETS];
    int64_t slipping[LIMITS];
    enum tally_err err;
};

void census_capture(const struct census *census, struct reader *reader)
{
    struct key key = key_app(census->app);

    reader_capture_table(reader, TABLE_USERS, key_text(&key));
}

static void count_loyalty(struct counts *counts, const struct user *user)
{
    unsigned bucket = session_loyalty_bucket(user->sc);

    if (user->sc == 0)
        return;
    for (int i = 0; i < WINDOWS; i++) {
        if (windows[i].days == 0 ||
            user->ls >= counts->now - (int64_t)windows[i].days * DAY_SECONDS)
            counts->loyalty[i][bucket]++;
    }
}

static int64_t cutoff(int64_t now, int limit)
{
    return now - (int64_t)limits[limit] * DAY_SECONDS;
}

static bool has_value(const struct filter_member *member, uint32_t value)
{
    for (unsigned i = 0; i < member->count; i++) {
        if (member->values[i] == value)
            return true;
    }
    return false;
}

static bool passes(const struct user *user, const struct filter *filter)
{
    for (unsigned i = 0; i < filter->count; i++) {
        const struct filter_member *member = &filter->members[i];
        const struct user_value *last = user_value(user, member->set);

        if (!last || !has_value(member, last->value))
            return false;
    }
    return true;
}

static bool count_user(void *context, struct text key, struct text value)
{
    struct counts *counts = context;
    struct user user;

    (void)key;
    counts->err = user_read(value, &user);
    if (counts->err)
        return false;
    if (!passes(&user, counts->filter))
        return true;
    counts->users++;
    count_loyalty(counts, &user);
    for (int i = 0; i < LIMITS; i++)
        counts->slipping[i] += user.lac < cutoff(counts->now, i);
    return true;
}

static enum tally_err count(const struct census *census, struct reader *reader,
                            struct counts *counts)
{
    struct key key = key_app(census->app);

    *counts = (struct counts){.filter = &census->filter, .now = census->now};
    enum tally_err err =
        reader_records(reader, TABLE_USERS, key_text(&key), count_user, counts);
    return err ? err : counts->err;
}

static void write_window(const int64_t buckets[LOYALTY_BUCKETS],
                         struct json *json)
{
    json_open_array(json);
    for (int i = 0; i < LOYALTY_BUCKETS; i++) {
        const char index[] = {(char)('0' + i), '\0'};

        if (buckets[i] == 0)
            continue;
        json_open_object(json);
        json_member_string(json, "_id", loyalty_names[i]);
        json_member_int(json, "count", buckets[i]);
        json_member_string(json, "index", index);
        json_close_object(json);
    }
    json_close_array(json);
}

enum tally_err census_write_loyalty(const struct census *census,
                                    struct reader *reader, struct json *json)
{
    struct counts counts;
    enum tally_err err = count(census, reader, &counts);
    if (err)
        return err;

    json_open_object(json);
    for (int i = 0; i < WINDOWS; i++) {
        json_key_string(json, windows[i].key);
        write_window(counts.loyalty[i], json);
    }
    json_close_object(json);
    return TALLY_OK;
}

/* In percent, two decimals. */
static void print_share(char text[SHARE_SIZE], int64_t part, int64_t whole)
{
    int64_t share = whole > 0 ? (part * 20000 + whole) / (2 * whole) : 0;

    snprintf(text, SHARE_SIZE, "%lld.%02lld", (long long)(share / 100),
             (long long)(share % 100));
}

enum tally_err census_write_slipping(const struct census *census,
                                     struct reader *reader, struct json *json)
{
    struct counts counts;
    enum tally_err err = count(census, reader, &counts);
    if (err)
        return err;

    json_open_array(json);
    for (int i = 0; i < LIMITS; i++) {
        char share[SHARE_SIZE];

        print_share(share, counts.slipping[i], counts.users);
        json_open_object(json);
        json_member_int(json, "period", limits[i]);
        json_member_int(json, "count", counts.slipping[i]);
        json_member_string(json, "percentage", share);
        json_member_int(json, "timeStamp", cutoff(census->now, i));
        json_close_object(json);
    }
    json_close_array(json);
    return TALLY_OK;
}
