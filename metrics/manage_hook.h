/*
 * manage_hook.h - the hooks that management calls fire (spec F.2), and what
 * they tell /systemlogs.
 *
 * They are fired once the call has been decided, for each app, member or token
 * that its effects change; what handlers do joins those effects.
 */
#ifndef METRICS_MANAGE_HOOK_H
#define METRICS_MANAGE_HOOK_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "metrics/manage.h"

/* What a call does, for whoever listens. */
enum deed {
    DEED_NONE,
    DEED_APP_CREATE,
    DEED_APP_UPDATE,
    DEED_APP_RESET,
    DEED_APP_DELETE,
    DEED_MEMBER_CREATE,
    DEED_MEMBER_UPDATE,
    DEED_MEMBER_DELETE,
    DEED_TOKEN_CREATE,
    DEED_TOKEN_DELETE,
    DEED_EVENTS_UPDATE,
    DEED_EVENTS_DELETE,
};

/* The call's effects begin at `start` of its batch. Does nothing unless
 * call->hooks is set. */
void manage_hook_fire(const struct manage *call, enum deed deed,
                      const cJSON *args, const struct pass *pass, size_t start);

#endif
