#include "metrics/user_scan.h"

#include "engine/key.h"
#include "engine/pack.h"

struct scan {
    struct portrait *portrait;
    const struct user_query *query;
    user_scan_fn fn;
    void *user;
    uint64_t all;
    enum tally_err err;
};

static bool take_user(void *user, struct text key, struct text record)
{
    struct scan *scan = user;
    struct unpack unpack = unpack_from(key);
    bool matches = false;

    unpack_u32(&unpack);
    scan->all++;
    scan->err = portrait_turn_to(scan->portrait, unpack_u32(&unpack), record);
    if (!scan->err)
        scan->err = user_query_match(scan->query, scan->portrait, &matches);
    if (!scan->err && matches)
        scan->err = scan->fn(scan->user, scan->portrait);
    return scan->err == TALLY_OK;
}

enum tally_err user_scan(struct portrait *portrait,
                         const struct user_query *query, user_scan_fn fn,
                         void *user, uint64_t *all)
{
    struct scan scan = {
        .portrait = portrait, .query = query, .fn = fn, .user = user};
    struct key app = key_app(portrait->app);
    enum tally_err err = reader_records(portrait->reader, TABLE_USERS,
                                        key_text(&app), take_user, &scan);

    *all = scan.all;
    return err ? err : scan.err;
}
