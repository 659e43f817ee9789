#include "engine/compaction.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/slot.h"
#include "engine/slots.h"
#include "engine/snapshot.h"

enum { PATH_SIZE = 4096 };

#define UNFINISHED "compacting"
#define FINISHED "compacted"
#define BASE "data.mdb"
#define BASE_LOCK "lock.mdb"

static void join(char path[PATH_SIZE], const char *dir, const char *name)
{
    snprintf(path, PATH_SIZE, "%.4000s/%.64s", dir, name);
}

static bool exists(const char *dir, const char *name)
{
    char path[PATH_SIZE];
    struct stat found;

    join(path, dir, name);
    return stat(path, &found) == 0;
}

static enum tally_err sync_directory(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return synced ? TALLY_OK : TALLY_ERR_IO;
}

static bool remove_file(const char *dir, const char *name)
{
    char path[PATH_SIZE];

    join(path, dir, name);
    return unlink(path) == 0 || errno == ENOENT;
}

/* A directory with a base in it, or what is left of one. */
static enum tally_err remove_copy(const char *dir, const char *name)
{
    char path[PATH_SIZE];

    join(path, dir, name);
    if (!exists(dir, name))
        return TALLY_OK;
    if (!remove_file(path, BASE) || !remove_file(path, BASE_LOCK) ||
        rmdir(path) != 0)
        return TALLY_ERR_IO;
    return sync_directory(dir);
}

enum tally_err compaction_clear(const char *dir)
{
    return remove_copy(dir, UNFINISHED);
}

static enum tally_err copy_base(struct engine *engine, const char *path)
{
    struct snapshot *snapshot;
    enum tally_err err = snapshot_open(engine, engine_lsn(engine), &snapshot);

    if (err)
        return err;
    err = snapshot_copy(snapshot, path);
    snapshot_close(snapshot);
    return err ? err : sync_directory(path);
}

enum tally_err compaction_prepare(struct engine *engine, const char *dir,
                                  unsigned ms)
{
    char from[PATH_SIZE];
    char to[PATH_SIZE];
    enum tally_err err = remove_copy(dir, UNFINISHED);

    join(from, dir, UNFINISHED);
    join(to, dir, FINISHED);
    if (!err)
        err = engine_checkpoint_wait(engine, ms);
    if (!err)
        err = copy_base(engine, from);
    if (!err && rename(from, to) != 0)
        err = TALLY_ERR_IO;
    return err ? err : sync_directory(dir);
}

static enum tally_err remove_log(const char *dir)
{
    char path[SLOT_PATH_SIZE];

    for (unsigned i = 0; i < LOG_SLOTS_MAX; i++) {
        slot_path(dir, i, path);
        if (unlink(path) != 0 && errno != ENOENT)
            return TALLY_ERR_IO;
    }
    return sync_directory(dir);
}

/* Each step is durable before the next: without its base the copy has taken
 * its place, and the log is gone. */
static enum tally_err take_up(const char *dir)
{
    char from[PATH_SIZE];
    char to[PATH_SIZE];
    enum tally_err err = remove_log(dir);

    if (err)
        return err;
    join(from, dir, FINISHED "/" BASE);
    join(to, dir, BASE);
    return rename(from, to) == 0 ? sync_directory(dir) : TALLY_ERR_IO;
}

enum tally_err compaction_finish(const char *dir)
{
    enum tally_err err = remove_copy(dir, UNFINISHED);

    if (!err && exists(dir, FINISHED "/" BASE))
        err = take_up(dir);
    return err ? err : remove_copy(dir, FINISHED);
}
