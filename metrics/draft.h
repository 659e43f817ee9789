/*
 * draft.h - a name under construction, before it is escaped and cut.
 *
 * Escaping takes away one byte at most, so what no longer fits the draft
 * would not fit the name: it is left out silently.
 */
#ifndef METRICS_DRAFT_H
#define METRICS_DRAFT_H

#include <stddef.h>
#include <stdint.h>

#include "engine/text.h"

enum { DRAFT_SIZE = 512 };

struct draft {
    size_t len;
    char bytes[DRAFT_SIZE];
};

void draft_add(struct draft *draft, struct text text);
void draft_add_string(struct draft *draft, const char *string);
void draft_add_code_point(struct draft *draft, uint32_t code);

/* Takes the first character off a text that is not empty and returns its
 * code point; a broken sequence is U+FFFD. */
uint32_t draft_take_character(struct text *text);

#endif
