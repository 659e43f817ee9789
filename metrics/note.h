/*
 * note.h - the notes on an app's graphs (spec E.6).
 *
 * All of an app are one document of KIND_NOTE, {"notes": [...]} in the order
 * of their arrival. A tree of it is borrowed by the notes found in it.
 */
#ifndef METRICS_NOTE_H
#define METRICS_NOTE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/effect.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "metrics/app.h"
#include "metrics/json.h"
#include "metrics/member.h"

enum {
    NOTES_MAX = 200,      /* of an app, in DOCUMENT_SIZE_MAX bytes */
    NOTE_TEXT_MAX = 1000, /* bytes of a note */
    NOTE_WORD_MAX = 64,   /* bytes of its color or category */
    NOTE_EMAILS_MAX = 20,
    NOTE_LETTERS_SIZE = 16,
};

/* The notes of an app; without any an empty tree. Free it with cJSON_Delete().
 * TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err note_load(struct engine *engine, const struct app *app,
                         cJSON **notes);

/* Adds the effect that stores them; false when they are too long. */
bool note_put(struct batch *batch, const struct app *app, const cJSON *notes);

/* What is wrong with a note that was sent, NULL: nothing. */
const char *note_flaw(const cJSON *sent);

/* Adds a note that was sent and has no flaw; false when there are too many.
 * `now` in UTC milliseconds. */
bool note_add(cJSON *notes, const cJSON *sent, const struct member *owner,
              int64_t now);

/* Takes over what was sent instead. */
void note_edit(cJSON *note, const cJSON *sent, int64_t now);

/* NULL when there is none of that _id. */
cJSON *note_find(const cJSON *notes, struct text id);

/* The first; its `next` is the next. NULL when there is none. */
cJSON *note_first(const cJSON *notes);

/* Its own, a public one, or one that is shared with the member's email. */
bool note_is_shown(const cJSON *note, const struct member *member);

/* Its own; an administrator of the app changes any. */
bool note_may_change(const cJSON *note, const struct app *app,
                     const struct member *member);

/* When it is about, UTC milliseconds; `ts` may be in seconds. */
int64_t note_time(const cJSON *note);

/* A, B ... Z, AA, AB ...: the number-th, from 0. */
void note_letters(uint32_t number, char letters[static NOTE_LETTERS_SIZE]);

#endif
