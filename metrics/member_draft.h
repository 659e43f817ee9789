/*
 * member_draft.h - a member as a management call wants it to be (spec E.2).
 *
 * Reads what was sent over what there was, and lists everything that is wrong
 * with it at once.
 */
#ifndef METRICS_MEMBER_DRAFT_H
#define METRICS_MEMBER_DRAFT_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "engine/buffer.h"
#include "metrics/member.h"
#include "metrics/registry.h"

struct member_draft {
    struct member member; /* borrows from args, the old member and below */
    struct permission_source permission;
    const char *password; /* the new one in plain; NULL: none was sent */
    unsigned flaws;       /* how many texts were listed */
    /* private state */
    const struct registry *registry;
    char username[MEMBER_TEXT_MAX + 1];
    char email[MEMBER_TEXT_MAX + 1];
};

/* Starts from `old`, or from nothing with NULL: then full_name, username,
 * password and email are required. With flaws, `out` gets the body
 * {"result": [texts]}; otherwise it is left as it is. */
void member_draft_read(struct member_draft *draft,
                       const struct registry *registry,
                       const struct member *old, const cJSON *args,
                       struct buffer *out);

#endif
