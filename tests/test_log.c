#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/frame.h"
#include "engine/log.h"
#include "engine/memory.h"
#include "scratch.h"

enum {
    SLOT = 1 << 20,
    SLOTS = 3, /* files of the layout below */
    BASE = 2,  /* the batch up to which the base is */
    LAST = 8,  /* the last batch of the layout */
    CHAINS = 64,
    PAYLOAD_MAX = 200000,
};

static const char *dir;
static struct log *logs;
static char reason[256];
static uint8_t uuid[16] = "a log of tests.";
static uint32_t chains[CHAINS]; /* of the batches, as they were written */
static size_t payload_size;     /* of all batches; 0: each its own */

/* What a replay gave: batches `first` to `last` without a gap. */
static uint64_t first;
static uint64_t last;
static char *images[SLOTS];

static size_t size_of(uint64_t lsn)
{
    return payload_size ? payload_size : (lsn * 1777 + 9000) % 13000;
}

static struct text payload_of(uint64_t lsn)
{
    static char bytes[PAYLOAD_MAX];
    uint32_t word = (uint32_t)lsn * 2654435761u;

    for (size_t i = 0; i < size_of(lsn); i++) {
        word = word * 1664525 + 1013904223;
        bytes[i] = (char)(word >> 24);
    }
    return (struct text){bytes, size_of(lsn)};
}

static enum tally_err take(void *user, uint64_t lsn, uint32_t chain,
                           struct text payload)
{
    (void)user;
    ck_assert_uint_eq(lsn, last + 1);
    ck_assert_uint_eq(chain, chains[lsn]);
    ck_assert(text_equal(payload, payload_of(lsn)));
    last = lsn;
    return TALLY_OK;
}

static enum tally_err open_at(uint64_t lsn)
{
    struct log_options options = {.dir = dir,
                                  .slot_bytes = SLOT,
                                  .slot_count = 4,
                                  .lsn = lsn,
                                  .chain = chains[lsn]};

    memcpy(options.uuid, uuid, sizeof(uuid));
    first = lsn + 1;
    last = lsn;
    return log_open(&options, take, NULL, &logs, reason);
}

static void open_good(uint64_t lsn)
{
    enum tally_err err = open_at(lsn);

    ck_assert_msg(err == TALLY_OK, "%s", reason);
}

/* Slots are made in the background. */
static void write_to(uint64_t end)
{
    while (log_lsn(logs) < end) {
        while (!log_has_room(logs))
            usleep(1000);
        uint64_t lsn = log_lsn(logs) + 1;
        ck_assert_int_eq(log_write(logs, payload_of(lsn)), TALLY_OK);
        chains[lsn] = log_chain(logs);
    }
}

static void slot_name(unsigned slot, char name[static 300])
{
    snprintf(name, 300, "%s/log-0-%02u.slot", dir, slot);
}

static int open_file(unsigned slot)
{
    char name[300];

    slot_name(slot, name);
    int fd = open(name, O_RDWR);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static void load(unsigned slot)
{
    int fd = open_file(slot);

    images[slot] = memory_alloc(SLOT);
    ck_assert_int_eq(pread(fd, images[slot], SLOT, 0), SLOT);
    close(fd);
}

static void store(unsigned slot)
{
    int fd = open_file(slot);

    ck_assert_int_eq(pwrite(fd, images[slot], SLOT, 0), SLOT);
    close(fd);
}

static void delete_slot(unsigned slot)
{
    char name[300];

    slot_name(slot, name);
    unlink(name);
}

/* Slots as they were: what opening changed is undone. */
static void restore(void)
{
    log_close(logs);
    logs = NULL;
    for (unsigned slot = SLOTS; slot < SLOTS + 3; slot++)
        delete_slot(slot);
    for (unsigned slot = 0; slot < SLOTS; slot++)
        store(slot);
}

/* Slot 0 has batches 0 to 5, slot 1 those from 5 on, slot 2 is spare. */
static void setup(void)
{
    dir = scratch_create();
    payload_size = 0;
    open_good(0);
    write_to(5);
    log_close(logs);
    open_good(0);
    ck_assert_uint_eq(last, 5);
    write_to(LAST);
    log_close(logs);
    logs = NULL;
    for (unsigned slot = 0; slot < SLOTS; slot++)
        load(slot);
}

static void teardown(void)
{
    log_close(logs);
    logs = NULL;
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        free(images[slot]);
        images[slot] = NULL;
    }
    scratch_remove();
}

