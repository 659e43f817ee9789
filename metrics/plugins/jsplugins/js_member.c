#include "metrics/plugins/jsplugins/js_member.h"

#include <stdio.h>
#include <string.h>

struct js_member *js_members_find(struct js_members *members, const char *name)
{
    for (unsigned i = 0; i < members->count; i++) {
        if (strcmp(members->list[i].name, name) == 0)
            return &members->list[i];
    }
    return NULL;
}

unsigned js_members_add(struct js_members *members, const char *name)
{
    struct js_member *member = js_members_find(members, name);

    if (member)
        return (unsigned)(member - members->list);
    if (members->count == JS_MEMBERS_MAX || strlen(name) >= JS_MEMBER_NAME_SIZE)
        return JS_MEMBERS_MAX;
    member = &members->list[members->count];
    snprintf(member->name, sizeof(member->name), "%s", name);
    return members->count++;
}

bool js_members_are_suspended(const struct js_members *members, uint64_t set)
{
    for (unsigned i = 0; i < members->count; i++) {
        if (set >> i & 1 && !atomic_load(&members->list[i].is_suspended))
            return false;
    }
    return true;
}

bool js_member_miss(struct js_member *member, unsigned most, int64_t back_at)
{
    if (atomic_load(&member->is_suspended) || ++member->late < most)
        return false;
    member->late = 0;
    member->back_at = back_at;
    atomic_store(&member->is_suspended, true);
    return true;
}

void js_members_praise(struct js_members *members, uint64_t set)
{
    for (unsigned i = 0; i < members->count; i++) {
        if (set >> i & 1)
            members->list[i].late = 0;
    }
}

struct js_member *js_members_return(struct js_members *members, int64_t now)
{
    for (unsigned i = 0; i < members->count; i++) {
        struct js_member *member = &members->list[i];

        if (atomic_load(&member->is_suspended) && member->back_at <= now) {
            atomic_store(&member->is_suspended, false);
            return member;
        }
    }
    return NULL;
}
