#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "http/form.h"

static struct arena *arena;
static struct params params;

static void start(void)
{
    arena = arena_create(256 * 1024);
    params = (struct params){0};
}

static void finish(void)
{
    arena_destroy(arena);
}

static const struct {
    struct text encoded;
    struct text decoded;
} escapes[] = {
    {TEXT_INIT(""), TEXT_INIT("")},
    {TEXT_INIT("plain"), TEXT_INIT("plain")},
    {TEXT_INIT("a+b%20c%2B"), TEXT_INIT("a b c+")},
    {TEXT_INIT("%7B%22a%22%3a1%7d"), TEXT_INIT("{\"a\":1}")},
    {TEXT_INIT("%C3%A9"), TEXT_INIT("\xc3\xa9")},
    {TEXT_INIT("%00"), TEXT_INIT("\0")},
    {TEXT_INIT("%"), TEXT_INIT("%")},
    {TEXT_INIT("100%"), TEXT_INIT("100%")},
    {TEXT_INIT("%4"), TEXT_INIT("%4")},
    {TEXT_INIT("%zz%4g%41"), TEXT_INIT("%zz%4gA")},
    {TEXT_INIT("%%41"), TEXT_INIT("%A")},
    {TEXT_INIT("%25zz"), TEXT_INIT("%zz")},
    {TEXT_INIT("%c3%28"), TEXT_INIT("\xef\xbf\xbd(")},
    {TEXT_INIT("a%e2%82"), TEXT_INIT("a\xef\xbf\xbd")},
    {TEXT_INIT("%c0%af"), TEXT_INIT("\xef\xbf\xbd\xef\xbf\xbd")},
    {TEXT_INIT("\xff"), TEXT_INIT("\xef\xbf\xbd")},
};

enum { ESCAPES = sizeof(escapes) / sizeof(escapes[0]) };

START_TEST(escapes_decode_as_far_as_they_are_good)
{
    struct text decoded;

    ck_assert_int_eq(form_decode(arena, escapes[_i].encoded, &decoded),
                     TALLY_OK);
    ck_assert(text_equal(decoded, escapes[_i].decoded));
}
END_TEST

START_TEST(what_needs_no_decoding_is_borrowed)
{
    struct text source = TEXT("device-1");
    struct text decoded;

    ck_assert_int_eq(form_decode(arena, source, &decoded), TALLY_OK);
    ck_assert_ptr_eq(decoded.at, source.at);
}
END_TEST

enum { LONG = 40 };

/* Texts are looked at in words: what is special may stand anywhere. */
START_TEST(an_escape_is_found_at_every_place)
{
    for (size_t len = 0; len <= LONG; len++) {
        char encoded[LONG + 4];
        char expected[LONG + 2];
        struct text decoded;
        memset(encoded, 'a', len);
        memset(expected, 'a', len);
        size_t place = (size_t)_i % (len + 1);
        memmove(encoded + place + 3, encoded + place, len - place);
        memcpy(encoded + place, "%2B", 3);
        memmove(expected + place + 1, expected + place, len - place);
        expected[place] = '+';
        ck_assert_int_eq(
            form_decode(arena, (struct text){encoded, len + 3}, &decoded),
            TALLY_OK);
        ck_assert(text_equal(decoded, (struct text){expected, len + 1}));
    }
}
END_TEST

START_TEST(every_byte_survives_encoding_and_decoding)
{
    for (unsigned byte = 0; byte < 0x80; byte++) {
        char encoded[4];
        struct text decoded;

        snprintf(encoded, sizeof(encoded), "%%%02X", byte);
        ck_assert_int_eq(form_decode(arena, text_of(encoded), &decoded),
                         TALLY_OK);
        ck_assert_uint_eq(decoded.len, 1);
        ck_assert_int_eq(decoded.at[0], (int)byte);
    }
}
END_TEST

START_TEST(pairs_are_split_at_ampersands_only)
{
    ck_assert_int_eq(
        form_add_encoded(&params, arena,
                         TEXT("&a=1&&b=2;c=3&d&e=&f=x=y&%61=4&g%20h=%26&")),
        TALLY_OK);
    ck_assert_uint_eq(params.count, 6);
    ck_assert(text_is(params_text(&params, "a"), "4"));
    ck_assert(text_is(params_text(&params, "b"), "2;c=3"));
    ck_assert_ptr_nonnull(params_find(&params, "d"));
    ck_assert(text_is(params_text(&params, "e"), ""));
    ck_assert(text_is(params_text(&params, "f"), "x=y"));
    ck_assert(text_is(params_text(&params, "g h"), "&"));
}
END_TEST

