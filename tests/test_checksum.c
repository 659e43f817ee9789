#include <check.h>
#include <stdlib.h>

#include "metrics/checksum.h"

#define SALT "pepper"

#define FORM "app_key=k&device_id=d&begin_session=1"
#define FORM_SHA1 "b7166c080138853d13c4098f66dda7686da60cb9"
#define FORM_SHA256 \
    "a40b16332d44e1bb4db144432d5c98f6bb3b7577489d7ed1ff1354cb538307e4"
#define FORM_SHA1_UPPER "B7166C080138853D13C4098F66DDA7686DA60CB9"
/* of "&app_key=k&device_id=d" */
#define FRONT_SHA1 "53a825569f041d4a91c35961cb6c353ae3b6fe78"
/* of FORM "&checksum256=00" */
#define BOTH_SHA1 "efd202ca36974c64eac42bad70f945928a768c11"
#define ENCODED "app_key=k&device_id=d&metrics=%7B%22_os%22%3A%22iOS%22%7D"
#define ENCODED_SHA1 "f838090d533a8e1e9f2a25492a9077ec1dd62a61"
/* of {"device_id":"d","begin_session":1} */
#define ITEM_SHA256 \
    "dc5d42d7dd7223e85c1ecec9ac36b3625b4c589c25563f23f6178429a9fc19b2"
#define NOTHING_SHA1 "64356bcfae350c970263c1ce575185b289f7b836"

static const struct {
    enum checksum_verdict verdict;
    const char *query, *body, *checksum, *checksum256;
} claims[] = {
    {CHECKSUM_GOOD, FORM "&checksum=" FORM_SHA1, "", FORM_SHA1, ""},
    {CHECKSUM_GOOD, FORM "&checksum=" FORM_SHA1_UPPER, "", FORM_SHA1_UPPER, ""},
    {CHECKSUM_GOOD, FORM "&checksum256=" FORM_SHA256, "", "", FORM_SHA256},
    /* At the front the separator behind it stays. */
    {CHECKSUM_GOOD, "checksum=" FRONT_SHA1 "&app_key=k&device_id=d", "",
     FRONT_SHA1, ""},
    /* In the middle. */
    {CHECKSUM_GOOD,
     "app_key=k&device_id=d&checksum=" FORM_SHA1 "&begin_session=1", "",
     FORM_SHA1, ""},
    {CHECKSUM_GOOD, ENCODED "&checksum=" ENCODED_SHA1, "", ENCODED_SHA1, ""},
    /* A body, with and without something in the query. */
    {CHECKSUM_GOOD, "", FORM "&checksum=" FORM_SHA1, FORM_SHA1, ""},
    {CHECKSUM_GOOD, "x=1", FORM "&checksum256=" FORM_SHA256, "", FORM_SHA256},
    {CHECKSUM_GOOD, "checksum=" FORM_SHA1, FORM, FORM_SHA1, ""},
    {CHECKSUM_GOOD, FORM "&checksum=" FORM_SHA1, "anything", FORM_SHA1, ""},
    /* checksum is looked at first, and checksum256 is hashed with the rest. */
    {CHECKSUM_GOOD, FORM "&checksum=" BOTH_SHA1 "&checksum256=00", "",
     BOTH_SHA1, "00"},
    {CHECKSUM_WRONG, FORM "&checksum=00&checksum256=" FORM_SHA256, "", "00",
     FORM_SHA256},
    /* JSON: the member goes with the comma that held it. */
    {CHECKSUM_GOOD, "",
     "{\"device_id\":\"d\",\"begin_session\":1,\"checksum256\":\"" ITEM_SHA256
     "\"}",
     "", ITEM_SHA256},
    {CHECKSUM_GOOD, "",
     "{\"checksum256\":\"" ITEM_SHA256
     "\",\"device_id\":\"d\",\"begin_session\":1}",
     "", ITEM_SHA256},
    {CHECKSUM_WRONG, FORM "&checksum=" FORM_SHA1 "&x=1", "", FORM_SHA1, ""},
    {CHECKSUM_WRONG, FORM "&checksum=DEADBEEF", "", "DEADBEEF", ""},
    {CHECKSUM_WRONG, FORM, "", FORM_SHA1 "00", ""},
    {CHECKSUM_WRONG, FORM, "", "", FORM_SHA1},
    {CHECKSUM_WRONG, FORM, "", "", FORM_SHA256 FORM_SHA256},
    /* The hash of nothing proves nothing about a query. */
    {CHECKSUM_WRONG, FORM "&checksum=" NOTHING_SHA1, "", NOTHING_SHA1, ""},
    {CHECKSUM_MISSING, FORM, FORM, "", ""},
};

START_TEST(a_claim_is_judged)
{
    struct checksum_claim claim = {
        .query = text_of(claims[_i].query),
        .body = text_of(claims[_i].body),
        .checksum = text_of(claims[_i].checksum),
        .checksum256 = text_of(claims[_i].checksum256),
    };

    ck_assert_int_eq(checksum_verify(&claim, TEXT(SALT)), claims[_i].verdict);
}
END_TEST

START_TEST(another_salt_gives_another_checksum)
{
    struct checksum_claim claim = {
        .query = TEXT(FORM "&checksum=" FORM_SHA1),
        .checksum = TEXT(FORM_SHA1),
    };

    ck_assert_int_eq(checksum_verify(&claim, TEXT("salt")), CHECKSUM_WRONG);
}
END_TEST

START_TEST(each_changed_byte_is_noticed)
{
    char query[] = FORM "&checksum=" FORM_SHA1;
    struct checksum_claim claim = {
        .query = text_of(query),
        .checksum = TEXT(FORM_SHA1),
    };

    for (size_t i = 0; i < sizeof(query) - 1; i++) {
        query[i] ^= 1;
        ck_assert_int_eq(checksum_verify(&claim, TEXT(SALT)), CHECKSUM_WRONG);
        query[i] ^= 1;
    }
}
END_TEST

static Suite *checksum_suite(void)
{
    Suite *suite = suite_create("checksum");
    TCase *tcase = tcase_create("checksum");

    tcase_add_loop_test(tcase, a_claim_is_judged, 0,
                        sizeof(claims) / sizeof(claims[0]));
    tcase_add_test(tcase, another_salt_gives_another_checksum);
    tcase_add_test(tcase, each_changed_byte_is_noticed);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(checksum_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
