/*
 * import_member.h - members out of Countly's collection `members` (spec E.1).
 *
 * Their api keys and rights go on; their passwords do not, because Countly's
 * hashes are of many kinds: nobody can log in with one before it is set anew.
 */
#ifndef METRICS_IMPORT_MEMBER_H
#define METRICS_IMPORT_MEMBER_H

#include "metrics/import.h"

/* A member who is here already stays as is; an import of one app takes
 * none. */
void import_member_take(struct import *import, const cJSON *document);

#endif
