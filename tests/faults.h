/*
 * faults.h - a disk that fails on command.
 *
 * Linked into a test, it stands in front of the C library's calls that change
 * a disk (pwrite, write, writev, fsync, fdatasync, ftruncate, rename, open for
 * writing, statvfs), for the engine and for liblmdb alike. Only files below a
 * scratch directory are touched; all other calls pass.
 */
#ifndef TESTS_FAULTS_H
#define TESTS_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

/* Which files; may be joined. */
enum fault_file {
    FAULT_LOG = 1 << 0,
    FAULT_BASE = 1 << 1,
    FAULT_OTHER = 1 << 2,
    FAULT_ANY = 7,
};

/* Which calls; may be joined. */
enum fault_call {
    FAULT_WRITE = 1 << 0,
    FAULT_SYNC = 1 << 1,
    FAULT_NAME = 1 << 2, /* open, rename, ftruncate */
    FAULT_CALLS = 7,
};

enum fault_kind {
    FAULT_NONE,
    FAULT_ERROR, /* fails with `error` */
    FAULT_SHORT, /* writes half, then goes on failing with `error` */
    FAULT_EXIT,  /* the process ends before the call */
    FAULT_POWER, /* and what was not synced is lost, all or a random part */
};

enum { FAULT_EXIT_CODE = 77 };

struct fault {
    enum fault_kind kind;
    unsigned files;
    unsigned calls;
    unsigned at;   /* the n-th such call from now on, from 1 */
    bool for_ever; /* and all after it */
    int error;     /* ENOSPC: statvfs tells so too from then on */
    uint64_t seed; /* of what a power cut loses; 0: all */
};

/* Arms one fault; forgets the one before. */
void faults_arm(struct fault fault);
void faults_disarm(void);

/* Calls of a kind since the process began. */
unsigned faults_count(unsigned files, unsigned calls);

/* Makes syncs of these files wait until released with 0. */
void faults_hold_syncs(unsigned files);

/* What statvfs tells; UINT64_MAX: the truth. */
void faults_set_free(uint64_t bytes);

/* Undoes what was written and not synced: as after a power cut, but in the
 * living process. Files must be closed. */
void faults_cut_power(void);

#endif
