/*
 * shim.c - a disk that fails when told to; preloaded into tallyd by tests.
 *
 * The file that SHIM names says what is wrong, by lines `PLACE CALL FAULT`:
 * PLACE is `log` (the slots) or `base` (data.mdb); CALL is `write`, `extend`
 * (a write behind the end of the file), `root` (one to its first pages) or
 * `sync`; FAULT is `eio`, `enospc` or `hold` (wait until the line is gone).
 * The line `full` makes the disk have no free space, `filled` none once a fault
 * has struck. No file: all is well.
 */
#undef _FILE_OFFSET_BITS /* both names of a function are defined here */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

enum { TEXT_SIZE = 512, HOLD_US = 5000, ROOT_BYTES = 2 * 4096 };

static atomic_bool has_struck;

/* The next definition of a function; POSIX has dlsym() return data. */
static void find(const char *name, void *fn)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (!found)
        abort();
    memcpy(fn, &found, sizeof(found));
}

static bool is_told(const char *line)
{
    const char *path = getenv("SHIM");
    char text[TEXT_SIZE];
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    if (fd < 0)
        return false;
    ssize_t len = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[len > 0 ? len : 0] = '\0';
    return strstr(text, line) != NULL;
}

static const char *place_of(int fd)
{
    char link[64];
    char path[TEXT_SIZE];

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof(path) - 1);
    path[len > 0 ? len : 0] = '\0';
    if (strstr(path, "/log-0-"))
        return "log";
    return strstr(path, "/data.mdb") ? "base" : NULL;
}

static bool has_fault(const char *place, const char *call, const char *fault)
{
    char line[64];

    snprintf(line, sizeof(line), "%s %s %s", place, call, fault);
    return is_told(line);
}

/* True, with errno set, when the call is to fail. */
static bool fails(int fd, const char *call)
{
    const char *place = place_of(fd);

    if (!place)
        return false;
    while (has_fault(place, call, "hold"))
        usleep(HOLD_US);
    int fault = has_fault(place, call, "eio") ? EIO : 0;
    if (has_fault(place, call, "enospc"))
        fault = ENOSPC;
    if (fault)
        has_struck = true;
    errno = fault;
    return fault != 0;
}

/* What lies inside a file has its space already. */
static bool extends(int fd, off_t end)
{
    struct stat stat;

    return fstat(fd, &stat) != 0 || end > stat.st_size;
}

static ssize_t write_at(const char *name, int fd, const void *bytes, size_t len,
                        off_t at)
{
    ssize_t (*next)(int, const void *, size_t, off_t);

    find(name, &next);
    if (at < ROOT_BYTES && fails(fd, "root"))
        return -1;
    if (extends(fd, at + (off_t)len) && fails(fd, "extend"))
        return -1;
    return fails(fd, "write") ? -1 : next(fd, bytes, len, at);
}

static int sync_file(const char *name, int fd)
{
    int (*next)(int);

    find(name, &next);
    return fails(fd, "sync") ? -1 : next(fd);
}

EXPORT ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    return write_at("pwrite", fd, bytes, len, at);
}

EXPORT ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    return write_at("pwrite64", fd, bytes, len, at);
}

EXPORT ssize_t writev(int fd, const struct iovec *parts, int count)
{
    ssize_t (*next)(int, const struct iovec *, int);
    off_t end = lseek(fd, 0, SEEK_CUR);

    find("writev", &next);
    for (int i = 0; i < count; i++)
        end += (off_t)parts[i].iov_len;
    if (extends(fd, end) && fails(fd, "extend"))
        return -1;
    return fails(fd, "write") ? -1 : next(fd, parts, count);
}

EXPORT int fdatasync(int fd)
{
    return sync_file("fdatasync", fd);
}

EXPORT int fsync(int fd)
{
    return sync_file("fsync", fd);
}

static bool is_full(void)
{
    return is_told("full") || (has_struck && is_told("filled"));
}

EXPORT int statvfs(const char *path, struct statvfs *disk)
{
    int (*next)(const char *, struct statvfs *);

    find("statvfs", &next);
    int rc = next(path, disk);
    if (rc == 0 && is_full())
        disk->f_bavail = 0;
    return rc;
}

EXPORT int statvfs64(const char *path, struct statvfs64 *disk)
{
    int (*next)(const char *, struct statvfs64 *);

    find("statvfs64", &next);
    int rc = next(path, disk);
    if (rc == 0 && is_full())
        disk->f_bavail = 0;
    return rc;
}
