/*
 * cpu.h - the CPU time of a process.
 */
#ifndef BENCH_CPU_H
#define BENCH_CPU_H

/* What it has used so far, in seconds; 0 when there is none. */
double cpu_seconds(unsigned pid);

#endif
