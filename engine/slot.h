/*
 * slot.h - the file of one log slot.
 */
#ifndef ENGINE_SLOT_H
#define ENGINE_SLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/error.h"

enum { SLOT_PATH_SIZE = 512 };

/* The name of slot `index` of the log in `dir`. */
void slot_path(const char *dir, unsigned index,
               char path[static SLOT_PATH_SIZE]);

/* Makes the slot, durable and full of zeros; the caller closes *fd. With a
 * pause (0: none) the disk is left to others after each megabyte.
 * TALLY_ERR_IO: a slot that has its name all the same is whole. */
TALLY_MUST_CHECK
enum tally_err slot_make(const char *dir, unsigned index, size_t size,
                         unsigned pause_us, int *fd);

/* Writes zeros over the slot and syncs it; pauses as slot_make(). False when
 * the disk failed or is full. */
bool slot_wipe(int fd, size_t size, unsigned pause_us);

/* Writes all bytes, does not sync. False when the disk failed or is full. */
bool slot_write(int fd, const char *bytes, size_t len, size_t offset);

#endif
