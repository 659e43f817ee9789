#include "metrics/plugins/jsplugins/js_hook.h"

#include <stdio.h>
#include <string.h>

/* Paths that are not here are plugins' own. */
static const struct {
    const char *path;
    const char *at; /* the hook where Node is asked; NULL: the same */
    enum js_kind kind;
    unsigned wants;
} places[] = {
    {"/", NULL, JS_ANY, 0},
    {"/validation/user", "/", JS_PERMISSION, 0},
    {"/sdk", "/sdk", JS_SDK, JS_WANTS_SDK},
    {"/session/metrics", "/sdk", JS_SDK, JS_WANTS_METRICS},
    {"/i/events", "/sdk", JS_SDK, JS_WANTS_EVENTS},
    {"/o", NULL, JS_ASK, 0},
    {"/i", NULL, JS_AFTER, 0},
    {"/i/apps/create", NULL, JS_AFTER, 0},
    {"/i/apps/update", NULL, JS_AFTER, 0},
    {"/i/apps/reset", NULL, JS_AFTER, 0},
    {"/i/apps/clear", NULL, JS_AFTER, 0},
    {"/i/apps/clear_all", NULL, JS_AFTER, 0},
    {"/i/apps/delete", NULL, JS_AFTER, 0},
    {"/i/users/create", NULL, JS_AFTER, 0},
    {"/i/users/update", NULL, JS_AFTER, 0},
    {"/i/users/delete", NULL, JS_AFTER, 0},
    {"/i/app_users/create", NULL, JS_AFTER, 0},
    {"/i/app_users/update", NULL, JS_AFTER, 0},
    {"/i/app_users/delete", NULL, JS_AFTER, 0},
    {"/i/app_users/export", NULL, JS_AFTER, 0},
    {"/master", NULL, JS_TELL, 0},
    {"/worker", NULL, JS_TELL, 0},
    {"/sdk/end", NULL, JS_TELL, 0},
    {"/o/validate", NULL, JS_TELL, 0},
    {"/session/begin", NULL, JS_TELL, 0},
    {"/session/extend", NULL, JS_TELL, 0},
    {"/session/end", NULL, JS_TELL, 0},
    {"/session/post", NULL, JS_TELL, 0},
    {"/session/duration", NULL, JS_TELL, 0},
    {"/session/user", NULL, JS_TELL, 0},
    {"/session/retention", NULL, JS_TELL, 0},
    {"/i/device_id", NULL, JS_TELL, 0},
    {"/systemlogs", NULL, JS_TELL, 0},
    {"/plugins/drill", NULL, JS_TELL, 0},
    {"/view/duration", NULL, JS_TELL, 0},
    {"/consent/change", NULL, JS_TELL, 0},
    {"/o/method/total_users", NULL, JS_NOT_HERE, 0},
};

static const char *const kind_names[] = {
    [JS_TELL] = "tell",   [JS_AFTER] = "after", [JS_SDK] = "sdk",
    [JS_ANY] = "any",     [JS_ASK] = "ask",     [JS_PERMISSION] = "permission",
    [JS_NOT_HERE] = NULL,
};

const char *js_kind_name(enum js_kind kind)
{
    return kind_names[kind];
}

/* Paths of plugins have two segments for the server: Node sorts out what lies
 * below. */
static void cut_path(struct js_hook *hook, const char *path)
{
    const char *second = strchr(path + 1, '/');
    const char *third = second ? strchr(second + 1, '/') : NULL;
    size_t len = third ? (size_t)(third - path) : strlen(path);

    snprintf(hook->path, sizeof(hook->path), "%.*s", (int)len, path);
    hook->kind = JS_ASK;
}

static void place(struct js_hook *hook, const char *path)
{
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (strcmp(path, places[i].path) != 0)
            continue;
        snprintf(hook->path, sizeof(hook->path), "%s",
                 places[i].at ? places[i].at : path);
        hook->kind = places[i].kind;
        hook->wants = places[i].wants;
        return;
    }
    cut_path(hook, path);
}

struct js_hook *js_hooks_add(struct js_hooks *hooks, const char *path,
                             uint64_t members)
{
    struct js_hook added = {.members = members};

    if (path[0] != '/' || strlen(path) >= JS_PATH_SIZE)
        return NULL;
    place(&added, path);
    for (unsigned i = 0; i < hooks->count; i++) {
        struct js_hook *hook = &hooks->list[i];

        if (hook->kind == added.kind && strcmp(hook->path, added.path) == 0) {
            hook->members |= members;
            hook->wants |= added.wants;
            return hook;
        }
    }
    if (hooks->count == JS_HOOKS_MAX)
        return NULL;
    hooks->list[hooks->count] = added;
    return &hooks->list[hooks->count++];
}
