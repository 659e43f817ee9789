#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "metrics/document.h"
#include "metrics/permission.h"

#define A "5b0000000000000000000001"
#define B "5b0000000000000000000002"

/* What was sent and what there was, and what comes of it. */
static const struct {
    const char *args;
    const char *old;
    const char *want;
} cases[] = {
    {"{}", NULL, "{'c':{},'r':{},'u':{},'d':{},'_':{'a':[],'u':[]}}"},
    {"{'user_of':['" A "']}", NULL,
     "{'c':{},'r':{'" A "':{'all':true,'allowed':{}}},'u':{},'d':{},"
     "'_':{'a':[],'u':[['" A "']]}}"},
    /* An admin is a user too. */
    {"{'admin_of':['" A "','" A "']}", NULL,
     "{'c':{},'r':{'" A "':{'all':true,'allowed':{}}},'u':{},'d':{},"
     "'_':{'a':['" A "'],'u':[['" A "']]}}"},
    /* A list that is not sent stays. */
    {"{'admin_of':['" B "']}",
     "{'r':{'" A "':{'all':true}},'_':{'a':['" A "']}}",
     "{'c':{},'r':{'" A "':{'all':true,'allowed':{}},'" B
     "':{'all':true,'allowed':{}}},'u':{},'d':{},"
     "'_':{'a':['" B "'],'u':[['" A "','" B "']]}}"},
    /* What was granted in detail stays with the app, and goes with it. */
    {"{'user_of':['" A "']}",
     "{'r':{'" A "':{'allowed':{'core':true}},'" B "':{'all':true}},"
     "'c':{'" A "':{'allowed':{'events':true}},'" B "':{'all':true}}}",
     "{'c':{'" A "':{'all':false,'allowed':{'events':true}}},"
     "'r':{'" A "':{'all':false,'allowed':{'core':true}}},'u':{},'d':{},"
     "'_':{'a':[],'u':[['" A "']]}}"},
    /* An entry that grants nothing is none. */
    {"{'user_of':['" A "']}", "{'r':{'" A "':{'all':false}}}",
     "{'c':{},'r':{'" A "':{'all':true,'allowed':{}}},'u':{},'d':{},"
     "'_':{'a':[],'u':[['" A "']]}}"},
    /* The object wins over the lists. */
    {"{'permission':{'u':{'" A "':{'all':true}},'x':1,'_':{'a':['" B
     "'],'u':5}},'user_of':['" A "']}",
     NULL,
     "{'c':{},'r':{},'u':{'" A "':{'all':true,'allowed':{}}},'d':{},"
     "'_':{'a':['" B "'],'u':[['" B "']]}}"},
};

/* JSON with ' for ". */
static cJSON *parse(const char *quoted)
{
    char json[2048];
    size_t len = quoted ? strlen(quoted) : 0;

    ck_assert_uint_lt(len, sizeof(json));
    for (size_t i = 0; i < len; i++)
        json[i] = quoted[i] == '\'' ? '"' : quoted[i];
    return document_parse((struct text){json, len});
}

static struct permission_source source_of(const cJSON *args, const cJSON *old)
{
    return (struct permission_source){
        .sent = document_find(args, "permission"),
        .admin_of = document_find(args, "admin_of"),
        .user_of = document_find(args, "user_of"),
        .old = old,
    };
}

static cJSON *written(const struct permission_source *source)
{
    struct buffer out;
    struct json json;

    buffer_init(&out, DOCUMENT_SIZE_MAX);
    json_init(&json, &out, JSON_PLAIN);
    permission_write(&json, source);

    cJSON *tree = document_parse(buffer_text(&out));

    buffer_finish(&out);
    return tree;
}

