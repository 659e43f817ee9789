#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/identity.h"

static const uint8_t key[IDENTITY_KEY_SIZE] = "0123456789abcde";
static const uint8_t other_key[IDENTITY_KEY_SIZE] = "0123456789abcdf";

static const struct {
    const char *app_key, *device_id, *id;
} users[] = {
    {"APPKEY", "dev-1", "92593c211171ec0ca3a3b0e8a63384e07e52ba61"},
    {"APPKEYdev", "-1", "92593c211171ec0ca3a3b0e8a63384e07e52ba61"},
    {"", "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
};

START_TEST(an_app_user_has_its_sha1)
{
    char id[IDENTITY_APP_USER_ID_SIZE];

    identity_app_user_id(text_of(users[_i].app_key),
                         text_of(users[_i].device_id), id);
    ck_assert_str_eq(id, users[_i].id);
}
END_TEST

static const struct {
    uint32_t ordinal;
    const char *uid;
} uids[] = {
    {0, "0"},   {1, "1"},     {9, "9"},      {10, "a"},
    {35, "z"},  {36, "A"},    {61, "Z"},     {62, "10"},
    {63, "11"}, {3843, "ZZ"}, {3844, "100"}, {UINT32_MAX, "4GFfc3"},
};

START_TEST(an_ordinal_has_its_uid)
{
    char uid[IDENTITY_UID_SIZE];

    identity_uid(uids[_i].ordinal, uid);
    ck_assert_str_eq(uid, uids[_i].uid);
}
END_TEST

START_TEST(a_device_hash_depends_on_each_byte_and_the_key)
{
    char id[] = "device-1 with a longer name";
    uint8_t hash[IDENTITY_HASH_SIZE];
    uint8_t again[IDENTITY_HASH_SIZE];

    identity_device_hash(key, text_of(id), hash);
    identity_device_hash(key, text_of(id), again);
    ck_assert_mem_eq(hash, again, sizeof(hash));
    identity_device_hash(other_key, text_of(id), again);
    ck_assert_mem_ne(hash, again, sizeof(hash));
    for (size_t i = 0; i < sizeof(id) - 1; i++) {
        id[i] ^= 1;
        identity_device_hash(key, text_of(id), again);
        ck_assert_mem_ne(hash, again, sizeof(hash));
        id[i] ^= 1;
    }
}
END_TEST

START_TEST(device_ids_with_a_nul_byte_differ_behind_it)
{
    uint8_t hash[IDENTITY_HASH_SIZE];
    uint8_t other[IDENTITY_HASH_SIZE];

    identity_device_hash(key, TEXT("a\0b"), hash);
    identity_device_hash(key, TEXT("a\0c"), other);
    ck_assert_mem_ne(hash, other, sizeof(hash));
}
END_TEST

static uint64_t hash_by(const uint8_t seed[IDENTITY_KEY_SIZE],
                        const char *query, const char *body)
{
    struct arena *arena = arena_create(4096);
    struct hash_key derived;
    uint64_t hash = 0;

    hash_key_derive(&derived, seed);
    ck_assert_int_eq(identity_request_hash(&derived, arena, text_of(query),
                                           text_of(body), &hash),
                     TALLY_OK);
    arena_destroy(arena);
    return hash;
}

static uint64_t request_hash(const char *query, const char *body)
{
    return hash_by(key, query, body);
}

static const struct {
    const char *query, *body;
    const char *other_query, *other_body;
    bool same;
} requests[] = {
    {"a=1&b=2", "", "a=1&b=2", "", true},
    {"a=1&b=2&rr=5", "", "a=1&b=2", "", true},
    {"a=1&rr=1&b=2", "", "a=1&b=2&rr=2", "", true},
    {"rr=1&a=1&b=2", "", "a=1&b=2", "", true},
    {"a=1&checksum=aa&b=2", "", "a=1&b=2&checksum256=bb", "", true},
    {"", "a=1&rr=1", "", "a=1&rr=2", true},
    {"x=1&rr=7", "a=1", "x=1", "a=1&rr=7", true},
    {"a=1&b=2", "", "b=2&a=1", "", false},
    {"a=1&b=2", "", "a=1&b=3", "", false},
    {"a=1&b=2", "", "", "a=1&b=2", false},
    {"a=1", "b=2", "a=1&b=2", "", false},
    {"a=1&xrr=1", "", "a=1", "", false},
    {"a=1&rrx=1", "", "a=1", "", false},
    {"", "{\"a\":1}", "", "{\"a\":2}", false},
    {"", "", "a=1", "", false},
};

START_TEST(a_repeated_request_is_known_by_its_hash)
{
    uint64_t hash = request_hash(requests[_i].query, requests[_i].body);
    uint64_t other =
        request_hash(requests[_i].other_query, requests[_i].other_body);

    if (requests[_i].same)
        ck_assert_uint_eq(hash, other);
    else
        ck_assert_uint_ne(hash, other);
}
END_TEST

START_TEST(a_request_hash_depends_on_the_key)
{
    ck_assert_uint_ne(hash_by(key, "a=1", ""), hash_by(other_key, "a=1", ""));
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

START_TEST(a_uid_leads_back_to_its_ordinal)
{
    static const uint32_t ordinals[] = {1, 9, 10, 61, 62, 3843, UINT32_MAX};
    static const char *const none[] = {"",       "0",      "01",       "a-b",
                                       "4GFfc4", "ZZZZZZ", "aaaaaaaa", " 1"};
    char uid[IDENTITY_UID_SIZE];

    for (size_t i = 0; i < sizeof(ordinals) / sizeof(ordinals[0]); i++) {
        identity_uid(ordinals[i], uid);
        ck_assert_uint_eq(identity_ordinal(text_of(uid)), ordinals[i]);
    }
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        ck_assert_uint_eq(identity_ordinal(text_of(none[i])), 0);
}
END_TEST

static Suite *identity_suite(void)
{
    Suite *suite = suite_create("identity");
    TCase *tcase = tcase_create("identity");

    tcase_add_loop_test(tcase, an_app_user_has_its_sha1, 0, COUNT(users));
    tcase_add_loop_test(tcase, an_ordinal_has_its_uid, 0, COUNT(uids));
    tcase_add_test(tcase, a_device_hash_depends_on_each_byte_and_the_key);
    tcase_add_test(tcase, device_ids_with_a_nul_byte_differ_behind_it);
    tcase_add_loop_test(tcase, a_repeated_request_is_known_by_its_hash, 0,
                        COUNT(requests));
    tcase_add_test(tcase, a_request_hash_depends_on_the_key);
    tcase_add_test(tcase, a_uid_leads_back_to_its_ordinal);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(identity_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
