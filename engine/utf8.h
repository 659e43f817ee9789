/*
 * utf8.h - which bytes are UTF-8, and what stands for those that are not.
 *
 * Broken sequences are replaced the way browsers and Node do it: one U+FFFD
 * for the longest run of bytes that could have begun a character, else for a
 * single byte. Overlong forms and surrogates are broken.
 */
#ifndef ENGINE_UTF8_H
#define ENGINE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "engine/text.h"

enum { UTF8_MAX = 4 };

/* The three bytes of U+FFFD. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/* Bytes of the character that begins `text`, which is not empty: positive
 * when it is well-formed, else minus the bytes that one U+FFFD replaces. */
int utf8_next(struct text text);

/* Length of the longest well-formed beginning. */
size_t utf8_valid_length(struct text text);

/* Bytes that utf8_repair() writes; text.len when all is well-formed. */
size_t utf8_repaired_length(struct text text);

/* Copies `text` to `out`, which has room for utf8_repaired_length() bytes,
 * with U+FFFD for what is broken. Returns the bytes written. */
size_t utf8_repair(char *out, struct text text);

/* Writes the code point and returns its bytes; a surrogate or a number beyond
 * U+10FFFF is written as U+FFFD. */
unsigned utf8_encode(char out[UTF8_MAX], uint32_t code);

#endif
