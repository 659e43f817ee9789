/*
 * meta.h - the bytes of a base's meta record.
 *
 * For store.c alone: store.h says what a meta is.
 */
#ifndef ENGINE_META_H
#define ENGINE_META_H

#include <stdint.h>

#include "engine/effect.h"
#include "engine/error.h"
#include "engine/store.h"
#include "engine/text.h"

enum { META_SIZE = 64 + EFFECT_KEY_MAX };

/* The record, in `bytes`. */
struct text meta_pack(const struct store_meta *meta,
                      uint8_t bytes[static META_SIZE]);

/* TALLY_ERR_VERSION for another format, TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err meta_unpack(struct text text, struct store_meta *meta);

#endif