static void setup_empty(void)
{
    dir = scratch_create();
    payload_size = 0;
}

/* Where a batch begins in slot 0 or 1 of the layout. */
static size_t offset_of(unsigned slot, uint64_t lsn)
{
    size_t offset = 0;

    for (uint64_t i = slot == 0 ? 0 : 5; i < lsn; i++)
        offset += frame_size(i == 0 ? 0 : size_of(i));
    return offset;
}

START_TEST(batches_come_back_in_order_from_behind_the_base)
{
    for (uint64_t base = 0; base <= LAST; base++) {
        open_good(base);
        ck_assert_uint_eq(first, base + 1);
        ck_assert_uint_eq(last, LAST);
        ck_assert_uint_eq(log_lsn(logs), LAST);
        ck_assert_uint_eq(log_chain(logs), chains[LAST]);
        restore();
    }
}
END_TEST

/* Flips a byte of slot 0 or 1 and opens: refused with a reason, or all
 * batches; `least` is where a batch that may be taken for a torn tail ends. */
static void flip(unsigned slot, size_t at, uint64_t least)
{
    char *byte = images[slot] + at;
    char good = *byte;

    *byte = (char)(good ^ (1 << at % 8));
    store(slot);
    enum tally_err err = open_at(BASE);
    if (err)
        ck_assert_int_gt(reason[0], 0);
    else
        ck_assert_msg(last == LAST || last == least,
                      "slot %u, byte %zu: cut behind batch %u", slot, at,
                      (unsigned)last);
    *byte = good;
    restore();
}

START_TEST(a_flipped_byte_of_a_batch_is_never_silently_wrong)
{
    unsigned slot = _i < 6 ? 0 : 1;
    uint64_t lsn = _i < 6 ? (unsigned)_i : (unsigned)_i - 1;
    size_t begin = offset_of(slot, lsn);
    size_t len = FRAME_HEAD + (lsn == 0 ? 0 : size_of(lsn));
    uint64_t least = lsn == LAST ? LAST - 1 : LAST;

    for (size_t at = 0; at < len; at += at < FRAME_HEAD ? 1 : 331)
        flip(slot, begin + at, least);
    flip(slot, begin + len - 1, least);
}
END_TEST

START_TEST(a_batch_torn_at_any_offset_is_cut_as_a_whole)
{
    size_t begin = offset_of(1, LAST);
    size_t len = FRAME_HEAD + size_of(LAST);
    char *image = images[1];
    char *copy = memory_alloc(SLOT);

    memcpy(copy, image, SLOT);
    for (size_t at = 0; at < len; at += at < FRAME_HEAD ? 3 : 97) {
        memset(image + begin + at, at % 2 ? 0 : 0xaa, len - at);
        store(1);
        open_good(BASE);
        ck_assert_uint_eq(last, LAST - 1);
        memcpy(image, copy, SLOT);
        restore();
    }
    free(copy);
}
END_TEST

START_TEST(blocks_of_a_torn_batch_may_arrive_in_any_order)
{
    size_t begin = offset_of(1, LAST);
    size_t size = frame_size(size_of(LAST));
    char *copy = memory_alloc(SLOT);

    ck_assert_uint_ge(size / LOG_BLOCK, 2);
    memcpy(copy, images[1], SLOT);
    for (size_t block = 0; block < size / LOG_BLOCK; block++) {
        memset(images[1] + begin + block * LOG_BLOCK, 0, LOG_BLOCK);
        store(1);
        open_good(BASE);
        ck_assert_uint_eq(last, LAST - 1);
        memcpy(images[1], copy, SLOT);
        restore();
    }
    free(copy);
}
END_TEST

START_TEST(a_torn_tail_is_written_over_and_stays_gone)
{
    size_t begin = offset_of(1, LAST);

    memset(images[1] + begin + 100, 0, 100);
    store(1);
    open_good(BASE);
    ck_assert_uint_eq(last, LAST - 1);
    payload_size = 777; /* other batches than before */
    uint32_t chain = log_chain(logs);
    ck_assert_uint_eq(chain, chains[LAST - 1]);
    write_to(LAST);
    log_close(logs);
    open_good(LAST - 1);
    ck_assert_uint_eq(last, LAST);
}
END_TEST

