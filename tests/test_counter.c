#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "engine/counter.h"
#include "engine/pack.h"

enum { SEEDS = 200 };

static uint64_t state;

static uint64_t next_random(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33 ^ state << 20;
}

/* Mostly zero, small, negative; now and then the ends of the range. */
static int64_t any_number(void)
{
    uint64_t kind = next_random() % 40;

    if (kind == 0)
        return INT64_MAX;
    if (kind == 1)
        return INT64_MIN;
    if (kind == 2)
        return (int64_t)next_random();
    return kind < 20 ? 0 : (int64_t)(next_random() % 400) - 200;
}

static struct text text_over(const uint8_t *bytes, size_t len)
{
    return (struct text){(const char *)bytes, len};
}

START_TEST(cells_come_back_as_they_were_written)
{
    struct cells *cells = calloc(2, sizeof(*cells));
    uint8_t bytes[CELLS_SIZE_MAX];

    state = (uint64_t)_i;
    for (unsigned row = 0; row < DAY_BLOCK; row++) {
        bool is_empty = next_random() % 3 == 0;
        for (unsigned i = 0; i < CELL_FIELDS; i++)
            cells[0].at[row][i] = is_empty ? 0 : any_number();
    }
    size_t len = cells_write(&cells[0], bytes);
    ck_assert_int_eq(cells_add(&cells[1], text_over(bytes, len)), TALLY_OK);
    ck_assert_mem_eq(&cells[0], &cells[1], sizeof(*cells));
    free(cells);
}
END_TEST

START_TEST(years_come_back_as_they_were_written)
{
    struct years *years = calloc(2, sizeof(*years));
    uint8_t bytes[YEARS_SIZE_MAX];

    state = (uint64_t)_i;
    for (unsigned row = 0; row < YEAR_BLOCK; row++) {
        for (unsigned i = 0; i < YEAR_SLOTS; i++)
            years[0].at[row][i] = any_number();
    }
    size_t len = years_write(&years[0], bytes);
    ck_assert_int_eq(years_add(&years[1], text_over(bytes, len)), TALLY_OK);
    ck_assert_mem_eq(&years[0], &years[1], sizeof(*years));
    free(years);
}
END_TEST

START_TEST(the_longest_records_fit)
{
    struct cells *cells = malloc(sizeof(*cells));
    struct years *years = malloc(sizeof(*years));
    uint8_t bytes[CELLS_SIZE_MAX > YEARS_SIZE_MAX ? (int)CELLS_SIZE_MAX
                                                  : (int)YEARS_SIZE_MAX];

    for (unsigned i = 0; i < DAY_BLOCK * CELL_FIELDS; i++)
        cells->at[i / CELL_FIELDS][i % CELL_FIELDS] = INT64_MIN;
    for (unsigned i = 0; i < YEAR_BLOCK * YEAR_SLOTS; i++)
        years->at[i / YEAR_SLOTS][i % YEAR_SLOTS] = INT64_MIN;
    ck_assert_uint_eq(cells_write(cells, bytes), CELLS_SIZE_MAX);
    ck_assert_uint_eq(years_write(years, bytes), YEARS_SIZE_MAX);
    free(cells);
    free(years);
}
END_TEST

START_TEST(records_add_up_and_zeros_leave_no_bytes)
{
    struct cells cells = {0};
    struct cells minus = {0};
    uint8_t bytes[CELLS_SIZE_MAX];

    ck_assert_uint_eq(cells_write(&cells, bytes), 0);
    cells.at[3][CELL_T] = 5;
    cells.at[127][CELL_D] = -9;
    minus.at[3][CELL_T] = -5;
    minus.at[127][CELL_D] = 9;
    size_t len = cells_write(&minus, bytes);
    ck_assert_int_eq(cells_add(&cells, text_over(bytes, len)), TALLY_OK);
    ck_assert(cells_row_is_zero(&cells, 3));
    ck_assert_uint_eq(cells_write(&cells, bytes), 0);
    ck_assert_int_eq(cells_add(&minus, text_over(bytes, 0)), TALLY_OK);
    ck_assert(!cells_row_is_zero(&minus, 3));
}
END_TEST

