#include <check.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "bench/allocations.h"
#include "bench/begin.h"
#include "bench/inlet.h"
#include "bench/stand.h"
#include "scratch.h"

/* Users of an app are put in order now and then, which takes memory for a
 * moment: not within MEASURED requests behind WARM_UP. */
enum {
    DEVICES = 10,
    WARM_UP = 300,
    MEASURED = 100,
    TURN = 50,          /* requests at a time that go to the log */
    START = 1772445600, /* 2026-03-02 10:00 UTC */
    SLOT_BYTES = 1 << 20,
};

static struct stand stand;
static struct inlet *inlet;
static struct begin *begin;

static void setup(void)
{
    struct engine_options options = {.dir = scratch_create(),
                                     .slot_bytes = SLOT_BYTES};

    stand_open(&stand, &options);
    inlet = inlet_create(&stand);
    begin = begin_create("localhost", STAND_APP_KEY);
}

static void teardown(void)
{
    begin_destroy(begin);
    inlet_destroy(inlet);
    stand_close(&stand);
    scratch_remove();
}

static const char success[] = "\r\n\r\n{\"result\":\"Success\"}";

/* SDKs say how often they have tried, which does not count for duplicates. */
static size_t add_retry(char *bytes, size_t size)
{
    static const char retry[] = "rr=0&";
    size_t len = strlen(retry);
    char *query = (char *)memchr(bytes, '?', size) + 1;

    memmove(query + len, query, size - (size_t)(query - bytes));
    memcpy(query, retry, len);
    return len;
}

/* Each device begins a session a minute. No assertion here: they take memory
 * themselves. */
static bool begin_session(unsigned number)
{
    char bytes[BEGIN_SIZE_MAX];
    uint64_t ms = (START + UINT64_C(60) * (number / DEVICES)) * 1000 + number;
    size_t size = begin_write(begin, number % DEVICES, ms, bytes);
    size += add_retry(bytes, size);
    struct text answer = inlet_take(inlet, (struct text){bytes, size});

    if (number % TURN == 0 && engine_flush(stand.engine) != TALLY_OK)
        return false;
    return text_has_prefix(answer, "HTTP/1.1 200 ") &&
           memmem(answer.at, answer.len, success, strlen(success));
}

static unsigned begin_sessions(unsigned from, unsigned count)
{
    unsigned good = 0;

    for (unsigned i = 0; i < count; i++)
        good += begin_session(from + i);
    return good;
}

START_TEST(a_session_of_a_known_device_takes_no_memory)
{
    unsigned good = begin_sessions(0, WARM_UP);
    struct allocations before = allocations_so_far();
    good += begin_sessions(WARM_UP, MEASURED);
    struct allocations after = allocations_so_far();

    ck_assert_uint_eq(good, WARM_UP + MEASURED);
    ck_assert_uint_eq(after.count - before.count, 0);
}
END_TEST

START_TEST(all_that_is_taken_is_counted)
{
    struct allocations before = allocations_so_far();
    char *memory = g_realloc(g_malloc0(10), 20);
    char *copy = g_strdup("by a library");
    struct allocations after = allocations_so_far();

    g_free(memory);
    g_free(copy);
    ck_assert_uint_eq(after.count - before.count, 3);
    ck_assert_uint_eq(after.bytes - before.bytes, 10 + 20 + 13);
}
END_TEST

static Suite *hotpath_suite(void)
{
    Suite *suite = suite_create("hotpath");
    TCase *tcase = tcase_create("memory");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_session_of_a_known_device_takes_no_memory);
    tcase_add_test(tcase, all_that_is_taken_is_counted);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(hotpath_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
