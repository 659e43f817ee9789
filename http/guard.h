/*
 * guard.h - looks at the raw head of a request before the parser does.
 *
 * Some things do not show in what llhttp reports: header fields that go on on
 * the next line, lines that end in a bare LF, blanks too many in the request
 * line (other servers may read all these otherwise, so they are refused), and
 * how many bytes the head really takes.
 */
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/text.h"

enum guard_verdict {
    GUARD_PASS,
    GUARD_MALFORMED,
    GUARD_TOO_BIG, /* more bytes of header fields than allowed */
};

struct guard {
    /* private state */
    int state;
    bool in_fields;
    bool has_cr;
    unsigned blanks;
    size_t bytes;
    size_t limit;
};

/* `limit`: bytes of the header fields with their line ends. */
void guard_init(struct guard *guard, size_t limit);

/* Looks at the next bytes of a request; what follows the head is ignored. */
enum guard_verdict guard_scan(struct guard *guard, struct text bytes);

#endif
