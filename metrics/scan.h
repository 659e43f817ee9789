/*
 * scan.h - walks over JSON text strictly, without building anything.
 *
 * A value is found as the text it has in the source; containers are checked
 * down to their last byte before they are handed out, and can be walked with
 * a scan of their own. Everything borrows from the source. The source is
 * UTF-8 already (see utf8.h): the scan looks at JSON's own rules only.
 */
#ifndef METRICS_SCAN_H
#define METRICS_SCAN_H

#include <stdbool.h>

#include "engine/text.h"

enum { SCAN_DEPTH_MAX = 32, SCAN_NUMBER_MAX = 32 };

enum scan_kind {
    SCAN_STRING, /* text is what stands between the quotes */
    SCAN_NUMBER,
    SCAN_BOOL,
    SCAN_NULL,
    SCAN_OBJECT, /* text includes the braces */
    SCAN_ARRAY,
};

struct scan_value {
    enum scan_kind kind;
    struct text text;
    bool has_escapes; /* a string that scan_decode() must decode */
};

struct scan {
    const char *at;
    const char *end;
    /* private state */
    unsigned depth;
    bool wants_comma;
};

enum scan_step { SCAN_MORE, SCAN_END, SCAN_BAD };

void scan_init(struct scan *scan, struct text source);

/* Reads one value. False when it is malformed, deeper than SCAN_DEPTH_MAX or
 * a number longer than SCAN_NUMBER_MAX. */
bool scan_read(struct scan *scan, struct scan_value *value);

/* Reads the one value that a whole text is; false when it is not just that. */
bool scan_one(struct text source, struct scan_value *value);

/* A value as it stands in the source: a string with its quotes. */
struct text scan_source(const struct scan_value *value);

/* True when only blanks are left. */
bool scan_is_over(struct scan *scan);

/* Steps into an object or array: `bracket` is `{` or `[`. */
bool scan_enter(struct scan *scan, char bracket);

/* The next member of the object that was entered; SCAN_END consumes the
 * closing brace. */
enum scan_step scan_member(struct scan *scan, struct scan_value *key,
                           struct scan_value *value);

/* The same for an array. */
enum scan_step scan_item(struct scan *scan, struct scan_value *value);

/* Decodes the escapes of a string to `out`, which has room for text.len
 * bytes. A surrogate without its other half becomes U+FFFD. Returns the bytes
 * written. */
size_t scan_decode(char *out, struct text string);

#endif
