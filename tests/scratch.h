/*
 * scratch.h - a directory that lives as long as a test.
 */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

/* Makes a fresh directory below TMPDIR or /tmp; its path is static. */
const char *scratch_create(void);

/* Removes the directory and all files in it. */
void scratch_remove(void);

/* Copies all files to a directory that must not exist yet; removes such a
 * copy. */
void scratch_copy(const char *to);
void scratch_remove_tree(const char *path);

#endif