START_TEST(plain_and_encoded_pairs_take_turns)
{
    ck_assert_int_eq(
        form_add_encoded(
            &params, arena,
            TEXT("first=plain&second=%31+%32&third=plain again&f%6furth=x&"
                 "fifth=%&sixth=100%&seventh=\xff&eighth=1")),
        TALLY_OK);
    ck_assert_uint_eq(params.count, 8);
    ck_assert(text_is(params_text(&params, "first"), "plain"));
    ck_assert(text_is(params_text(&params, "second"), "1 2"));
    ck_assert(text_is(params_text(&params, "third"), "plain again"));
    ck_assert(text_is(params_text(&params, "fourth"), "x"));
    ck_assert(text_is(params_text(&params, "fifth"), "%"));
    ck_assert(text_is(params_text(&params, "sixth"), "100%"));
    ck_assert(text_is(params_text(&params, "seventh"), "\xef\xbf\xbd"));
    ck_assert(text_is(params_text(&params, "eighth"), "1"));
}
END_TEST

START_TEST(too_many_pairs_are_refused)
{
    char encoded[8 * (PARAMS_MAX + 2)];
    int len = 0;

    for (int i = 0; i <= PARAMS_MAX; i++)
        len +=
            snprintf(encoded + len, sizeof(encoded) - (size_t)len, "%d=&", i);
    ck_assert_int_eq(
        form_add_encoded(&params, arena, (struct text){encoded, (size_t)len}),
        TALLY_ERR_TOO_BIG);
}
END_TEST

#define TYPE "multipart/form-data; boundary=XX"
#define FIELD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"

static const struct {
    const char *type;
    struct text body;
    enum tally_err err;
    const char *a; /* the value of a, NULL when there is none */
} bodies[] = {
    {TYPE, TEXT_INIT("--XX\r\n" FIELD("a") "1\r\n--XX--\r\n"), TALLY_OK, "1"},
    {TYPE, TEXT_INIT("--XX\r\n" FIELD("a") "1\r\n--XX--"), TALLY_OK, "1"},
    {TYPE, TEXT_INIT("pre\r\n--XX \t\r\n" FIELD("a") "\r\n--XX--post"),
     TALLY_OK, ""},
    {TYPE,
     TEXT_INIT("--XX\r\n" FIELD("a") "1\r\n--XX\r\n" FIELD("a") "2\r\n--XX--"),
     TALLY_OK, "2"},
    {"Multipart/Form-Data; charset=utf-8; Boundary=\"X X\"",
     TEXT_INIT("--X X\r\nCONTENT-DISPOSITION:form-data;NAME=a\r\n\r\n"
               "1\r\n--X X--"),
     TALLY_OK, "1"},
    /* a value that is percent-encoded from end to end is decoded, once */
    {TYPE, TEXT_INIT("--XX\r\n" FIELD("a") "%7B%22x%22%3A%2541%7D\r\n--XX--"),
     TALLY_OK, "{\"x\":%41}"},
    {TYPE, TEXT_INIT("--XX\r\n" FIELD("a") "{\"x\":\"%41\"}\r\n--XX--"),
     TALLY_OK, "{\"x\":\"%41\"}"},
    {TYPE, TEXT_INIT("--XX\r\n" FIELD("a") "a+b%20c\r\n--XX--"), TALLY_OK,
     "a+b%20c"},
    {TYPE, TEXT_INIT("--XX\r\n" FIELD("a") "100%\r\n--XX--"), TALLY_OK, "100%"},
    {TYPE, TEXT_INIT("--XX\r\n" FIELD("a") "x\r\n--XY\r\n\r\n--XX--"), TALLY_OK,
     "x\r\n--XY\r\n"},
    {TYPE, TEXT_INIT("--XX\r\n" FIELD("a") "\xc3(\r\n--XX--"), TALLY_OK,
     "\xef\xbf\xbd("},
    /* files */
    {TYPE,
     TEXT_INIT("--XX\r\nContent-Disposition: form-data; "
               "name=\"user_details[picture]\"; filename=\"a.png\"\r\n"
               "Content-Type: image/png\r\n\r\n\x89PNG\r\n\r\n--XX\r\n" FIELD(
                   "a") "1\r\n--XX--"),
     TALLY_OK, "1"},
    {TYPE,
     TEXT_INIT("--XX\r\nContent-Disposition: form-data; name=\"a\"; "
               "filename=\"\"\r\n\r\n1\r\n--XX--"),
     TALLY_OK, NULL},
    {TYPE, TEXT_INIT("--XX--"), TALLY_OK, NULL},
    /* refused */
    {TYPE,
     TEXT_INIT("--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n"
               "Content-Type: multipart/mixed; boundary=YY\r\n\r\n"
               "--YY--\r\n--XX--"),
     TALLY_ERR_DENIED, NULL},
    {TYPE, TEXT_INIT(""), TALLY_ERR_INVALID, NULL},
    {TYPE, TEXT_INIT("--XX\r\n" FIELD("a") "1\r\n"), TALLY_ERR_INVALID, NULL},
    {TYPE, TEXT_INIT("--XX\r\nno headers\r\n--XX--"), TALLY_ERR_INVALID, NULL},
    {TYPE, TEXT_INIT("--XXjunk\r\n" FIELD("a") "1\r\n--XX--"),
     TALLY_ERR_INVALID, NULL},
    {TYPE, TEXT_INIT("--YY\r\n" FIELD("a") "1\r\n--YY--"), TALLY_ERR_INVALID,
     NULL},
    {"multipart/form-data", TEXT_INIT("--XX--"), TALLY_ERR_INVALID, NULL},
    {"multipart/form-data; boundary=", TEXT_INIT("----"), TALLY_ERR_INVALID,
     NULL},
    {"multipart/form-data; boundary="
     "0123456789012345678901234567890123456789012345678901234567890123456789x",
     TEXT_INIT("--"), TALLY_ERR_INVALID, NULL},
};

