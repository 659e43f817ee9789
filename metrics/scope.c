#include "metrics/scope.h"

#include <stdlib.h>

#include "engine/key.h"
#include "engine/memory.h"
#include "engine/pack.h"

struct scope *scope_create(struct tally *tally, uint32_t number)
{
    struct scope *scope = memory_alloc(sizeof(*scope));

    scope->tally = tally;
    scope->app = number;
    scope->days = memory_alloc(SCOPE_DAYS * sizeof(*scope->days));
    scope->years = memory_alloc(SCOPE_YEARS * sizeof(*scope->years));
    scope->last_ordinal = scope_sequence(scope, 0, 0);
    scope->alive = memory_alloc(scope->last_ordinal / 8 + 1);
    scope->dead = memory_alloc(scope->last_ordinal / 8 + 1);
    return scope;
}

void scope_destroy(struct scope *scope)
{
    free(scope->days);
    free(scope->years);
    free(scope->alive);
    free(scope->dead);
    free(scope);
}

void scope_add(struct scope *scope, struct finding finding)
{
    finding.app = scope->app;
    finding_add(scope->findings, &finding);
}

void scope_at_most(struct scope *scope, struct finding finding)
{
    if (finding.is > finding.against)
        scope_add(scope, finding);
}

void scope_at_least(struct scope *scope, struct finding finding)
{
    if (finding.is < finding.against)
        scope_add(scope, finding);
}

void scope_equal(struct scope *scope, struct finding finding)
{
    if (finding.is != finding.against)
        scope_add(scope, finding);
}

void scope_check(struct scope *scope, uint32_t set, enum tally_err err)
{
    if (err)
        scope_add(scope, (struct finding){.rule = FINDING_READ,
                                          .set = set,
                                          .of = tally_err_text(err),
                                          .is = err});
}

uint32_t scope_sequence(struct scope *scope, uint32_t set, int year)
{
    struct key key = key_sequence(scope->app, set, year);
    struct text text;

    if (engine_get(scope->tally->engine, TABLE_SEQUENCES, key_text(&key),
                   &text) != TALLY_OK)
        return 0;
    struct unpack unpack = unpack_from(text);
    return unpack_u32(&unpack);
}
