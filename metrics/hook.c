#include "metrics/hook.h"

static const struct {
    const char *path;
    enum hook_wait wait;
} hooks[HOOK_COUNT] = {
    [HOOK_MASTER] = {"/master", HOOK_WAITS_NOT},
    [HOOK_WORKER] = {"/worker", HOOK_WAITS_NOT},
    [HOOK_ANY] = {"/", HOOK_WAITS_BEFORE},
    [HOOK_SDK] = {"/sdk", HOOK_WAITS_BEFORE},
    [HOOK_SDK_END] = {"/sdk/end", HOOK_WAITS_NOT},
    [HOOK_I] = {"/i", HOOK_WAITS_AFTER},
    [HOOK_O] = {"/o", HOOK_WAITS_BEFORE},
    [HOOK_O_VALIDATE] = {"/o/validate", HOOK_WAITS_NOT},
    [HOOK_VALIDATION_USER] = {"/validation/user", HOOK_WAITS_NOT},
    [HOOK_EVENT] = {"/i/events", HOOK_WAITS_AFTER},
    [HOOK_SESSION_BEGIN] = {"/session/begin", HOOK_WAITS_AFTER},
    [HOOK_SESSION_EXTEND] = {"/session/extend", HOOK_WAITS_AFTER},
    [HOOK_SESSION_END] = {"/session/end", HOOK_WAITS_AFTER},
    [HOOK_SESSION_POST] = {"/session/post", HOOK_WAITS_AFTER},
    [HOOK_SESSION_DURATION] = {"/session/duration", HOOK_WAITS_AFTER},
    [HOOK_SESSION_USER] = {"/session/user", HOOK_WAITS_AFTER},
    [HOOK_SESSION_METRICS] = {"/session/metrics", HOOK_WAITS_AFTER},
    [HOOK_SESSION_RETENTION] = {"/session/retention", HOOK_WAITS_AFTER},
    [HOOK_TOTAL_USERS] = {"/o/method/total_users", HOOK_WAITS_NOT},
    [HOOK_APP_CREATE] = {"/i/apps/create", HOOK_WAITS_AFTER},
    [HOOK_APP_UPDATE] = {"/i/apps/update", HOOK_WAITS_AFTER},
    [HOOK_APP_RESET] = {"/i/apps/reset", HOOK_WAITS_AFTER},
    [HOOK_APP_CLEAR] = {"/i/apps/clear", HOOK_WAITS_AFTER},
    [HOOK_APP_CLEAR_ALL] = {"/i/apps/clear_all", HOOK_WAITS_AFTER},
    [HOOK_APP_DELETE] = {"/i/apps/delete", HOOK_WAITS_AFTER},
    [HOOK_MEMBER_CREATE] = {"/i/users/create", HOOK_WAITS_AFTER},
    [HOOK_MEMBER_UPDATE] = {"/i/users/update", HOOK_WAITS_AFTER},
    [HOOK_MEMBER_DELETE] = {"/i/users/delete", HOOK_WAITS_AFTER},
    [HOOK_USER_CREATE] = {"/i/app_users/create", HOOK_WAITS_AFTER},
    [HOOK_USER_UPDATE] = {"/i/app_users/update", HOOK_WAITS_AFTER},
    [HOOK_USER_DELETE] = {"/i/app_users/delete", HOOK_WAITS_AFTER},
    [HOOK_USER_EXPORT] = {"/i/app_users/export", HOOK_WAITS_AFTER},
    [HOOK_DEVICE_ID] = {"/i/device_id", HOOK_WAITS_AFTER},
    [HOOK_SYSTEM_LOGS] = {"/systemlogs", HOOK_WAITS_AFTER},
    [HOOK_DRILL] = {"/plugins/drill", HOOK_WAITS_AFTER},
    [HOOK_VIEW_DURATION] = {"/view/duration", HOOK_WAITS_AFTER},
    [HOOK_CONSENT_CHANGE] = {"/consent/change", HOOK_WAITS_AFTER},
};

const char *hook_path(enum hook hook)
{
    return hooks[hook].path;
}

enum hook_wait hook_wait(enum hook hook)
{
    return hook == HOOK_COUNT ? HOOK_WAITS_BEFORE : hooks[hook].wait;
}

enum hook hook_of(struct text path)
{
    for (int i = 0; i < HOOK_COUNT; i++) {
        if (text_is(path, hooks[i].path))
            return (enum hook)i;
    }
    return HOOK_COUNT;
}
