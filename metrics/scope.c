#include "metrics/scope.h"

#include <stdlib.h>

#include "engine/key.h"
#include "engine/memory.h"
#include "engine/pack.h"
#include "metrics/import.h"

struct scope *scope_create(struct tally *tally, uint32_t number)
{
    struct scope *scope = memory_alloc(sizeof(*scope));

    scope->tally = tally;
    scope->app = number;
    scope->days = memory_alloc(SCOPE_DAYS * sizeof(*scope->days));
    scope->years = memory_alloc(SCOPE_YEARS * sizeof(*scope->years));
    scope->imported_to = import_last_day(tally, number);
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

/* Rules on one record or one number alone. */
static bool holds_always(enum finding_rule rule)
{
    static const enum finding_rule rules[] = {
        FINDING_READ,   FINDING_NEGATIVE, FINDING_YEAR_TOTAL, FINDING_ORDINAL,
        FINDING_ID,     FINDING_USER,     FINDING_PROFILE,    FINDING_ALIAS,
        FINDING_DEAD,   FINDING_NAME,     FINDING_VALUE,      FINDING_ADMITTED,
        FINDING_RECENT, FINDING_DOCUMENT, FINDING_DROP,       FINDING_ORPHAN,
    };

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i] == rule)
            return true;
    }
    return false;
}

/* Days up to the import, their years, and what is of all days. */
static bool is_spared(const struct scope *scope, const struct finding *finding)
{
    if (scope->imported_to < 0 || holds_always(finding->rule))
        return false;
    if (finding->day > 0)
        return finding->day <= scope->imported_to;
    return finding->year <= date_of_day(scope->imported_to).year;
}

void scope_add(struct scope *scope, struct finding finding)
{
    if (is_spared(scope, &finding))
        return;
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