START_TEST(object_follows_from_what_was_sent)
{
    cJSON *args = parse(cases[_i].args);
    cJSON *old = parse(cases[_i].old);
    cJSON *want = parse(cases[_i].want);
    struct permission_source source = source_of(args, old);

    ck_assert_ptr_nonnull(want);
    ck_assert(permission_is_valid(&source));

    cJSON *have = written(&source);

    ck_assert(cJSON_Compare(have, want, 1));
    cJSON_Delete(have);
    cJSON_Delete(want);
    cJSON_Delete(old);
    cJSON_Delete(args);
}
END_TEST

START_TEST(object_survives_being_sent_back)
{
    cJSON *first = parse(cases[_i].want);
    struct permission_source source = {.sent = first};
    cJSON *second = written(&source);

    ck_assert(cJSON_Compare(first, second, 1));
    cJSON_Delete(second);
    cJSON_Delete(first);
}
END_TEST

static const char *const refused[] = {
    "{'admin_of':'" A "'}",
    "{'admin_of':[1]}",
    "{'user_of':['short']}",
    "{'user_of':[['" A "']]}",
    "{'permission':[]}",
    "{'permission':{'r':[]}}",
    "{'permission':{'r':{'short':{}}}}",
    "{'permission':{'r':{'" A "':true}}}",
    "{'permission':{'_':{'a':'" A "'}}}",
};

START_TEST(wrong_types_and_names_are_refused)
{
    cJSON *args = parse(refused[_i]);
    struct permission_source source = source_of(args, NULL);

    ck_assert_ptr_nonnull(args);
    ck_assert(!permission_is_valid(&source));
    cJSON_Delete(args);
}
END_TEST

static bool accepts_apps(unsigned count)
{
    cJSON *list = cJSON_CreateArray();
    char id[25];

    for (unsigned i = 0; i < count; i++) {
        snprintf(id, sizeof(id), "%024x", i);
        cJSON_AddItemToArray(list, cJSON_CreateString(id));
    }

    struct permission_source source = {.user_of = list};
    bool is_valid = permission_is_valid(&source);

    cJSON_Delete(list);
    return is_valid;
}

START_TEST(apps_of_a_member_end_at_their_maximum)
{
    ck_assert(accepts_apps(PERMISSION_APPS_MAX));
    ck_assert(!accepts_apps(PERMISSION_APPS_MAX + 1));
}
END_TEST

START_TEST(allows_what_was_granted_and_no_more)
{
    cJSON *tree = parse("{'r':{'" A "':{'allowed':{'core':true,'events':"
                        "false}}},'_':{'a':['" B "']}}");
    struct text a = TEXT(A);
    struct text b = TEXT(B);

    ck_assert(permission_allows(tree, PERMISSION_READ, a, "core"));
    ck_assert(!permission_allows(tree, PERMISSION_READ, a, "events"));
    ck_assert(!permission_allows(tree, PERMISSION_READ, a, "views"));
    ck_assert(!permission_allows(tree, PERMISSION_UPDATE, a, "core"));
    ck_assert(permission_allows(tree, PERMISSION_DELETE, b, "core"));
    ck_assert(permission_is_admin(tree, b));
    ck_assert(!permission_is_admin(tree, a));
    ck_assert(!permission_is_admin(NULL, a));
    ck_assert(!permission_allows(NULL, PERMISSION_READ, a, "core"));
    cJSON_Delete(tree);
}
END_TEST

static Suite *permission_suite(void)
{
    Suite *suite = suite_create("permission");
    TCase *tcase = tcase_create("permission");
    int count = sizeof(cases) / sizeof(cases[0]);

    tcase_add_loop_test(tcase, object_follows_from_what_was_sent, 0, count);
    tcase_add_loop_test(tcase, object_survives_being_sent_back, 0, count);
    tcase_add_loop_test(tcase, wrong_types_and_names_are_refused, 0,
                        sizeof(refused) / sizeof(refused[0]));
    tcase_add_test(tcase, apps_of_a_member_end_at_their_maximum);
    tcase_add_test(tcase, allows_what_was_granted_and_no_more);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(permission_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
