#include "metrics/window.h"

#include <stdlib.h>

#include "engine/memory.h"

struct window {
    unsigned days;
    /* Older days, the latest first: each united with those before it. */
    struct ordinals *old;
    unsigned old_count;
    /* Days since then, and all of them united. */
    struct ordinals *recent;
    unsigned recent_count;
    struct ordinals united;
};

struct window *window_create(unsigned days)
{
    struct window *window = memory_alloc(sizeof(*window));

    window->days = days;
    window->old = memory_alloc((days + 1) * sizeof(*window->old));
    window->recent = memory_alloc((days + 1) * sizeof(*window->recent));
    return window;
}

void window_destroy(struct window *window)
{
    if (!window)
        return;

    for (unsigned i = 0; i <= window->days; i++) {
        ordinals_finish(&window->old[i]);
        ordinals_finish(&window->recent[i]);
    }
    ordinals_finish(&window->united);
    free(window->old);
    free(window->recent);
    free(window);
}

/* The recent days are the old ones from here on. */
static void turn_over(struct window *window)
{
    while (window->recent_count > 0) {
        struct ordinals *from = &window->recent[--window->recent_count];
        struct ordinals *to = &window->old[window->old_count];
        struct ordinals empty = *to;
        *to = *from;
        *from = empty;
        if (window->old_count > 0)
            ordinals_unite(to, to - 1);
        window->old_count++;
    }
    ordinals_clear(&window->united);
}

void window_push(struct window *window, const struct ordinals *day)
{
    ordinals_unite(&window->recent[window->recent_count++], day);
    ordinals_unite(&window->united, day);
    if (window->old_count + window->recent_count <= window->days)
        return;
    if (window->old_count == 0)
        turn_over(window);
    ordinals_clear(&window->old[--window->old_count]);
}

void window_users(const struct window *window, struct ordinals *users)
{
    if (window->old_count > 0)
        ordinals_unite(users, &window->old[window->old_count - 1]);
    ordinals_unite(users, &window->united);
}
