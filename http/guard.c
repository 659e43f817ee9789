#include "http/guard.h"

enum {
    BEFORE,     /* blank lines are allowed before the request line */
    IN_LINE,    /* up to its end */
    LINE_BEGIN, /* a new line, nothing of it seen */
    EMPTY_LINE, /* a new line that began with CR */
    OVER,       /* the head has ended */
    REQUEST_LINE_BLANKS = 2,
};

void guard_init(struct guard *guard, size_t limit)
{
    *guard = (struct guard){.state = BEFORE, .limit = limit};
}

static const char *scan_before(struct guard *guard, const char *at)
{
    if (*at == '\r' || *at == '\n')
        return at + 1;
    guard->state = IN_LINE;
    return at;
}

static unsigned count_blanks(const char *at, const char *stop)
{
    unsigned count = 0;

    for (; at < stop && (at = memchr(at, ' ', (size_t)(stop - at))); at++)
        count++;
    return count;
}

/* NULL when the line ends without a CR, or is a request line that has not
 * exactly two blanks. */
static const char *scan_line(struct guard *guard, const char *at,
                             const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    const char *stop = newline ? newline + 1 : end;

    if (guard->in_fields)
        guard->bytes += (size_t)(stop - at);
    else
        guard->blanks += count_blanks(at, stop);
    if (newline) {
        bool has_cr = newline > at ? newline[-1] == '\r' : guard->has_cr;
        if (!has_cr || guard->blanks != REQUEST_LINE_BLANKS)
            return NULL;
        guard->state = LINE_BEGIN;
        guard->in_fields = true;
    }
    guard->has_cr = stop[-1] == '\r';
    return stop;
}

/* NULL for a line that continues the one before. (A line that is nothing but
 * LF is seen by scan_line(): no CR stands before it.) */
static const char *scan_begin(struct guard *guard, const char *at)
{
    switch (*at) {
    case ' ':
    case '\t':
        return NULL;
    case '\r':
        guard->state = EMPTY_LINE;
        return at + 1;
    default:
        guard->has_cr = false;
        guard->state = IN_LINE;
        return at;
    }
}

static const char *scan_empty(struct guard *guard, const char *at)
{
    if (*at != '\n')
        return NULL;
    guard->state = OVER;
    return at + 1;
}

static const char *scan_step(struct guard *guard, const char *at,
                             const char *end)
{
    switch (guard->state) {
    case BEFORE:
        return scan_before(guard, at);
    case IN_LINE:
        return scan_line(guard, at, end);
    case LINE_BEGIN:
        return scan_begin(guard, at);
    default:
        return scan_empty(guard, at);
    }
}

enum guard_verdict guard_scan(struct guard *guard, struct text bytes)
{
    const char *at = bytes.at;
    const char *end = at + bytes.len;

    while (at < end && guard->state != OVER) {
        at = scan_step(guard, at, end);
        if (!at)
            return GUARD_MALFORMED;
        if (guard->bytes > guard->limit)
            return GUARD_TOO_BIG;
    }
    return GUARD_PASS;
}
