/*
 * agent_file.h - the file with the rules by which user agents are read.
 */
#ifndef HTTP_AGENT_FILE_H
#define HTTP_AGENT_FILE_H

#include "engine/error.h"
#include "metrics/agent.h"

enum { AGENT_FILE_REASON_SIZE = 384 };

/* Reads the file `path`; when that is empty the one that Debian's uap-core
 * installs, or none (NULL) when it is not there. On failure `reason` is one
 * line for the operator. TALLY_ERR_IO, TALLY_ERR_TOO_BIG past 16 MB,
 * TALLY_ERR_INVALID. */
TALLY_MUST_CHECK
enum tally_err agent_file_read(const char *path, struct agents **agents,
                               char reason[static AGENT_FILE_REASON_SIZE]);

#endif
