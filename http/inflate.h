/*
 * inflate.h - request bodies that came compressed.
 */
#ifndef HTTP_INFLATE_H
#define HTTP_INFLATE_H

#include "engine/buffer.h"
#include "engine/error.h"
#include "engine/text.h"

enum inflate_coding {
    INFLATE_GZIP,    /* one member or several */
    INFLATE_DEFLATE, /* with zlib's header, or bare as some clients send it */
};

/* Holds zlib's window for any number of bodies, one after the other. */
struct inflate;

struct inflate *inflate_create(void);
void inflate_destroy(struct inflate *inflater);

/* Adds the content of `body` to `out`. TALLY_ERR_TOO_BIG when it passes the
 * maximum of `out`; work stops there. TALLY_ERR_INVALID when it is damaged,
 * cut off, or followed by other bytes. */
TALLY_MUST_CHECK
enum tally_err inflate_add(struct inflate *inflater, enum inflate_coding coding,
                           struct text body, struct buffer *out);

#endif