enum { BODIES = sizeof(bodies) / sizeof(bodies[0]) };

START_TEST(multipart_fields_become_parameters)
{
    struct text fields;

    ck_assert_int_eq(form_add_multipart(&params, arena,
                                        text_of(bodies[_i].type),
                                        bodies[_i].body, &fields),
                     bodies[_i].err);
    if (bodies[_i].err)
        return;
    ck_assert_int_eq(params_find(&params, "a") != NULL, bodies[_i].a != NULL);
    if (bodies[_i].a)
        ck_assert(text_is(params_text(&params, "a"), bodies[_i].a));
    ck_assert_ptr_null(params_find(&params, "user_details[picture]"));
}
END_TEST

START_TEST(multipart_fields_are_joined_as_they_were_sent)
{
    static const char body[] =
        "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1%202\r\n"
        "--XX\r\nContent-Disposition: form-data; "
        "name=\"user_details[picture]\";"
        " filename=\"x.png\"\r\n\r\nPNG\r\n"
        "--XX\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n\r\n--XX--";
    struct text fields;

    ck_assert_int_eq(form_add_multipart(&params, arena, text_of(TYPE),
                                        text_of(body), &fields),
                     TALLY_OK);
    ck_assert(text_is(fields, "a=1%202&b="));
}
END_TEST

static struct form_file files[2];
static unsigned file_count;

static void keep_file(void *user, const struct form_file *file)
{
    ck_assert_ptr_eq(user, &file_count);
    ck_assert_uint_lt(file_count, 2);
    files[file_count++] = *file;
}

START_TEST(files_of_a_multipart_body_are_told)
{
    static const struct text body =
        TEXT_INIT("--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
                  "1\r\n--XX\r\nContent-Type: image/png; x=y\r\n"
                  "Content-Disposition: form-data; name=\"picture\"; "
                  "filename=\"p.png\"\r\n\r\nbytes\r\n--XX\r\n"
                  "Content-Disposition: form-data; name=\"b\"; "
                  "filename=\"\"\r\n\r\n\r\n--XX--");

    file_count = 0;
    form_each_file(text_of(TYPE), body, keep_file, &file_count);
    ck_assert_uint_eq(file_count, 2);
    ck_assert(text_is(files[0].field, "picture"));
    ck_assert(text_is(files[0].name, "p.png"));
    ck_assert(text_is(files[0].type, "image/png"));
    ck_assert(text_is(files[0].content, "bytes"));
    ck_assert(text_is(files[1].field, "b"));
    ck_assert_uint_eq(files[1].content.len, 0);
}
END_TEST

START_TEST(a_multipart_body_cut_anywhere_is_survived)
{
    for (int i = 0; i < BODIES; i++) {
        for (size_t len = 0; len < bodies[i].body.len; len++) {
            char *copy = malloc(len + 1);
            memcpy(copy, bodies[i].body.at, len);
            arena_reset(arena);
            params = (struct params){0};
            struct text fields;
            enum tally_err err =
                form_add_multipart(&params, arena, text_of(bodies[i].type),
                                   (struct text){copy, len}, &fields);
            ck_assert(err == TALLY_OK || err == TALLY_ERR_INVALID ||
                      err == TALLY_ERR_DENIED);
            free(copy);
        }
    }
}
END_TEST

static Suite *form_suite(void)
{
    Suite *suite = suite_create("form");
    TCase *tcase = tcase_create("form");

    tcase_add_checked_fixture(tcase, start, finish);
    tcase_add_loop_test(tcase, escapes_decode_as_far_as_they_are_good, 0,
                        ESCAPES);
    tcase_add_test(tcase, what_needs_no_decoding_is_borrowed);
    tcase_add_loop_test(tcase, an_escape_is_found_at_every_place, 0, LONG + 1);
    tcase_add_test(tcase, every_byte_survives_encoding_and_decoding);
    tcase_add_test(tcase, pairs_are_split_at_ampersands_only);
    tcase_add_test(tcase, plain_and_encoded_pairs_take_turns);
    tcase_add_test(tcase, too_many_pairs_are_refused);
    tcase_add_loop_test(tcase, multipart_fields_become_parameters, 0, BODIES);
    tcase_add_test(tcase, multipart_fields_are_joined_as_they_were_sent);
    tcase_add_test(tcase, files_of_a_multipart_body_are_told);
    tcase_add_test(tcase, a_multipart_body_cut_anywhere_is_survived);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(form_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
