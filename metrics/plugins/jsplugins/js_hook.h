/*
 * js_hook.h - the hooks that plugins in JavaScript listen to, and how Node is
 * asked at each.
 */
#ifndef METRICS_PLUGINS_JSPLUGINS_JS_HOOK_H
#define METRICS_PLUGINS_JSPLUGINS_JS_HOOK_H

#include <stdbool.h>
#include <stdint.h>

enum { JS_HOOKS_MAX = 256, JS_PATH_SIZE = 128 };

enum js_kind {
    JS_TELL,       /* nobody waits */
    JS_AFTER,      /* the answer waits */
    JS_SDK,        /* /sdk, /session/metrics and /i/events, before deciding */
    JS_ANY,        /* the path / */
    JS_PERMISSION, /* /validation/user, asked at / */
    JS_ASK,        /* /o and paths of plugins: they answer */
    JS_NOT_HERE,   /* cannot be listened to */
};

/* What of JS_SDK has listeners. */
enum {
    JS_WANTS_SDK = 1 << 0,
    JS_WANTS_METRICS = 1 << 1,
    JS_WANTS_EVENTS = 1 << 2,
};

struct jsplugins;

struct js_hook {
    struct jsplugins *js;
    char path[JS_PATH_SIZE]; /* that of the server's hook */
    enum js_kind kind;
    unsigned wants;
    uint64_t members; /* who listens, by number */
};

struct js_hooks {
    struct js_hook list[JS_HOOKS_MAX];
    unsigned count;
};

/* The name that Node knows. */
const char *js_kind_name(enum js_kind kind);

/* Adds listeners to what a path of a plugin's belongs to. NULL when there is
 * no room, or the path is too long. */
struct js_hook *js_hooks_add(struct js_hooks *hooks, const char *path,
                             uint64_t members);

#endif
