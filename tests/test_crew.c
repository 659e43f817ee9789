#include <check.h>
#include <stdlib.h>

#include "http/crew.h"

enum { THREADS = 3 };

static uv_loop_t loop;

static void start(void)
{
    uv_loop_init(&loop);
}

static void finish(void)
{
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

static struct crew *create(void)
{
    return crew_create(&loop, THREADS, &server_default_limits, NULL, NULL);
}

START_TEST(its_size_follows_the_cores)
{
    static const struct {
        unsigned cores;
        unsigned size;
    } cases[] = {{1, 1}, {2, 1},  {3, 1},  {4, 2},  {5, 2},
                 {8, 4}, {15, 7}, {16, 8}, {18, 8}, {128, 8}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ck_assert_uint_eq(crew_size(cases[i].cores), cases[i].size);
}
END_TEST

START_TEST(a_port_is_shared_within_the_crew_alone)
{
    struct server *server =
        server_create(&loop, &server_default_limits, NULL, NULL);
    struct crew *one = create();
    struct crew *two = create();
    int port = 0;
    int other = 0;

    ck_assert_int_eq(crew_listen(one, "127.0.0.1", 0, &port), TALLY_OK);
    ck_assert_int_gt(port, 0);
    ck_assert_int_eq(crew_listen(two, "127.0.0.1", port, &other),
                     TALLY_ERR_IN_USE);
    ck_assert_int_eq(server_listen(server, "127.0.0.1", port, &other),
                     TALLY_ERR_IN_USE);
    ck_assert_int_eq(other, 0);
    crew_destroy(one);
    crew_destroy(two);
    server_destroy(server);
}
END_TEST

START_TEST(it_keeps_out_of_a_port_that_a_server_has)
{
    struct server *server =
        server_create(&loop, &server_default_limits, NULL, NULL);
    struct crew *crew = create();
    int port = 0;

    ck_assert_int_eq(server_listen(server, "::1", 0, &port), TALLY_OK);
    ck_assert_int_eq(crew_listen(crew, "::1", port, &port), TALLY_ERR_IN_USE);
    crew_destroy(crew);
    server_destroy(server);
}
END_TEST

START_TEST(an_address_that_is_none_is_told)
{
    struct crew *crew = create();
    int port = -1;

    ck_assert_int_eq(crew_listen(crew, "no address", 0, &port),
                     TALLY_ERR_INVALID);
    ck_assert_int_eq(port, -1);
    crew_destroy(crew);
}
END_TEST

static Suite *crew_suite(void)
{
    Suite *suite = suite_create("crew");
    TCase *tcase = tcase_create("crew");

    tcase_add_checked_fixture(tcase, start, finish);
    tcase_add_test(tcase, its_size_follows_the_cores);
    tcase_add_test(tcase, a_port_is_shared_within_the_crew_alone);
    tcase_add_test(tcase, it_keeps_out_of_a_port_that_a_server_has);
    tcase_add_test(tcase, an_address_that_is_none_is_told);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(crew_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
