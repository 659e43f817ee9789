#include "metrics/session.h"

#include "metrics/set.h"

enum {
    SECONDS_PER_HOUR = 3600,
    NEGATIVE_DURATION = 30,
    ALL_LEVELS = HIT_U_DAY | HIT_U_WEEK | HIT_U_MONTH | HIT_U_YEAR,
    MANY_SECONDS = 1000000000, /* more than any limit */
};

/* A run of digits with an optional sign; false for anything else. */
static bool read_integer(struct text text, int64_t *value)
{
    bool negative = text.len > 0 && text.at[0] == '-';
    size_t i = negative ? 1 : 0;
    int64_t read = 0;

    if (i == text.len)
        return false;
    for (; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        if (read < MANY_SECONDS)
            read = read * 10 + (text.at[i] - '0');
    }
    *value = negative ? -read : read;
    return true;
}

static uint32_t read_duration(struct text text, uint32_t limit)
{
    int64_t seconds;

    if (!read_integer(text, &seconds))
        return 0;
    if (seconds < 0)
        return NEGATIVE_DURATION;
    return seconds > limit ? limit : (uint32_t)seconds;
}

struct session_request session_request(const struct params *params,
                                       const struct settings *settings)
{
    bool begins = params_is_true(params, "begin_session");
    struct session_request request = {
        .begins = begins,
        .ends = !begins && params_is_true(params, "end_session"),
        .ignores_cooldown = params_is_true(params, "ignore_cooldown"),
        .has_duration = params_has(params, "session_duration"),
    };

    if (request.has_duration)
        request.duration =
            read_duration(params_text(params, "session_duration"),
                          settings->session_duration_limit);
    return request;
}

/* The first bucket whose bound is not passed. */
static unsigned bucket_of(uint64_t value, const uint32_t *bounds,
                          unsigned count)
{
    unsigned bucket = 0;

    while (bucket < count && value > bounds[bucket])
        bucket++;
    return bucket;
}

unsigned session_duration_bucket(uint64_t seconds)
{
    static const uint32_t bounds[] = {10, 30, 60, 180, 600, 1800, 3600};

    return bucket_of(seconds, bounds, 7);
}

unsigned session_frequency_bucket(uint32_t seconds_since_last)
{
    /* Lower bound inclusive; bucket 0 is the first session. */
    static const uint32_t bounds[] = {23, 47, 71, 95, 119, 143, 167, 191, 359};

    return 1 + bucket_of(seconds_since_last / SECONDS_PER_HOUR, bounds, 9);
}

unsigned session_loyalty_bucket(uint32_t session_count)
{
    static const uint32_t bounds[] = {1, 2, 5, 9, 19, 49, 99, 499};

    return bucket_of(session_count, bounds, 8);
}

/* Where the effects of one request go. */
struct target {
    uint32_t app;
    uint32_t ordinal;
    const struct moment *moment;
    struct batch *batch;
};

static void count_duration_bucket(const struct target *target, int32_t hour,
                                  unsigned bucket, int sign)
{
    struct count count = {.app = target->app,
                          .set = SET_DURATIONS,
                          .value = bucket + 1,
                          .hour = hour};

    count.add[COUNT_T] = sign;
    for (int i = COUNT_U_DAY; i <= COUNT_U_YEAR; i++)
        count.add[i] = sign;
    effect_count(target->batch, &count);
}

static void count_request(const struct target *target, uint32_t duration)
{
    struct count count = {.app = target->app,
                          .set = SET_USERS,
                          .hour = target->moment->hour,
                          .add = {[COUNT_E] = 1, [COUNT_D] = duration}};

    effect_count(target->batch, &count);
}

static void add_duration(struct user *user, uint32_t duration,
                         const struct target *target)
{
    if (duration == 0)
        return;
    user->sd += duration;
    user->tsd += duration;
    count_request(target, duration);
}

/* A begin soon after an end goes on with the session (spec B.6.3): never one
 * that is older than the last session. */
static bool extends(const struct user *user,
                    const struct session_request *request,
                    const struct moment *moment, uint32_t cooldown)
{
    return !request->ignores_cooldown && user->sc > 0 && user->lest > 0 &&
           moment->seconds >= user->ls &&
           (int64_t)moment->seconds - user->lest < cooldown;
}

static void extend(struct user *user, const struct target *target)
{
    if (user->ended_bucket != USER_NO_BUCKET)
        count_duration_bucket(target, user->ended_hour, user->ended_bucket, -1);
    user->ended_bucket = USER_NO_BUCKET;
    user->is_open = true;
    user->lbst = target->moment->seconds;
}

