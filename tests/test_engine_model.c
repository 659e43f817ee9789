/*
 * Random batches against a model, over checkpoints, restarts and readers. A
 * failure prints the seed; TALLY_SEED runs one again.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "model.h"
#include "scratch.h"
#include "workload.h"

enum {
    WAIT_MS = 20000,
    SEEDS = 24,
    BATCHES = 160,
    EFFECTS = 12,
    SHUFFLED = 400,
    ORDERS = 4
};

static const char *dir;
static struct engine *engine;

static void open_engine(void)
{
    struct engine_options options = {
        .dir = dir, .slot_bytes = 1 << 20, .overlay_bytes = 40 << 20};
    char reason[256];
    enum tally_err err = engine_open(&options, &engine, reason);

    ck_assert_msg(err == TALLY_OK, "%s", reason);
}

static void setup(void)
{
    dir = scratch_create();
    open_engine();
}

static void teardown(void)
{
    engine_close(engine);
    scratch_remove();
}

/* One of the things that happen between batches. */
static void disturb(struct workload *workload)
{
    switch (workload_random(workload, 12)) {
    case 0:
        engine_checkpoint(engine);
        break;
    case 1:
        ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
        break;
    case 2:
        ck_assert_int_eq(engine_flush(engine), TALLY_OK);
        engine_checkpoint(engine);
        engine_turn(engine);
        break;
    case 3:
        engine_close(engine);
        open_engine();
        break;
    default:
        break;
    }
    engine_turn(engine);
}

static void run_seed(uint64_t seed)
{
    struct workload workload = workload_begin(seed);
    struct workload chance = workload_begin(seed + 1000);
    struct model *model = calloc(1, sizeof(*model));
    struct batch batch;
    char what[80];

    batch_init(&batch);
    for (int i = 0; i < BATCHES; i++) {
        workload_next(&workload, &batch, EFFECTS);
        model_apply(model, &batch);
        ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_OK);
        disturb(&chance);
        snprintf(what, sizeof(what), "seed %d, batch %d", (int)seed, i + 1);
        if (workload_random(&chance, 4) == 0)
            model_check(engine, model, what);
    }
    model_check(engine, model, what);
    batch_finish(&batch);
    free(model);
}

START_TEST(an_engine_holds_what_its_batches_say)
{
    const char *chosen = getenv("TALLY_SEED");

    run_seed(chosen ? (uint64_t)strtoul(chosen, NULL, 10) : (uint64_t)_i);
}
END_TEST

/* Adds the batch's effects that commute to a list; how many there are. */
static size_t collect(const struct batch *batch, struct effect *list,
                      size_t count)
{
    for (size_t at = 0; at < batch->bytes.len && count < SHUFFLED;) {
        struct effect *effect = &list[count];
        ck_assert_int_eq(effect_read(buffer_text(&batch->bytes), &at, effect),
                         TALLY_OK);
        count += effect->kind == EFFECT_HIT || effect->kind == EFFECT_COUNT ||
                 effect->kind == EFFECT_MARK;
    }
    return count;
}

static void add_effect(struct batch *batch, const struct effect *effect)
{
    if (effect->kind == EFFECT_HIT)
        effect_hit(batch, &effect->hit);
    else if (effect->kind == EFFECT_COUNT)
        effect_count(batch, &effect->count);
    else
        effect_mark(batch, &effect->mark);
}

static void shuffle(struct workload *chance, struct effect *list)
{
    for (uint32_t i = SHUFFLED - 1; i > 0; i--) {
        uint32_t k = workload_random(chance, i + 1);
        struct effect swapped = list[i];
        list[i] = list[k];
        list[k] = swapped;
    }
}

/* Minus may come before plus, in a generation of its own. */
START_TEST(the_order_of_counts_and_generations_does_not_matter)
{
    struct workload workload = workload_begin(77);
    struct workload chance = workload_begin((uint64_t)_i + 2000);
    struct effect *list = calloc(SHUFFLED, sizeof(*list));
    struct model *model = calloc(1, sizeof(*model));
    struct batch batch;

    batch_init(&batch);
    for (size_t count = 0; count < SHUFFLED;) {
        workload_next(&workload, &batch, EFFECTS);
        count = collect(&batch, list, count);
    }
    batch_clear(&batch);
    for (size_t i = 0; i < SHUFFLED; i++)
        add_effect(&batch, &list[i]);
    model_apply(model, &batch);
    shuffle(&chance, list);
    for (size_t i = 0; i < SHUFFLED; i++) {
        batch_clear(&batch);
        add_effect(&batch, &list[i]);
        ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_OK);
        disturb(&chance);
    }
    model_check(engine, model, "shuffled");
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    model_check(engine, model, "shuffled and checkpointed");
    batch_finish(&batch);
    free(model);
    free(list);
}
END_TEST

static Suite *model_suite(void)
{
    Suite *suite = suite_create("engine_model");
    TCase *tcase = tcase_create("model");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, an_engine_holds_what_its_batches_say, 0, SEEDS);
    tcase_add_loop_test(
        tcase, the_order_of_counts_and_generations_does_not_matter, 0, ORDERS);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(model_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
