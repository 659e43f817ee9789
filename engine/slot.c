#include "engine/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "engine/log.h"
#include "engine/memory.h"

void slot_path(const char *dir, unsigned index,
               char path[static SLOT_PATH_SIZE])
{
    snprintf(path, SLOT_PATH_SIZE, "%s/log-0-%02u.slot", dir, index);
}

bool slot_write(int fd, const char *bytes, size_t len, size_t offset)
{
    while (len > 0) {
        ssize_t written = pwrite(fd, bytes, len, (off_t)offset);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        offset += (size_t)written;
        len -= (size_t)written;
    }
    return true;
}

static bool sync_directory(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return synced;
}

/* A disk that is given much at once lets the syncs of others wait for it. */
static bool yield_disk(int fd, unsigned pause_us)
{
    if (pause_us == 0)
        return true;
    bool synced = fdatasync(fd) == 0;
    usleep(pause_us);
    return synced;
}

bool slot_wipe(int fd, size_t size, unsigned pause_us)
{
    char *zeros = memory_alloc(LOG_SLOT_MIN);
    bool good = true;

    for (size_t at = 0; good && at < size; at += LOG_SLOT_MIN) {
        size_t left = size - at;
        good = slot_write(fd, zeros, left < LOG_SLOT_MIN ? left : LOG_SLOT_MIN,
                          at) &&
               yield_disk(fd, pause_us);
    }
    free(zeros);
    return good && fsync(fd) == 0;
}

/* Zeros are written, not reserved: a sync of written blocks needs no journal
 * commit. The slot has its name only when it is whole. */
enum tally_err slot_make(const char *dir, unsigned index, size_t size,
                         unsigned pause_us, int *fd)
{
    char path[SLOT_PATH_SIZE];
    char unfinished[SLOT_PATH_SIZE + 4];

    slot_path(dir, index, path);
    snprintf(unfinished, sizeof(unfinished), "%s.new", path);
    int made = open(unfinished, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (made < 0)
        return TALLY_ERR_IO;
    if (slot_wipe(made, size, pause_us) && rename(unfinished, path) == 0 &&
        sync_directory(dir)) {
        *fd = made;
        return TALLY_OK;
    }
    close(made);
    unlink(unfinished);
    return TALLY_ERR_IO;
}