/* The session is over at the moment: its bucket counts there. */
static unsigned close_session(struct user *user, const struct target *target)
{
    unsigned bucket = session_duration_bucket(user->sd);

    count_duration_bucket(target, target->moment->hour, bucket, 1);
    user->is_open = false;
    return bucket;
}

static void end(struct session *session, struct user *user,
                const struct target *target)
{
    if (user->is_open) {
        session->has_ended = true;
        session->seconds = user->sd;
        user->ended_bucket = (uint8_t)close_session(user, target);
        user->ended_hour = target->moment->hour;
    }
    user->lest = target->moment->seconds;
}

static uint8_t unique_levels(const struct moment *moment, uint32_t ls)
{
    static const struct {
        enum moment_level level;
        uint8_t bit;
    } levels[] = {
        {MOMENT_HOUR, HIT_HOUR},   {MOMENT_DAY, HIT_U_DAY},
        {MOMENT_WEEK, HIT_U_WEEK}, {MOMENT_MONTH, HIT_U_MONTH},
        {MOMENT_YEAR, HIT_U_YEAR},
    };
    uint8_t bits = 0;

    for (int i = 0; i < MOMENT_LEVELS; i++) {
        if (moment_is_first(moment, levels[i].level, ls))
            bits |= levels[i].bit;
    }
    return bits;
}

static void add_item(struct hit *hit, uint32_t set, uint32_t value,
                     unsigned counts)
{
    if (counts != 0)
        hit->items[hit->item_count++] =
            (struct hit_item){set, value, (uint8_t)(counts | HIT_T)};
}

static void describe_hit(struct session *session, const struct user *user,
                         uint32_t last, const struct target *target)
{
    unsigned counts = HIT_T | session->levels;
    struct hit *hit = &session->hit;

    if (session->is_first)
        counts |= HIT_N;
    if (user->marked_day != target->moment->day)
        counts |= HIT_MARK;
    *hit = (struct hit){.app = target->app,
                        .ordinal = target->ordinal,
                        .hour = target->moment->hour,
                        .seconds = target->moment->seconds,
                        .set = SET_USERS,
                        .counts = (uint8_t)counts};
    if (session->is_late)
        return;
    unsigned frequency =
        session->is_first
            ? 0
            : session_frequency_bucket(target->moment->seconds - last);
    add_item(hit, SET_FREQUENCY, frequency + 1, ALL_LEVELS);
    add_item(hit, SET_LOYALTY, session_loyalty_bucket(user->sc) + 1,
             session->levels & ALL_LEVELS);
}

static void begin(struct session *session, struct user *user,
                  const struct session_request *request,
                  const struct target *target)
{
    const struct moment *moment = target->moment;
    uint32_t last = user->ls;

    /* What an open session gathered goes to its bucket, this request's
     * duration included; else that belongs to the new session. */
    if (user->is_open) {
        session->has_closed = true;
        session->seconds = user->sd;
        close_session(user, target);
        user->sd = 0;
    } else {
        user->sd = request->duration;
    }
    session->kind = SESSION_NEW;
    session->is_first = user->sc == 0;
    session->is_late = !session->is_first && moment->seconds < last;
    if (session->is_first)
        session->levels = HIT_HOUR | ALL_LEVELS;
    else if (!session->is_late)
        session->levels = unique_levels(moment, last);
    user->sc++;
    if (session->is_first)
        user->fs = moment->seconds;
    if (!session->is_late)
        user->ls = moment->seconds;
    user->lbst = moment->seconds;
    user->is_open = true;
    user->ended_bucket = USER_NO_BUCKET;
    describe_hit(session, user, last, target);
}

struct session session_decide(struct user *user,
                              const struct session_request *request,
                              const struct moment *moment, uint32_t cooldown,
                              uint32_t app, uint32_t ordinal,
                              struct batch *batch)
{
    struct target target = {app, ordinal, moment, batch};
    struct session session = {.kind = SESSION_NONE};

    add_duration(user, request->duration, &target);
    if (request->begins && extends(user, request, moment, cooldown)) {
        session.kind = SESSION_EXTENDED;
        extend(user, &target);
    } else if (request->begins) {
        begin(&session, user, request, &target);
    } else {
        if (request->ends)
            end(&session, user, &target);
        if (!request->has_duration)
            count_request(&target, 0);
    }
    return session;
}
