#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "http/inflate.h"

enum { CAP = 1000, ROOM = 64 * 1024, GZIP = 15 + 16, ZLIB = 15, BARE = -15 };

static struct inflate *inflater;
static struct buffer out;
static char packed[ROOM];

static void start(void)
{
    inflater = inflate_create();
    buffer_init(&out, CAP);
}

static void finish(void)
{
    buffer_finish(&out);
    inflate_destroy(inflater);
}

/* Packs `len` bytes to packed + at; returns the end. */
static size_t pack(size_t at, int window, const void *bytes, size_t len)
{
    z_stream stream = {.next_in = (z_const Bytef *)bytes,
                       .avail_in = (uInt)len,
                       .next_out = (Bytef *)packed + at,
                       .avail_out = (uInt)(ROOM - at)};

    ck_assert_int_eq(
        deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY),
        Z_OK);
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return at + stream.total_out;
}

static const struct {
    int window;
    enum inflate_coding coding;
} codings[] = {
    {GZIP, INFLATE_GZIP}, {ZLIB, INFLATE_DEFLATE}, {BARE, INFLATE_DEFLATE}};

enum { CODINGS = sizeof(codings) / sizeof(codings[0]) };

START_TEST(every_coding_gives_the_content_back)
{
    const char content[] = "{\"begin_session\":1,\"begin_session\":1}";

    for (int round = 0; round < 2; round++) {
        size_t len = pack(0, codings[_i].window, content, sizeof(content));
        buffer_clear(&out);
        ck_assert_int_eq(inflate_add(inflater, codings[_i].coding,
                                     (struct text){packed, len}, &out),
                         TALLY_OK);
        ck_assert_uint_eq(out.len, sizeof(content));
        ck_assert_mem_eq(out.at, content, sizeof(content));
    }
}
END_TEST

START_TEST(the_cap_is_exact)
{
    static const char zeros[CAP + 1];

    for (size_t len = CAP - 1; len <= CAP + 1; len++) {
        size_t size = pack(0, codings[_i].window, zeros, len);
        buffer_clear(&out);
        ck_assert_int_eq(inflate_add(inflater, codings[_i].coding,
                                     (struct text){packed, size}, &out),
                         len > CAP ? TALLY_ERR_TOO_BIG : TALLY_OK);
        ck_assert_uint_le(out.len, CAP);
    }
}
END_TEST

START_TEST(a_bomb_stops_at_the_cap)
{
    size_t size = 16 * 1024 * 1024;
    char *zeros = calloc(1, size);
    size_t len = pack(0, GZIP, zeros, size);

    free(zeros);
    ck_assert_int_eq(
        inflate_add(inflater, INFLATE_GZIP, (struct text){packed, len}, &out),
        TALLY_ERR_TOO_BIG);
    ck_assert_uint_le(out.room, CAP);
}
END_TEST

START_TEST(members_of_gzip_follow_one_another)
{
    size_t len = pack(pack(0, GZIP, "abc", 3), GZIP, "def", 3);

    ck_assert_int_eq(
        inflate_add(inflater, INFLATE_GZIP, (struct text){packed, len}, &out),
        TALLY_OK);
    ck_assert(text_is(buffer_text(&out), "abcdef"));
}
END_TEST

START_TEST(a_body_cut_anywhere_is_refused)
{
    size_t whole = pack(0, codings[_i].window, "some text, some text", 20);

    for (size_t len = 0; len < whole; len++) {
        buffer_clear(&out);
        ck_assert_int_eq(inflate_add(inflater, codings[_i].coding,
                                     (struct text){packed, len}, &out),
                         TALLY_ERR_INVALID);
    }
}
END_TEST

START_TEST(bytes_behind_the_end_are_refused)
{
    size_t len = pack(0, codings[_i].window, "some text", 9);

    packed[len] = 'x';
    ck_assert_int_eq(inflate_add(inflater, codings[_i].coding,
                                 (struct text){packed, len + 1}, &out),
                     TALLY_ERR_INVALID);
}
END_TEST

START_TEST(a_wrong_checksum_is_refused)
{
    size_t len = pack(0, GZIP, "some text", 9);

    packed[len - 5] ^= 1;
    ck_assert_int_eq(
        inflate_add(inflater, INFLATE_GZIP, (struct text){packed, len}, &out),
        TALLY_ERR_INVALID);
}
END_TEST

static Suite *inflate_suite(void)
{
    Suite *suite = suite_create("inflate");
    TCase *tcase = tcase_create("inflate");

    tcase_add_checked_fixture(tcase, start, finish);
    tcase_add_loop_test(tcase, every_coding_gives_the_content_back, 0, CODINGS);
    tcase_add_loop_test(tcase, the_cap_is_exact, 0, CODINGS);
    tcase_add_test(tcase, a_bomb_stops_at_the_cap);
    tcase_add_test(tcase, members_of_gzip_follow_one_another);
    tcase_add_loop_test(tcase, a_body_cut_anywhere_is_refused, 0, CODINGS);
    tcase_add_loop_test(tcase, bytes_behind_the_end_are_refused, 0, CODINGS);
    tcase_add_test(tcase, a_wrong_checksum_is_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(inflate_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
