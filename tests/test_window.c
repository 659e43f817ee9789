#include <check.h>
#include <stdlib.h>

#include "metrics/window.h"

enum { DAYS = 200, USERS = 40 };

static bool was_there(unsigned day, uint32_t user)
{
    return (day * 2654435761u + user * 40503u) % 97 < 7;
}

static unsigned expected(unsigned day, unsigned length)
{
    unsigned users = 0;

    for (uint32_t user = 0; user < USERS; user++) {
        bool counts = false;
        for (unsigned back = 0; back < length && back <= day; back++)
            counts = counts || was_there(day - back, user);
        users += counts;
    }
    return users;
}

START_TEST(a_window_has_the_users_of_its_days)
{
    static const unsigned lengths[] = {1, 2, 7, 30};
    unsigned length = lengths[_i];
    struct window *window = window_create(length);

    for (unsigned day = 0; day < DAYS; day++) {
        struct ordinals users = {0};
        for (uint32_t user = 0; user < USERS; user++) {
            if (was_there(day, user))
                ordinals_add(&users, 1 + user * 1000);
        }
        window_push(window, &users);
        ordinals_clear(&users);
        window_users(window, &users);
        ck_assert_uint_eq(ordinals_count(&users), expected(day, length));
        ordinals_finish(&users);
    }
    window_destroy(window);
}
END_TEST

static Suite *window_suite(void)
{
    Suite *suite = suite_create("window");
    TCase *tcase = tcase_create("window");

    tcase_add_loop_test(tcase, a_window_has_the_users_of_its_days, 0, 4);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(window_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
