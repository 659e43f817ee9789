#include <check.h>
#include <stdlib.h>

#include "engine/buffer.h"
#include "http/chunk.h"

static struct buffer body;
static struct chunk chunk;

static void setup(void)
{
    buffer_init(&body, 1024);
    chunk = (struct chunk){0};
}

static void teardown(void)
{
    buffer_finish(&body);
}

/* Takes the bytes, `step` at a time; returns the first error. */
static enum tally_err take(struct text bytes, size_t step)
{
    enum tally_err err = TALLY_OK;

    for (size_t at = 0; at < bytes.len && !err; at += step) {
        size_t left = bytes.len - at;
        struct text rest = {bytes.at + at, left < step ? left : step};
        while (!err && rest.len > 0 && chunk.state != CHUNK_OVER) {
            struct text part;
            err = chunk_take(&chunk, &rest, &part);
            if (!err)
                buffer_add_text(&body, part);
        }
    }
    return err;
}

START_TEST(chunks_are_put_together_however_they_arrive)
{
    struct text bytes = TEXT("5\r\nhello\r\n1\r\n,\r\n00C\r\n wor\r\nld!!!!\r\n"
                             "0\r\n\r\n");

    ck_assert_int_eq(take(bytes, (size_t)_i), TALLY_OK);
    ck_assert_int_eq(chunk.state, CHUNK_OVER);
    ck_assert(text_is(buffer_text(&body), "hello, wor\r\nld!!!!"));
}
END_TEST

START_TEST(what_breaks_off_is_not_over)
{
    ck_assert_int_eq(take(TEXT("5\r\nhello\r\n0\r\n"), 100), TALLY_OK);
    ck_assert_int_ne(chunk.state, CHUNK_OVER);
}
END_TEST

static const char *const broken[] = {
    "x\r\n", "\r\n", "5\n", "5\r\rhello", "5\r\nhellox", "1234567890123\r\n",
};

START_TEST(what_are_no_chunks_is_refused)
{
    ck_assert_int_eq(take(text_of(broken[_i]), 100), TALLY_ERR_INVALID);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("chunk");
    TCase *tcase = tcase_create("chunk");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, chunks_are_put_together_however_they_arrive, 1,
                        50);
    tcase_add_test(tcase, what_breaks_off_is_not_over);
    tcase_add_loop_test(tcase, what_are_no_chunks_is_refused, 0,
                        sizeof(broken) / sizeof(broken[0]));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
