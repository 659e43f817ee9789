/*
 * hook.h - the hooks of the core (spec F.2), as one table. Paths that are not
 * here are plugins' own.
 */
#ifndef METRICS_HOOK_H
#define METRICS_HOOK_H

#include "engine/text.h"

enum hook {
    HOOK_MASTER,
    HOOK_WORKER,
    HOOK_ANY, /* the path `/` */
    HOOK_SDK,
    HOOK_SDK_END,
    HOOK_I,
    HOOK_O,
    HOOK_O_VALIDATE,
    HOOK_VALIDATION_USER,
    HOOK_EVENT,
    HOOK_SESSION_BEGIN,
    HOOK_SESSION_EXTEND,
    HOOK_SESSION_END,
    HOOK_SESSION_POST,
    HOOK_SESSION_DURATION,
    HOOK_SESSION_USER,
    HOOK_SESSION_METRICS,
    HOOK_SESSION_RETENTION,
    HOOK_TOTAL_USERS,
    HOOK_APP_CREATE,
    HOOK_APP_UPDATE,
    HOOK_APP_RESET,
    HOOK_APP_CLEAR,
    HOOK_APP_CLEAR_ALL,
    HOOK_APP_DELETE,
    HOOK_MEMBER_CREATE,
    HOOK_MEMBER_UPDATE,
    HOOK_MEMBER_DELETE,
    HOOK_USER_CREATE, /* /i/app_users/create and so on */
    HOOK_USER_UPDATE,
    HOOK_USER_DELETE,
    HOOK_USER_EXPORT,
    HOOK_DEVICE_ID,
    HOOK_SYSTEM_LOGS,
    HOOK_DRILL,
    HOOK_VIEW_DURATION,
    HOOK_CONSENT_CHANGE,
    HOOK_COUNT, /* how many there are; also: a path of plugins' own */
};

/* When ASYNC is returned (tally_plugin.h, wait()). */
enum hook_wait {
    HOOK_WAITS_NOT,
    HOOK_WAITS_BEFORE, /* nothing has been decided yet; nothing is */
    HOOK_WAITS_AFTER,  /* the answer waits, for what has been decided */
};

const char *hook_path(enum hook hook);
enum hook_wait hook_wait(enum hook hook);

/* HOOK_COUNT for a path that is no hook's. */
enum hook hook_of(struct text path);

#endif
