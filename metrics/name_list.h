/*
 * name_list.h - the names of a set's values, found by their ids.
 */
#ifndef METRICS_NAME_LIST_H
#define METRICS_NAME_LIST_H

#include <stdint.h>

#include "engine/buffer.h"
#include "engine/error.h"
#include "engine/reader.h"
#include "engine/text.h"

enum { NAME_LIST_MAX = 32 << 20 }; /* bytes of all names of a set */

struct name_list {
    /* private state */
    struct buffer bytes; /* a length byte and the name, one after another */
    uint32_t *places;    /* by id: where it begins, plus one; 0: none */
    uint32_t room;
};

/* The reader has captured the set. TALLY_ERR_TOO_BIG, TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO: there is nothing to finish. */
TALLY_MUST_CHECK
enum tally_err name_list_read(struct name_list *list, struct reader *reader,
                              uint32_t app, uint32_t set);

/* A zeroed list is fine. */
void name_list_finish(struct name_list *list);

/* Empty when there is none. */
struct text name_list_find(const struct name_list *list, uint32_t value);

#endif
