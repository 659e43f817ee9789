/*
 * user_hook.h - the hooks of app users that are created, changed, deleted or
 * exported by hand (spec F.2), and what they tell /systemlogs.
 */
#ifndef METRICS_USER_HOOK_H
#define METRICS_USER_HOOK_H

#include <stdint.h>

#include "metrics/call.h"
#include "metrics/user_admin.h"

/* Fires one of HOOK_USER_CREATE to HOOK_USER_EXPORT for a user, whose effects
 * are in tally->batch; those of handlers join them. Does nothing unless
 * admin->hooks is set. */
void user_hook_fire(const struct user_admin *admin, enum hook hook,
                    uint32_t ordinal);

#endif
