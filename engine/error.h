/*
 * error.h - the one error type of tallyd.
 *
 * A function that can fail returns enum tally_err and writes its results
 * through trailing pointers, which it leaves untouched on failure.
 * Codes are part of the plugin ABI: append, never reorder.
 */
#ifndef ENGINE_ERROR_H
#define ENGINE_ERROR_H

#define TALLY_ERR_MAP(X)                                      \
    X(TALLY_OK, "ok")                                         \
    X(TALLY_ERR_INVALID, "invalid value")                     \
    X(TALLY_ERR_RANGE, "value out of range")                  \
    X(TALLY_ERR_TOO_BIG, "value over its size limit")         \
    X(TALLY_ERR_NOT_FOUND, "not found")                       \
    X(TALLY_ERR_CORRUPT, "stored data is damaged")            \
    X(TALLY_ERR_FULL, "no room at present, try again later")  \
    X(TALLY_ERR_IO, "input or output failed")                 \
    X(TALLY_ERR_IN_USE, "already in use by another process")  \
    X(TALLY_ERR_VERSION, "written by another format version") \
    X(TALLY_ERR_EXISTS, "exists already")                     \
    X(TALLY_ERR_DENIED, "not allowed")                        \
    X(TALLY_ERR_MISMATCH, "the log and the base do not belong together")

enum tally_err {
#define X(code, text) code,
    TALLY_ERR_MAP(X)
#undef X
};

#define TALLY_MUST_CHECK __attribute__((warn_unused_result))

/* Returns a static, lower-case text for err; never NULL. */
const char *tally_err_text(enum tally_err err);

#endif