START_TEST(a_log_of_another_base_is_refused)
{
    uuid[3] ^= 1;
    ck_assert_int_eq(open_at(BASE), TALLY_ERR_MISMATCH);
    uuid[3] ^= 1;
    chains[BASE] ^= 1;
    ck_assert_int_eq(open_at(BASE), TALLY_ERR_MISMATCH);
    chains[BASE] ^= 1;
    chains[LAST + 1] = 5;
    ck_assert_int_eq(open_at(LAST + 1), TALLY_ERR_MISMATCH);
    open_good(BASE);
}
END_TEST

START_TEST(a_slot_of_another_log_is_refused)
{
    struct frame frame = {.sequence = 9, .salt = 1, .lsn = LAST + 1};

    memcpy(frame.uuid, "another log....", 16);
    frame_write(&frame, images[2]);
    store(2);
    ck_assert_int_eq(open_at(BASE), TALLY_ERR_MISMATCH);
}
END_TEST

START_TEST(a_missing_slot_is_refused_unless_it_was_spare)
{
    delete_slot((unsigned)_i);
    enum tally_err err = open_at(BASE);
    if (_i == SLOTS - 1) {
        ck_assert_int_eq(err, TALLY_OK);
        ck_assert_uint_eq(last, LAST);
    } else {
        ck_assert_int_ne(err, TALLY_OK);
        ck_assert_int_gt(reason[0], 0);
    }
}
END_TEST

START_TEST(slots_of_unequal_size_are_refused)
{
    char name[300];

    slot_name((unsigned)_i, name);
    ck_assert_int_eq(truncate(name, SLOT - LOG_BLOCK), 0);
    ck_assert_int_ne(open_at(BASE), TALLY_OK);
}
END_TEST

/* A batch whose payload holds, at the start of a block, a whole valid frame
 * of this log that would come next, but for the salt. */
static struct text forged_payload(uint64_t lsn)
{
    static char bytes[3 * LOG_BLOCK];
    struct frame frame = {.sequence = 2,
                          .lsn = lsn,
                          .previous = chains[lsn - 1],
                          .payload = TEXT("forged")};

    memcpy(frame.uuid, uuid, sizeof(uuid));
    memset(bytes, 'x', sizeof(bytes));
    frame_write(&frame, bytes + LOG_BLOCK - FRAME_HEAD);
    return (struct text){bytes, sizeof(bytes)};
}

static enum tally_err take_forged(void *user, uint64_t lsn, uint32_t chain,
                                  struct text payload)
{
    (void)user;
    (void)chain;
    ck_assert(!text_is(payload, "forged"));
    ck_assert_uint_eq(lsn, last + 1);
    last = lsn;
    return TALLY_OK;
}

static enum tally_err open_forged(void)
{
    struct log_options options = {.dir = dir,
                                  .slot_bytes = SLOT,
                                  .slot_count = 4,
                                  .lsn = BASE,
                                  .chain = chains[BASE]};

    memcpy(options.uuid, uuid, sizeof(uuid));
    last = BASE;
    return log_open(&options, take_forged, NULL, &logs, reason);
}

START_TEST(a_batch_forged_inside_a_payload_is_never_replayed)
{
    open_good(BASE);
    size_t begin = frame_size(size_of(LAST));
    ck_assert_int_eq(log_write(logs, forged_payload(LAST + 1)), TALLY_OK);
    log_close(logs);
    ck_assert_int_eq(open_forged(), TALLY_OK);
    ck_assert_uint_eq(last, LAST + 1);
    log_close(logs);
    logs = NULL;

    /* The same when the batch around it is torn. */
    delete_slot(3);
    free(images[2]);
    load(2);
    images[2][begin] ^= 1;
    store(2);
    enum tally_err err = open_forged();
    ck_assert(err == TALLY_ERR_CORRUPT || last == LAST);
}
END_TEST

