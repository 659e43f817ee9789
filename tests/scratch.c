#include "scratch.h"

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[256];

const char *scratch_create(void)
{
    const char *base = getenv("TMPDIR");

    snprintf(path, sizeof(path), "%s/tally-test-XXXXXX", base ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
    return path;
}

static int remove_one(const char *name, const struct stat *stat, int type,
                      struct FTW *walk)
{
    (void)stat;
    (void)type;
    (void)walk;
    return remove(name);
}

void scratch_remove_tree(const char *tree)
{
    nftw(tree, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void scratch_remove(void)
{
    scratch_remove_tree(path);
}

void scratch_copy(const char *to)
{
    char command[600];

    snprintf(command, sizeof(command), "cp -a '%s' '%s'", path, to);
    ck_assert_int_eq(system(command), 0);
}
