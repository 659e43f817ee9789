/*
 * The effects of a batch: what can be read can be applied, and is the same
 * when it is written again.
 */
#include "engine/effect.h"

#include "engine/overlay.h"
#include "target.h"

enum { OVERLAY = 4 << 20 };

static struct overlay *overlay;
static struct batch batch;

static void start(void)
{
    if (!overlay) {
        overlay = overlay_create(OVERLAY);
        batch_init(&batch);
    }
    overlay_clear(overlay);
}

static void write_again(const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_PUT:
        effect_put(&batch, effect->table, effect->key, effect->value);
        break;
    case EFFECT_ERASE:
        effect_erase(&batch, effect->table, effect->key);
        break;
    case EFFECT_HIT:
        effect_hit(&batch, &effect->hit);
        break;
    case EFFECT_COUNT:
        effect_count(&batch, &effect->count);
        break;
    case EFFECT_MARK:
        effect_mark(&batch, &effect->mark);
        break;
    case EFFECT_DROP:
        effect_drop(&batch, effect->app);
        break;
    }
}

static void check_round_trip(const struct effect *effect)
{
    struct effect again;
    size_t at = 0;

    batch_clear(&batch);
    write_again(effect);
    TARGET_REQUIRE(!batch.is_broken && buffer_is_whole(&batch.bytes));
    struct text bytes = buffer_text(&batch.bytes);
    TARGET_REQUIRE(effect_read(bytes, &at, &again) == TALLY_OK);
    TARGET_REQUIRE(at == bytes.len && again.kind == effect->kind);
}

/* Walks over what the effects made. */
static void check_overlay(void)
{
    const struct deltas *deltas = overlay_deltas(overlay);
    size_t count;
    const struct delta **all = deltas_all(deltas, &count);

    for (size_t i = 0; i < count; i++)
        TARGET_REQUIRE(deltas_first_day(deltas, all[i]->app, all[i]->set));
    free(all);
    for (int table = 0; table < TABLE_COUNT; table++) {
        const struct overlay_put *put =
            overlay_first_put(overlay, (enum table)table);
        for (; put; put = overlay_next_put(overlay, put))
            TARGET_REQUIRE(overlay_find(overlay, (enum table)table,
                                        overlay_key(put)) == put);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text input = {(const char *)bytes, len};
    struct effect effect;
    size_t at = 0;

    if (len == 0 || len > BATCH_SIZE_MAX)
        return 0;
    start();
    size_t need = overlay_need(len);
    if (need > OVERLAY)
        return 0;
    while (at < len && effect_read(input, &at, &effect) == TALLY_OK) {
        TARGET_REQUIRE(at <= len);
        overlay_apply(overlay, &effect);
        check_round_trip(&effect);
    }
    TARGET_REQUIRE(overlay_used(overlay) <= need);
    check_overlay();
    return 0;
}
