#include "bench/flags.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER(name, field, min, max, help)                       \
    {                                                             \
        name, offsetof(struct flags, field), min, max, NULL, help \
    }
#define WORD(name, field, words, help)                                   \
    {                                                                    \
        name, offsetof(struct flags, field), 0, 0, words " ", words help \
    }
#define TEXT(name, field, help)                               \
    {                                                         \
        name, offsetof(struct flags, field), 0, 0, NULL, help \
    }

/* A number from min to max, one of the words, or with neither a text. */
static const struct {
    const char *name;
    size_t offset;
    unsigned min;
    unsigned max;
    const char *words; /* each is followed by a blank */
    const char *help;
} rows[] = {
    NUMBER("--port", port, 1, 65535, "of the server"),
    TEXT("--app-key", app_key, "who is counted"),
    TEXT("--host", host, "127.0.0.1"),
    NUMBER("--connections", connections, 1, 10000, "128"),
    NUMBER("--depth", depth, 1, 1024,
           "1, requests sent ahead on each connection"),
    NUMBER("--devices", devices, 1, 1000000000, "100000"),
    NUMBER("--first", first, 0, 4000000000, "0, number of the first device"),
    WORD("--spread", spread, "uniform zipf", "; which devices come"),
    NUMBER("--apps", apps, 1, 1000000,
           "1; if more, the key's last 6 characters are the app's number"),
    NUMBER("--values", values, 1, 100000, "40, different ones of _device"),
    NUMBER("--days", days, 1, 3650,
           "1, the last days that timestamps are spread over; 1 for now"),
    WORD("--mix", mix, "begin session refresh",
         "; what a device does, in a session it begins, extends twice and "
         "ends"),
    WORD("--form", form, "get post bulk", "; how it is sent"),
    NUMBER("--bulk", bulk, 1, 10000, "10, items of a bulk body"),
    NUMBER("--read-percent", read_percent, 0, 100,
           "0, requests that are reads instead"),
    TEXT("--read-path", read_path, "path and query of a read"),
    NUMBER("--requests", requests, 0, UINT_MAX,
           "0, answers after which it ends, instead of by time"),
    NUMBER("--seconds", seconds, 1, 86400, "10"),
    NUMBER("--warmup", warmup, 0, 86400,
           "1, seconds before the measured ones; none with --requests"),
    NUMBER("--rate", rate, 0, 10000000,
           "0, requests per second; 0 for as many as possible"),
    NUMBER("--tolerate", tolerate, 0, 999, "0, a status that is no error"),
    NUMBER("--pid", pid, 0, INT_MAX, "of the server, to tell its CPU time"),
    TEXT("--json", json, "file for the result"),
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: load --port N --app-key KEY [OPTION VALUE]...\n");
    for (size_t i = 0; i < ROWS; i++)
        fprintf(stderr, "  %-15s %s\n", rows[i].name, rows[i].help);
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

/* Which of the words it is, from 0. */
static unsigned word(const char *text, const char *words)
{
    size_t len = strlen(text);
    unsigned index = 0;

    for (const char *end; (end = strchr(words, ' '));
         words = end + 1, index++) {
        if ((size_t)(end - words) == len && !memcmp(words, text, len))
            return index;
    }
    usage();
}

static void set(struct flags *flags, const char *name, const char *value)
{
    size_t i = 0;
    while (i < ROWS && strcmp(rows[i].name, name) != 0)
        i++;
    if (i == ROWS)
        usage();

    void *field = (char *)flags + rows[i].offset;
    if (rows[i].max)
        *(unsigned *)field = number(value, rows[i].min, rows[i].max);
    else if (rows[i].words)
        *(unsigned *)field = word(value, rows[i].words);
    else
        *(const char **)field = value;
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
        .bulk = 10,
        .apps = 1,
        .values = 40,
        .days = 1,
    };

    if (argc % 2 == 0)
        usage();
    for (int i = 1; i < argc; i += 2)
        set(&flags, argv[i], argv[i + 1]);
    if (!flags.port || !flags.app_key ||
        (flags.read_percent && !flags.read_path))
        usage();
    return flags;
}
