/*
 * template.h - a text with blanks for digits, so that a request is a copy of
 * it with a few numbers filled in.
 *
 * Every blank has a fixed width: all copies are equally long.
 */
#ifndef BENCH_TEMPLATE_H
#define BENCH_TEMPLATE_H

#include <stdint.h>

#include "engine/buffer.h"

enum blank {
    BLANK_NONE,
    BLANK_APP,
    BLANK_DEVICE,
    BLANK_MODEL,
    BLANK_SERIAL,
    BLANK_TIME,
    BLANKS
};

/* Stands for a blank in a text that is added: the byte of its number. */
#define MARK_APP "\1"
#define MARK_DEVICE "\2"
#define MARK_MODEL "\3"
#define MARK_SERIAL "\4"
#define MARK_TIME "\5"

enum { TEMPLATE_MAX = 8192 };

enum {
    APP_DIGITS = 6,
    DEVICE_DIGITS = 10,
    MODEL_DIGITS = 5,
    SERIAL_DIGITS = 10,
    TIME_DIGITS = 13,
};

/* Zeroed: an empty one without memory. */
struct template
{
    struct buffer text;  /* "0" in the blanks; whole unless it is too long */
    uint32_t at[BLANKS]; /* where they stand, 0 for nowhere */
};

/* What the blanks are filled with. */
struct filling {
    uint64_t device;
    unsigned app;
    unsigned model;
    const char *serial; /* SERIAL_DIGITS digits */
    const char *time;   /* TIME_DIGITS digits */
};

/* At most one blank of a kind, and not as the first byte. */
void template_add(struct template *template, const char *text);

/* The same, percent-encoded as encodeURIComponent() does for this text. */
void template_add_encoded(struct template *template, const char *text);

/* A finished one is empty again. */
void template_finish(struct template *template);

/* Writes template->text.len bytes and returns that. There are blanks for
 * device, serial and time; model and app may be missing. */
size_t template_write(const struct template *template,
                      const struct filling *filling, char *out);

/* `count` digits with leading zeros. */
void template_write_digits(char *out, unsigned count, uint64_t value);

#endif
