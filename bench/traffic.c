#include "bench/traffic.h"

#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"

enum { LENGTH_DIGITS = 8, PERCENT = 100, APP_KEY_MAX = 256 };

/* Zeros, so that the length of every bulk body is equally long. */
#define LENGTH_BLANK "00000000"
#define SEPARATOR "%2C"
#define BULK_END "%5D"

static const struct {
    unsigned count;
    enum step steps[4];
} mixes[] = {
    [MIX_BEGIN] = {1, {STEP_BEGIN}},
    [MIX_SESSION] = {4, {STEP_BEGIN, STEP_EXTEND, STEP_EXTEND, STEP_END}},
    [MIX_REFRESH] = {1, {STEP_EXTEND}},
};

struct traffic {
    struct traffic_plan plan;
    struct template messages[STEPS][PHONES];
    struct template read;
    struct template bulk; /* what comes before the first item */
    size_t bulk_head;     /* of that, what is no body */
    size_t size_max;
    uint64_t time_ms; /* what `time` tells */
    char time[TIME_DIGITS];
    char serial[SERIAL_DIGITS];
    unsigned read_turn; /* a read is due at PERCENT */
};

static bool note_size(struct traffic *traffic, const struct template *template)
{
    if (template->text.len > traffic->size_max)
        traffic->size_max = template->text.len;
    return buffer_is_whole(&template->text);
}

static bool make_messages(struct traffic *traffic, const char *host,
                          const char *app_key)
{
    bool is_whole = true;

    for (unsigned step = 0; step < STEPS; step++) {
        for (unsigned phone = 0; phone < PHONES; phone++) {
            struct template *template = &traffic->messages[step][phone];
            struct message message = {host, app_key, (enum step)step, phone};
            message_add(template, &message, traffic->plan.form);
            is_whole &= note_size(traffic, template);
        }
    }
    return is_whole;
}

static bool make_bulk(struct traffic *traffic, const char *host)
{
    struct template *bulk = &traffic->bulk;

    if (traffic->plan.form != FORM_BULK)
        return true;
    message_add_post(bulk, host, "/i/bulk", LENGTH_BLANK);
    traffic->bulk_head = bulk->text.len;
    template_add(bulk, "requests=%5B");
    traffic->size_max += sizeof(SEPARATOR) - 1;
    traffic->size_max *= traffic->plan.bulk;
    traffic->size_max += bulk->text.len + sizeof(BULK_END) - 1;
    return buffer_is_whole(&bulk->text);
}

static bool make_read(struct traffic *traffic,
                      const struct traffic_texts *texts)
{
    if (!traffic->plan.read_percent)
        return true;
    message_add_get(&traffic->read, texts->host, texts->read_path);
    return note_size(traffic, &traffic->read);
}

static bool make_texts(struct traffic *traffic,
                       const struct traffic_texts *texts)
{
    size_t len = strlen(texts->app_key);
    char app_key[APP_KEY_MAX + 1];

    if (len > APP_KEY_MAX || (traffic->plan.apps > 1 && len < APP_DIGITS))
        return false;
    memcpy(app_key, texts->app_key, len + 1);
    if (traffic->plan.apps > 1)
        memcpy(app_key + len - APP_DIGITS, MARK_APP, sizeof(MARK_APP));
    return make_messages(traffic, texts->host, app_key) &&
           make_bulk(traffic, texts->host) && make_read(traffic, texts);
}

struct traffic *traffic_create(const struct traffic_plan *plan,
                               const struct traffic_texts *texts)
{
    struct traffic *traffic = memory_alloc(sizeof(*traffic));

    traffic->plan = *plan;
    memset(traffic->serial, '0', SERIAL_DIGITS);
    if (make_texts(traffic, texts))
        return traffic;
    traffic_destroy(traffic);
    return NULL;
}

void traffic_destroy(struct traffic *traffic)
{
    if (!traffic)
        return;
    for (unsigned i = 0; i < STEPS * PHONES; i++)
        template_finish(&traffic->messages[i / PHONES][i % PHONES]);
    template_finish(&traffic->read);
    template_finish(&traffic->bulk);
    free(traffic);
}

size_t traffic_size_max(const struct traffic *traffic)
{
    return traffic->size_max;
}

static enum step take_step(struct traffic *traffic, struct walk *walk)
{
    enum step step = mixes[traffic->plan.mix].steps[walk->step];

    if (walk->step == 0)
        walk->visit = population_next(&traffic->plan.population);
    if (++walk->step == mixes[traffic->plan.mix].count)
        walk->step = 0;
    return step;
}

/* Digits that count are cheaper than a number that is written anew. */
static const char *next_serial(struct traffic *traffic)
{
    char *last = traffic->serial + SERIAL_DIGITS - 1;

    while (last > traffic->serial && *last == '9')
        *last-- = '0';
    ++*last;
    return traffic->serial;
}

static const char *time_text(struct traffic *traffic, uint64_t ms)
{
    if (ms != traffic->time_ms) {
        traffic->time_ms = ms;
        template_write_digits(traffic->time, TIME_DIGITS, ms);
    }
    return traffic->time;
}

static size_t write_message(struct traffic *traffic, struct walk *walk,
                            uint64_t ms, char *out, unsigned *sessions)
{
    enum step step = take_step(traffic, walk);
    uint64_t device = walk->visit.device;
    struct filling filling = {
        .device = device,
        .app = walk->visit.app,
        .model = (unsigned)(device % traffic->plan.models),
        .serial = next_serial(traffic),
        .time = time_text(traffic, ms - walk->visit.age_ms),
    };

    *sessions += step == STEP_BEGIN;
    return template_write(&traffic->messages[step][device % PHONES], &filling,
                          out);
}

static size_t add_string(char *out, size_t len, const char *string)
{
    memcpy(out + len, string, strlen(string));
    return len + strlen(string);
}

static size_t write_bulk(struct traffic *traffic, struct walk *walk,
                         uint64_t ms, char *out, unsigned *sessions)
{
    size_t head = traffic->bulk_head;
    size_t len = traffic->bulk.text.len;

    memcpy(out, traffic->bulk.text.at, len);
    for (unsigned i = 0; i < traffic->plan.bulk; i++) {
        if (i > 0)
            len = add_string(out, len, SEPARATOR);
        len += write_message(traffic, walk, ms, out + len, sessions);
    }
    len = add_string(out, len, BULK_END);
    template_write_digits(out + head - LENGTH_DIGITS - 4, LENGTH_DIGITS,
                          len - head);
    return len;
}

static bool is_read_due(struct traffic *traffic)
{
    traffic->read_turn += traffic->plan.read_percent;
    if (traffic->read_turn < PERCENT)
        return false;
    traffic->read_turn -= PERCENT;
    return true;
}

static size_t write_read(const struct traffic *traffic, char *out)
{
    memcpy(out, traffic->read.text.at, traffic->read.text.len);
    return traffic->read.text.len;
}

struct request traffic_write(struct traffic *traffic, struct walk *walk,
                             uint64_t ms, char *out)
{
    struct request request = {.is_read = is_read_due(traffic)};

    if (request.is_read)
        request.size = write_read(traffic, out);
    else if (traffic->plan.form == FORM_BULK)
        request.size = write_bulk(traffic, walk, ms, out, &request.sessions);
    else
        request.size = write_message(traffic, walk, ms, out, &request.sessions);
    return request;
}
