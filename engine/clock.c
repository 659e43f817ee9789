#include "engine/clock.h"

#include <stddef.h>
#include <time.h>

static clock_source_fn injected;

int64_t clock_now_ms(void)
{
    if (injected)
        return injected();

    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void clock_set_source(clock_source_fn source)
{
    injected = source;
}
