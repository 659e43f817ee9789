#include "bench/flags.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A maximum of 0 marks a text. */
static const struct {
    const char *name;
    size_t offset;
    unsigned min;
    unsigned max;
    const char *help;
} rows[] = {
    {"--port", offsetof(struct flags, port), 1, 65535, "of the server"},
    {"--app-key", offsetof(struct flags, app_key), 0, 0, "who is counted"},
    {"--host", offsetof(struct flags, host), 0, 0, "127.0.0.1"},
    {"--connections", offsetof(struct flags, connections), 1, 10000, "128"},
    {"--depth", offsetof(struct flags, depth), 1, 1024,
     "1, requests sent ahead on each connection"},
    {"--devices", offsetof(struct flags, devices), 1, 1000000000, "100000"},
    {"--seconds", offsetof(struct flags, seconds), 1, 86400, "10"},
    {"--warmup", offsetof(struct flags, warmup), 0, 86400,
     "1, seconds before the measured ones"},
    {"--rate", offsetof(struct flags, rate), 0, 10000000,
     "0, requests per second; 0 for as many as possible"},
    {"--pid", offsetof(struct flags, pid), 0, INT_MAX,
     "of the server, to tell its CPU time"},
    {"--json", offsetof(struct flags, json), 0, 0, "file for the result"},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: load --port N --app-key KEY [OPTION VALUE]...\n");
    for (size_t i = 0; i < ROWS; i++)
        fprintf(stderr, "  %-14s %s\n", rows[i].name, rows[i].help);
    exit(2);
}

static unsigned number(const char *text, unsigned min, unsigned max)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (end == text || *end || value < min || value > max)
        usage();
    return (unsigned)value;
}

static void set(struct flags *flags, const char *name, const char *value)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        char *field = (char *)flags + rows[i].offset;
        if (rows[i].max)
            *(unsigned *)(void *)field =
                number(value, rows[i].min, rows[i].max);
        else
            *(const char **)(void *)field = value;
        return;
    }
    usage();
}

struct flags flags_parse(int argc, char **argv)
{
    struct flags flags = {
        .host = "127.0.0.1",
        .connections = 128,
        .depth = 1,
        .devices = 100000,
        .seconds = 10,
        .warmup = 1,
    };

    if (argc % 2 == 0)
        usage();
    for (int i = 1; i < argc; i += 2)
        set(&flags, argv[i], argv[i + 1]);
    if (!flags.port || !flags.app_key)
        usage();
    return flags;
}