START_TEST(sums_past_the_range_wrap_around)
{
    struct cells cells = {0};
    uint8_t bytes[CELLS_SIZE_MAX];

    cells.at[0][CELL_T] = INT64_MAX;
    size_t len = cells_write(&cells, bytes);
    ck_assert_int_eq(cells_add(&cells, text_over(bytes, len)), TALLY_OK);
    ck_assert_int_eq(cells.at[0][CELL_T], -2);
}
END_TEST

/* A record cut short is refused unless the cut is between two rows. */
START_TEST(a_cut_record_is_refused)
{
    struct cells cells = {0};
    uint8_t bytes[CELLS_SIZE_MAX];

    cells.at[1][CELL_T] = 1000;
    cells.at[1][CELL_U] = -1000;
    size_t first = cells_write(&cells, bytes);
    cells.at[9][CELL_N] = 1;
    size_t len = cells_write(&cells, bytes);
    for (size_t cut = 0; cut <= len; cut++) {
        struct cells read = {0};
        bool whole = cut == 0 || cut == first || cut == len;
        ck_assert_int_eq(cells_add(&read, text_over(bytes, cut)),
                         whole ? TALLY_OK : TALLY_ERR_CORRUPT);
    }
}
END_TEST

START_TEST(rows_and_columns_that_do_not_exist_are_refused)
{
    static const struct {
        bool years;
        uint8_t bytes[4];
        size_t len;
    } cases[] = {
        {false, {DAY_BLOCK, 1, 2}, 3},
        {false, {0, 1 << CELL_FIELDS, 2}, 3},
        {false, {0}, 1},
        {true, {YEAR_BLOCK, 1, 0, 2}, 4},
        {true, {0, 1, YEAR_SLOTS, 2}, 4},
        {true, {0, 2, 1, 2}, 4},
        {true, {0}, 1},
    };
    struct cells cells = {0};
    struct years years = {0};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text record = text_over(cases[i].bytes, cases[i].len);
        enum tally_err err = cases[i].years ? years_add(&years, record)
                                            : cells_add(&cells, record);
        ck_assert_msg(err == TALLY_ERR_CORRUPT, "case %zu", i);
    }
}
END_TEST

START_TEST(random_bytes_never_reach_outside)
{
    struct cells cells = {0};
    struct years years = {0};
    char *bytes = malloc(64);

    state = (uint64_t)_i;
    for (int i = 0; i < 64; i++)
        bytes[i] =
            (char)(next_random() % 3 ? next_random() % 8 : next_random());
    for (size_t len = 0; len <= 64; len++) {
        struct text record = {bytes + 64 - len, len};
        enum tally_err of_cells = cells_add(&cells, record);
        enum tally_err of_years = years_add(&years, record);
        ck_assert(of_cells == TALLY_OK || of_cells == TALLY_ERR_CORRUPT);
        ck_assert(of_years == TALLY_OK || of_years == TALLY_ERR_CORRUPT);
    }
    free(bytes);
}
END_TEST

static Suite *counter_suite(void)
{
    Suite *suite = suite_create("counter");
    TCase *tcase = tcase_create("counter");

    tcase_add_loop_test(tcase, cells_come_back_as_they_were_written, 0, SEEDS);
    tcase_add_loop_test(tcase, years_come_back_as_they_were_written, 0, SEEDS);
    tcase_add_test(tcase, the_longest_records_fit);
    tcase_add_test(tcase, records_add_up_and_zeros_leave_no_bytes);
    tcase_add_test(tcase, sums_past_the_range_wrap_around);
    tcase_add_test(tcase, a_cut_record_is_refused);
    tcase_add_test(tcase, rows_and_columns_that_do_not_exist_are_refused);
    tcase_add_loop_test(tcase, random_bytes_never_reach_outside, 0, SEEDS);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(counter_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
