/*
 * form.h - query strings and form bodies as parameters (spec 0.4.18).
 *
 * Names and values are borrowed from the source where they stand in it
 * decoded, else they are copied to the arena. What is not UTF-8 becomes
 * U+FFFD.
 */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "engine/arena.h"
#include "engine/error.h"
#include "engine/text.h"
#include "metrics/params.h"

/* Decodes percent escapes; a `%` without two hex digits stays, `+` is a
 * blank. TALLY_ERR_TOO_BIG at the arena's limit. */
TALLY_MUST_CHECK
enum tally_err form_decode(struct arena *arena, struct text encoded,
                           struct text *decoded);

/* Adds the pairs of a query string or an urlencoded body.
 * TALLY_ERR_TOO_BIG as params_set(). */
TALLY_MUST_CHECK
enum tally_err form_add_encoded(struct params *params, struct arena *arena,
                                struct text encoded);

/* Adds the text fields of a multipart/form-data body as they stand; a value
 * that is percent-encoded from end to end is decoded once. Files are skipped.
 * `fields` gets the text fields as k=v&k=v, undecoded: what clients sign. It
 * lives as long as the arena.
 * TALLY_ERR_INVALID when it is malformed, TALLY_ERR_DENIED when a part is
 * multipart itself, TALLY_ERR_TOO_BIG as params_set(). */
TALLY_MUST_CHECK
enum tally_err form_add_multipart(struct params *params, struct arena *arena,
                                  struct text content_type, struct text body,
                                  struct text *fields);

/* A file of a multipart body; texts borrow from that. */
struct form_file {
    struct text field;
    struct text name;
    struct text type; /* may be empty */
    struct text content;
};

typedef void (*form_file_fn)(void *user, const struct form_file *file);

/* Tells the files of a body that form_add_multipart() has read. */
void form_each_file(struct text content_type, struct text body,
                    form_file_fn each, void *user);

#endif
