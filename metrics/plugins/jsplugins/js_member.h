/*
 * js_member.h - one plugin in JavaScript, and whether it is called at present:
 * one that is late several times in a row is left alone for a while.
 *
 * All of it is the socket thread's but is_suspended, which others read.
 */
#ifndef METRICS_PLUGINS_JSPLUGINS_JS_MEMBER_H
#define METRICS_PLUGINS_JSPLUGINS_JS_MEMBER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { JS_MEMBERS_MAX = 64, JS_MEMBER_NAME_SIZE = 65 };

struct js_member {
    char name[JS_MEMBER_NAME_SIZE];
    unsigned late;   /* calls in a row */
    int64_t back_at; /* ms; when it is called again */
    atomic_bool is_suspended;
};

struct js_members {
    struct js_member list[JS_MEMBERS_MAX];
    unsigned count;
};

/* The number of one, which is added when it is new; JS_MEMBERS_MAX when there
 * is no room. */
unsigned js_members_add(struct js_members *members, const char *name);

/* NULL when there is none. */
struct js_member *js_members_find(struct js_members *members, const char *name);

/* Whether all of a set (a bit for each number) are suspended. */
bool js_members_are_suspended(const struct js_members *members, uint64_t set);

/* It was late; true: that was once too often, it is suspended from now on. */
bool js_member_miss(struct js_member *member, unsigned most, int64_t back_at);

/* Those of a set have answered in time. */
void js_members_praise(struct js_members *members, uint64_t set);

/* Takes one back that has been suspended long enough; NULL: none. */
struct js_member *js_members_return(struct js_members *members, int64_t now);

#endif
