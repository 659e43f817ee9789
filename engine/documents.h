/*
 * documents.h - reading all documents of a kind as they are now.
 */
#ifndef ENGINE_DOCUMENTS_H
#define ENGINE_DOCUMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "engine/error.h"
#include "engine/text.h"

/* On the loop thread. Calls fn for every document of a kind, in no order;
 * stops when fn returns false. The texts live until fn returns.
 * TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
typedef bool (*document_fn)(void *user, struct text name, struct text value);
TALLY_MUST_CHECK
enum tally_err documents_each(struct engine *engine, uint8_t kind,
                              document_fn fn, void *user);

#endif
