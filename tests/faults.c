#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PATH_SIZE = 400, BLOCK = 4096 };

/* A write that no sync has followed: what was there before. */
struct undo {
    struct undo *next; /* the write before */
    char path[PATH_SIZE];
    ino_t inode;
    off_t offset;
    size_t len;
    char bytes[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t released = PTHREAD_COND_INITIALIZER;
static struct fault armed;
static unsigned seen; /* calls that the armed fault counts */
static unsigned counts[8][8];
static unsigned held;
static uint64_t free_bytes = UINT64_MAX;
static struct undo *undos;

static unsigned file_of(const char *path)
{
    if (!strstr(path, "tally-test-"))
        return 0;
    if (strstr(path, "/log-"))
        return FAULT_LOG;
    return strstr(path, "/data.mdb") ? FAULT_BASE : FAULT_OTHER;
}

static unsigned file_of_fd(int fd, char path[static PATH_SIZE])
{
    char link[40];

    path[0] = '\0';
    if (fd <= 2)
        return 0;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, PATH_SIZE - 1);
    if (len < 0)
        return 0;
    path[len] = '\0';
    return file_of(path);
}

/* Power cuts. */

static bool is_lost(uint64_t *random)
{
    if (armed.seed == 0)
        return true;
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return *random >> 63;
}

static void undo(const struct undo *write, uint64_t *random)
{
    int fd = (int)syscall(SYS_openat, AT_FDCWD, write->path, O_RDWR, 0);

    for (size_t at = 0; fd >= 0 && at < write->len; at += BLOCK) {
        size_t left = write->len - at;
        if (is_lost(random))
            (void)!syscall(SYS_pwrite64, fd, write->bytes + at,
                           left < BLOCK ? left : BLOCK,
                           write->offset + (off_t)at);
    }
    if (fd >= 0)
        close(fd);
}

static void undo_all(void)
{
    uint64_t random = armed.seed;

    while (undos) {
        struct undo *last = undos;
        undos = last->next;
        undo(last, &random);
        free(last);
    }
}

void faults_cut_power(void)
{
    pthread_mutex_lock(&lock);
    undo_all();
    pthread_mutex_unlock(&lock);
}

static void remember(int fd, const char *path, size_t len, off_t offset)
{
    struct stat stat;

    if (fstat(fd, &stat) != 0 || fcntl(fd, F_GETFL) & O_DSYNC)
        return;
    struct undo *write = calloc(1, sizeof(*write) + len);
    snprintf(write->path, sizeof(write->path), "%s", path);
    write->inode = stat.st_ino;
    write->offset = offset;
    write->len = len;
    (void)!pread(fd, write->bytes, len, offset);
    write->next = undos;
    undos = write;
}

static void forget(int fd)
{
    struct stat stat;
    struct undo **place = &undos;

    if (fstat(fd, &stat) != 0)
        return;
    while (*place) {
        struct undo *write = *place;
        if (write->inode != stat.st_ino) {
            place = &write->next;
            continue;
        }
        *place = write->next;
        free(write);
    }
}

/* Arming. */

void faults_arm(struct fault fault)
{
    pthread_mutex_lock(&lock);
    armed = fault;
    seen = 0;
    pthread_mutex_unlock(&lock);
}

void faults_disarm(void)
{
    faults_arm((struct fault){.kind = FAULT_NONE});
}

unsigned faults_count(unsigned files, unsigned calls)
{
    unsigned sum = 0;

    pthread_mutex_lock(&lock);
    for (unsigned file = 1; file < 8; file <<= 1) {
        for (unsigned call = 1; call < 8; call <<= 1)
            sum += file & files && call & calls ? counts[file][call] : 0;
    }
    pthread_mutex_unlock(&lock);
    return sum;
}

void faults_hold_syncs(unsigned files)
{
    pthread_mutex_lock(&lock);
    held = files;
    pthread_cond_broadcast(&released);
    pthread_mutex_unlock(&lock);
}

void faults_set_free(uint64_t bytes)
{
    pthread_mutex_lock(&lock);
    free_bytes = bytes;
    pthread_mutex_unlock(&lock);
}

/* Counts the call; what is to happen to it. Under the lock. */
static enum fault_kind fault_of(unsigned file, enum fault_call call)
{
    if (file == 0)
        return FAULT_NONE;
    counts[file][call]++;
    if (armed.kind == FAULT_NONE || !(armed.files & file) ||
        !(armed.calls & call))
        return FAULT_NONE;
    seen++;
    if (seen != armed.at && !(armed.for_ever && seen > armed.at))
        return FAULT_NONE;
    if (armed.kind == FAULT_POWER)
        undo_all();
    if (armed.kind == FAULT_POWER || armed.kind == FAULT_EXIT)
        _exit(FAULT_EXIT_CODE);
    if (armed.error == ENOSPC)
        free_bytes = 0;
    return armed.kind == FAULT_SHORT && (call != FAULT_WRITE || seen > armed.at)
               ? FAULT_ERROR
               : armed.kind;
}

/* Calls. */

static ssize_t write_at(int fd, const void *bytes, size_t len, off_t offset)
{
    char path[PATH_SIZE];
    unsigned file = file_of_fd(fd, path);
    ssize_t written = -1;

    pthread_mutex_lock(&lock);
    enum fault_kind kind = fault_of(file, FAULT_WRITE);
    if (kind == FAULT_SHORT && len > 1)
        len /= 2;
    /* A slot in the making is synced before it gets its name. */
    if (kind != FAULT_ERROR && file != 0 && !strstr(path, ".new"))
        remember(fd, path, len, offset);
    if (kind != FAULT_ERROR)
        written = syscall(SYS_pwrite64, fd, bytes, len, offset);
    else
        errno = armed.error;
    pthread_mutex_unlock(&lock);
    return written;
}

static ssize_t append(int fd, const void *bytes, size_t len)
{
    char path[PATH_SIZE];

    if (file_of_fd(fd, path) == 0)
        return syscall(SYS_write, fd, bytes, len);
    off_t offset = lseek(fd, 0, SEEK_CUR);
    ssize_t written = write_at(fd, bytes, len, offset);
    if (written > 0)
        lseek(fd, written, SEEK_CUR);
    return written;
}

static ssize_t append_all(int fd, const struct iovec *parts, int count)
{
    ssize_t sum = 0;

    for (int i = 0; i < count; i++) {
        ssize_t written = append(fd, parts[i].iov_base, parts[i].iov_len);
        if (written < 0)
            return sum > 0 ? sum : written;
        sum += written;
        if ((size_t)written < parts[i].iov_len)
            return sum;
    }
    return sum;
}

static int sync_fd(int fd, long number)
{
    char path[PATH_SIZE];
    unsigned file = file_of_fd(fd, path);
    int rc = -1;

    pthread_mutex_lock(&lock);
    while (held & file)
        pthread_cond_wait(&released, &lock);
    if (fault_of(file, FAULT_SYNC) == FAULT_NONE) {
        if (file != 0)
            forget(fd);
        rc = file != 0 ? 0 : (int)syscall(number, fd);
    } else {
        errno = armed.error;
    }
    pthread_mutex_unlock(&lock);
    return rc;
}

static bool may_name(const char *path)
{
    pthread_mutex_lock(&lock);
    bool may = fault_of(file_of(path), FAULT_NAME) == FAULT_NONE;
    if (!may)
        errno = armed.error;
    pthread_mutex_unlock(&lock);
    return may;
}

static int open_at(int dir, const char *path, int flags, mode_t mode)
{
    bool writes = (flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT;

    if (writes && !may_name(path))
        return -1;
    return (int)syscall(SYS_openat, dir, path, flags, mode);
}

static int tell_space(const char *path, struct statvfs *space)
{
    struct statfs disk;

    if (statfs(path, &disk) != 0)
        return -1;
    memset(space, 0, sizeof(*space));
    space->f_bsize = (unsigned long)disk.f_bsize;
    space->f_frsize = (unsigned long)disk.f_frsize;
    space->f_bavail = disk.f_bavail;
    pthread_mutex_lock(&lock);
    if (free_bytes != UINT64_MAX)
        space->f_bavail = free_bytes / space->f_frsize;
    pthread_mutex_unlock(&lock);
    return 0;
}

/* The library's names, both of those that come in two sizes. */

#define SEAM __attribute__((visibility("default"))) extern

SEAM ssize_t seam_pwrite(int, const void *, size_t, off_t) __asm__("pwrite");
SEAM ssize_t seam_pwrite64(int, const void *, size_t,
                           off_t) __asm__("pwrite64");
SEAM ssize_t seam_write(int, const void *, size_t) __asm__("write");
SEAM ssize_t seam_writev(int, const struct iovec *, int) __asm__("writev");
SEAM int seam_fsync(int) __asm__("fsync");
SEAM int seam_fdatasync(int) __asm__("fdatasync");
SEAM int seam_ftruncate(int, off_t) __asm__("ftruncate");
SEAM int seam_ftruncate64(int, off_t) __asm__("ftruncate64");
SEAM int seam_rename(const char *, const char *) __asm__("rename");
SEAM int seam_open(const char *, int, ...) __asm__("open");
SEAM int seam_open64(const char *, int, ...) __asm__("open64");
SEAM int seam_statvfs(const char *, struct statvfs *) __asm__("statvfs");
SEAM int seam_statvfs64(const char *, struct statvfs *) __asm__("statvfs64");

ssize_t seam_pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
    return write_at(fd, bytes, len, offset);
}

ssize_t seam_pwrite64(int fd, const void *bytes, size_t len, off_t offset)
{
    return write_at(fd, bytes, len, offset);
}

ssize_t seam_write(int fd, const void *bytes, size_t len)
{
    return append(fd, bytes, len);
}

ssize_t seam_writev(int fd, const struct iovec *parts, int count)
{
    return append_all(fd, parts, count);
}

int seam_fsync(int fd)
{
    return sync_fd(fd, SYS_fsync);
}

int seam_fdatasync(int fd)
{
    return sync_fd(fd, SYS_fdatasync);
}

static int truncate_fd(int fd, off_t len)
{
    char path[PATH_SIZE];

    file_of_fd(fd, path);
    return may_name(path) ? (int)syscall(SYS_ftruncate, fd, len) : -1;
}

int seam_ftruncate(int fd, off_t len)
{
    return truncate_fd(fd, len);
}

int seam_ftruncate64(int fd, off_t len)
{
    return truncate_fd(fd, len);
}

int seam_rename(const char *from, const char *to)
{
    return may_name(to) ? (int)syscall(SYS_rename, from, to) : -1;
}

#define MODE_OF(mode, flags)                 \
    do {                                     \
        va_list rest;                        \
        va_start(rest, flags);               \
        if ((flags)&O_CREAT)                 \
            (mode) = va_arg(rest, unsigned); \
        va_end(rest);                        \
    } while (0)

int seam_open(const char *path, int flags, ...)
{
    mode_t mode = 0;

    MODE_OF(mode, flags);
    return open_at(AT_FDCWD, path, flags, mode);
}

int seam_open64(const char *path, int flags, ...)
{
    mode_t mode = 0;

    MODE_OF(mode, flags);
    return open_at(AT_FDCWD, path, flags, mode);
}

int seam_statvfs(const char *path, struct statvfs *space)
{
    return tell_space(path, space);
}

int seam_statvfs64(const char *path, struct statvfs *space)
{
    return tell_space(path, space);
}
