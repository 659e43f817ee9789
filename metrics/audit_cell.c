#include "metrics/audit_cell.h"

#include "engine/series.h"

const char *audit_cell_field(enum cell_field field)
{
    static const char *const names[] = {"t", "n", "e", "d", "u"};

    return names[field];
}

void audit_cell_signs(struct scope *scope, uint32_t set,
                      const struct series_cell *cell)
{
    for (int i = 0; i < CELL_FIELDS; i++) {
        if (cell->at[i] < 0)
            scope_add(scope, (struct finding){
                                 .rule = FINDING_NEGATIVE,
                                 .set = set,
                                 .day = cell->day,
                                 .value = cell->value,
                                 .of = audit_cell_field((enum cell_field)i),
                                 .is = cell->at[i]});
    }
}

void audit_cell_order(struct scope *scope, uint32_t set,
                      const struct series_cell *cell)
{
    static const struct {
        const char *of;
        enum cell_field less;
        enum cell_field more;
    } pairs[] = {
        {"n of u", CELL_N, CELL_U},
        {"u of t", CELL_U, CELL_T},
        {"t of e", CELL_T, CELL_E},
    };
    int count = set == SET_USERS ? 3 : 2;

    for (int i = 0; i < count; i++)
        scope_at_most(scope,
                      (struct finding){.rule = FINDING_ORDER,
                                       .set = set,
                                       .day = cell->day,
                                       .value = cell->value,
                                       .of = pairs[i].of,
                                       .is = cell->at[pairs[i].less],
                                       .against = cell->at[pairs[i].more]});
}
