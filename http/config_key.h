/*
 * config_key.h - the table of configuration keys, and one value as text.
 *
 * Numbers are decimal; sizes may end in k, m or g (1024, not 1000); booleans
 * are true or false.
 */
#ifndef HTTP_CONFIG_KEY_H
#define HTTP_CONFIG_KEY_H

#include "http/config.h"

enum { CONFIG_VARIABLE_SIZE = CONFIG_SETTING_NAME_SIZE + 8 };

enum config_kind {
    CONFIG_KIND_DIR,     /* char[], not empty */
    CONFIG_KIND_ADDRESS, /* the same */
    CONFIG_KIND_LEVEL,   /* char[], a level of the journal */
    CONFIG_KIND_PATH,    /* char[], may be empty; not in the file */
    CONFIG_KIND_COUNT,   /* unsigned of 32 or 64 bits */
    CONFIG_KIND_SIZE,    /* the same, in bytes */
    CONFIG_KIND_BOOL,
    CONFIG_KIND_FILE,     /* char[], may be empty */
    CONFIG_KIND_FOLDER,   /* the same, a directory */
    CONFIG_KIND_NAMES,    /* char[], names with commas, may be empty */
    CONFIG_KIND_NETWORKS, /* struct networks */
    CONFIG_KIND_METRICS,  /* struct additions */
};

struct config_key {
    const char *name;
    enum config_kind kind;
    size_t offset; /* in struct config */
    size_t size;   /* of the field */
    uint64_t minimum;
    uint64_t maximum;
    const char *standard; /* "0": 0 is allowed below the minimum, too */
    const char *help;
    bool is_reloaded; /* on SIGHUP */
};

/* All keys, `config_key_count` of them. */
extern const struct config_key config_keys[];
extern const unsigned config_key_count;

/* The position in the table, or config_key_count. */
unsigned config_key_find(struct text name);

/* The variable of the environment that is for a key. */
void config_key_variable(const char *name,
                         char variable[static CONFIG_VARIABLE_SIZE]);

/* Sets the field. `reason` says what is wrong with the value alone.
 * TALLY_ERR_INVALID, TALLY_ERR_RANGE. */
TALLY_MUST_CHECK
enum tally_err config_key_read(const struct config_key *key, struct text value,
                               struct config *config,
                               char reason[static CONFIG_REASON_SIZE]);

/* Adds the value in the form that config_key_read() takes. */
void config_key_write(const struct config_key *key, const struct config *config,
                      struct buffer *out);

/* The value of a number or a boolean. */
uint64_t config_key_number(const struct config_key *key,
                           const struct config *config);

#endif