START_TEST(old_batches_behind_the_tail_of_a_used_slot_do_not_count)
{
    uint64_t base = 0;

    payload_size = 199000;
    open_good(0);
    for (uint64_t lsn = 4; lsn <= 60; lsn += 4) {
        write_to(lsn);
        base = lsn - 2;
        log_recycle(logs, base);
        if (lsn % 3 == 0) {
            log_close(logs);
            open_good(base);
            ck_assert_uint_eq(last, lsn);
        }
    }
    ck_assert_uint_le(log_slots_used(logs), 4);
    log_close(logs);
    ck_assert_int_eq(open_at(base + 3), TALLY_ERR_MISMATCH);
    ck_assert_int_eq(open_at(1), TALLY_ERR_MISMATCH);
    open_good(base);
    ck_assert_uint_eq(last, 60);
}
END_TEST

START_TEST(a_log_without_a_free_slot_has_no_room_and_gets_it_back)
{
    payload_size = PAYLOAD_MAX;
    open_good(0);
    while (log_has_room(logs) || log_slots_used(logs) < 4) {
        ck_assert_uint_lt(log_lsn(logs), CHAINS - 1);
        if (log_has_room(logs))
            write_to(log_lsn(logs) + 1);
    }
    ck_assert_uint_eq(log_slots_used(logs), 4);
    log_recycle(logs, log_lsn(logs));
    ck_assert(log_has_room(logs));
    ck_assert_uint_eq(log_slots_used(logs), 1);
}
END_TEST

/* Also when it is the last of its slot. */
START_TEST(the_batch_of_the_base_stays_however_much_comes_behind_it)
{
    uint64_t base = (uint64_t)_i;

    payload_size = 199000;
    open_good(0);
    write_to(base + 1);
    log_recycle(logs, base);
    while (log_has_room(logs) || log_slots_used(logs) < 4) {
        if (log_has_room(logs))
            write_to(log_lsn(logs) + 1);
    }
    uint64_t end = log_lsn(logs);
    log_close(logs);
    open_good(base);
    ck_assert_uint_eq(last, end);
}
END_TEST

START_TEST(starting_again_and_again_does_not_use_up_the_log)
{
    struct stat stat_buffer;
    char name[300];

    open_good(0);
    write_to(3);
    for (int i = 0; i < 12; i++) {
        log_close(logs);
        open_good(3);
        ck_assert_uint_eq(last, 3);
    }
    slot_name(5, name);
    ck_assert_int_ne(stat(name, &stat_buffer), 0);
}
END_TEST

static Suite *log_suite(void)
{
    Suite *suite = suite_create("log");
    TCase *layout = tcase_create("layout");
    TCase *fresh = tcase_create("fresh");

    tcase_set_timeout(layout, 120);
    tcase_add_checked_fixture(layout, setup, teardown);
    tcase_add_test(layout, batches_come_back_in_order_from_behind_the_base);
    tcase_add_loop_test(
        layout, a_flipped_byte_of_a_batch_is_never_silently_wrong, 0, LAST + 2);
    tcase_add_test(layout, a_batch_torn_at_any_offset_is_cut_as_a_whole);
    tcase_add_test(layout, blocks_of_a_torn_batch_may_arrive_in_any_order);
    tcase_add_test(layout, a_torn_tail_is_written_over_and_stays_gone);
    tcase_add_test(layout, a_log_of_another_base_is_refused);
    tcase_add_test(layout, a_slot_of_another_log_is_refused);
    tcase_add_loop_test(layout, a_missing_slot_is_refused_unless_it_was_spare,
                        0, SLOTS);
    tcase_add_loop_test(layout, slots_of_unequal_size_are_refused, 0, SLOTS);
    tcase_add_test(layout, a_batch_forged_inside_a_payload_is_never_replayed);
    tcase_set_timeout(fresh, 60);
    tcase_add_checked_fixture(fresh, setup_empty, teardown);
    tcase_add_test(fresh,
                   old_batches_behind_the_tail_of_a_used_slot_do_not_count);
    tcase_add_test(fresh,
                   a_log_without_a_free_slot_has_no_room_and_gets_it_back);
    tcase_add_loop_test(
        fresh, the_batch_of_the_base_stays_however_much_comes_behind_it, 1, 12);
    tcase_add_test(fresh, starting_again_and_again_does_not_use_up_the_log);
    suite_add_tcase(suite, layout);
    suite_add_tcase(suite, fresh);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(log_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
