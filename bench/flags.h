/*
 * flags.h - the command line of the load generator.
 */
#ifndef BENCH_FLAGS_H
#define BENCH_FLAGS_H

struct flags {
    const char *host;
    const char *app_key;
    const char *read_path; /* NULL for none */
    const char *json;      /* file for the result, NULL for none */
    unsigned port;
    unsigned connections;
    unsigned depth;   /* requests under way on each */
    unsigned devices; /* different ones */
    unsigned rate;    /* requests per second, 0 for as many as possible */
    unsigned seconds;
    unsigned warmup;   /* seconds before the measured ones */
    unsigned requests; /* after which it ends, 0 to end by time */
    unsigned pid;      /* of the server, 0 for no CPU time */
    unsigned tolerate; /* a status that is no error, 0 for none */
    unsigned mix;      /* enum mix */
    unsigned form;     /* enum form */
    unsigned bulk;     /* items of a bulk body */
    unsigned spread;   /* enum spread */
    unsigned first;    /* number of the first device */
    unsigned apps;
    unsigned values; /* different ones of _device */
    unsigned days;   /* that the timestamps are spread over */
    unsigned read_percent;
};

/* Ends the process with a usage text when the command line is wrong. The
 * texts borrow from argv. */
struct flags flags_parse(int argc, char **argv);

#endif
