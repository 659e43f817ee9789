/*
 * flags.h - the command line of the load generator.
 */
#ifndef BENCH_FLAGS_H
#define BENCH_FLAGS_H

struct flags {
    const char *host;
    const char *app_key;
    const char *json; /* file for the result, NULL for none */
    unsigned port;
    unsigned connections;
    unsigned depth;   /* requests under way on each */
    unsigned devices; /* different ones */
    unsigned rate;    /* requests per second, 0 for as many as possible */
    unsigned seconds;
    unsigned warmup; /* seconds before the measured ones */
    unsigned pid;    /* of the server, 0 for no CPU time */
};

/* Ends the process with a usage text when the command line is wrong. The
 * texts borrow from argv. */
struct flags flags_parse(int argc, char **argv);

#endif
