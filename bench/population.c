#include "bench/population.h"

/* A prime above any number of devices, and 2^32 over the golden ratio: steps
 * of this part of a circle cover it evenly, however many there are. */
#define STRIDE UINT64_C(2654435761)
#define GOLDEN UINT32_C(2654435769)

enum { SECONDS_PER_DAY = 86400, MS_PER_SECOND = 1000, SEED = 1 };

struct population population_of(enum spread spread, uint64_t first,
                                uint32_t devices, unsigned apps, unsigned days)
{
    return (struct population){
        .spread = spread,
        .first = first,
        .devices = devices,
        .stride = STRIDE % devices,
        .span_s = days > 1 ? (uint64_t)days * SECONDS_PER_DAY : 0,
        .apps = apps,
        .zipf = zipf_of(devices, SEED),
    };
}

static uint64_t next_in_turn(struct population *population)
{
    uint64_t at = population->at;

    population->at += population->stride;
    if (population->at >= population->devices)
        population->at -= population->devices;
    return at;
}

struct visit population_next(struct population *population)
{
    uint64_t number = population->spread == SPREAD_ZIPF
                          ? zipf_draw(&population->zipf) - 1
                          : next_in_turn(population);
    struct visit visit = {
        .device = population->first + number,
        .age_ms = (population->age * population->span_s >> 32) * MS_PER_SECOND,
        .app = population->app,
    };

    population->age += GOLDEN;
    if (++population->app == population->apps)
        population->app = 0;
    return visit;
}
