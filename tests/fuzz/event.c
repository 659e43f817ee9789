/*
 * Items of `events`: what is read of them keeps its bounds.
 */
#include "metrics/event.h"
#include "metrics/event_set.h"
#include "metrics/view.h"

#include "target.h"

enum { ARENA_MAX = 1 << 20 };

static bool is_within(int64_t units)
{
    int64_t most = (int64_t)EVENT_NUMBER_MAX * EVENT_PER_ONE;

    return units >= -most && units <= most;
}

static void check_segments(const struct event *event, struct arena *arena)
{
    struct value name;
    struct value value;
    struct scan scan;

    scan_init(&scan, event->segmentation);
    if (event->segmentation.len == 0 || !scan_enter(&scan, '{'))
        return;
    while (event_next_segment(&scan, arena, &name, &value)) {
        TARGET_REQUIRE(name.len > 0 && value.len > 0);
        TARGET_REQUIRE(!memchr(name.bytes, '.', name.len));
        TARGET_REQUIRE(value.bytes[0] != '$');
        TARGET_REQUIRE(!memchr(value.bytes, '.', value.len));
    }
}

static void check(const struct event *event, struct arena *arena)
{
    struct view view;

    TARGET_REQUIRE(event->key.len > 0 && event->key.len <= EVENT_KEY_MAX);
    TARGET_REQUIRE(!memchr(event->key.at, '$', event->key.len));
    TARGET_REQUIRE(event->count >= -EVENT_COUNT_MAX &&
                   event->count <= EVENT_COUNT_MAX);
    TARGET_REQUIRE(is_within(event->sum) && is_within(event->duration));
    check_segments(event, arena);
    if (view_read(event, arena, &view))
        TARGET_REQUIRE(view.name.len > 0 && view.duration >= 0 &&
                       is_within(view.duration));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text json = {(const char *)bytes, len};
    struct scan_value item;
    struct event event;
    struct scan scan;

    scan_init(&scan, json);
    if (len == 0 || !scan_read(&scan, &item))
        return 0;
    struct arena *arena = arena_create(ARENA_MAX);
    if (event_read(&item, arena, &event))
        check(&event, arena);
    arena_destroy(arena);
    return 0;
}
