/*
 * Periods of reads. The first line of an input is the `timestamp`, or empty;
 * the rest is the period.
 */
#include "metrics/period.h"

#include "metrics/moment.h"
#include "target.h"

enum { OUT = 1 << 20 };

static const char *const names[] = {"UTC", "Europe/Berlin", "Pacific/Apia",
                                    "America/Sao_Paulo"};

enum { ZONES = sizeof(names) / sizeof(names[0]) };

static struct zones *all;
static struct zone *zones[ZONES];

static void open_zones(void)
{
    all = zones_create();
    for (size_t i = 0; i < ZONES; i++) {
        if (zone_open(all, names[i], &zones[i]) != TALLY_OK)
            TARGET_REQUIRE(zone_open(all, "UTC", &zones[i]) == TALLY_OK);
    }
}

static void check_span(const struct span *span)
{
    int days = span_days(span);

    TARGET_REQUIRE(days >= 1 && days <= COVER_DAYS_MAX);
    TARGET_REQUIRE(span->first <= span->last);
}

static void check(struct zone *zone, struct text text, int64_t now)
{
    struct period period = period_parse(text, zone, now);
    struct buffer out;
    struct json json;

    check_span(&period.current);
    check_span(&period.previous);
    TARGET_REQUIRE(period.start_ms < period.end_ms);
    buffer_init(&out, OUT);
    json_init(&json, &out, JSON_DATA);
    period_write_json(&period, &json);
    TARGET_REQUIRE(buffer_is_whole(&out));
    buffer_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const int64_t now_ms = INT64_C(1785000000000);
    struct text period = {(const char *)bytes, len};
    struct text timestamp = target_cut(&period, '\n');
    int64_t now = moment_seconds(timestamp, now_ms);

    if (!all)
        open_zones();
    TARGET_REQUIRE(now <= now_ms / 1000);
    for (size_t i = 0; i < ZONES; i++)
        check(zones[i], period, now);
    return 0;
}
