/*
 * config_file.h - the configuration file: lines `key = value`.
 *
 * Blanks around key and value do not count, nor do empty lines. A `#` at the
 * start of a line or behind a blank begins a comment. Of several lines for one
 * key the last one counts.
 */
#ifndef HTTP_CONFIG_FILE_H
#define HTTP_CONFIG_FILE_H

#include "http/config.h"

/* Sets what the file named by config->file says; none is fine. On failure
 * some keys may be set. TALLY_ERR_IO, TALLY_ERR_TOO_BIG (1 MB), and as
 * config_set() with the number of the line in `reason`. */
TALLY_MUST_CHECK
enum tally_err config_file_read(struct config *config,
                                char reason[static CONFIG_REASON_SIZE]);

#endif
