#include "metrics/plan.h"

#include "engine/date.h"

static void plan_period(const struct period *period, struct plan *plan)
{
    struct cover cover;

    plan->first = PLAN_LAST_YEAR;
    plan->last = PLAN_FIRST_YEAR - 1;
    period_years(period, &cover);
    for (unsigned i = 0; i < cover.count; i++) {
        int year = date_of_day(cover.list[i].day).year;
        if (year < PLAN_FIRST_YEAR || year > PLAN_LAST_YEAR)
            continue;
        plan->first = year < plan->first ? year : plan->first;
        plan->last = year > plan->last ? year : plan->last;
    }
    period_months(period, &cover);
    for (unsigned i = 0; i < cover.count; i++) {
        struct date date = date_of_day(cover.list[i].day);
        if (date.year < plan->first || date.year > plan->last)
            continue;
        plan->has[date.year - plan->first] = true;
        plan->months[date.year - plan->first] |=
            (uint16_t)(1 << (date.month - 1));
    }
    if (plan->last < plan->first)
        plan->first = plan->last = PLAN_FIRST_YEAR;
}

static void plan_today(struct date today, struct plan *plan)
{
    plan->first = today.year;
    plan->last = today.year;
    plan->has[0] = true;
    plan->months[0] = (uint16_t)(1 << (today.month - 1));
}

struct plan plan_of(enum timeobject_mode mode, const struct period *period)
{
    struct plan plan = {.first = PLAN_FIRST_YEAR, .last = PLAN_LAST_YEAR};

    if (mode == TIMEOBJECT_PERIOD)
        plan_period(period, &plan);
    else if (mode == TIMEOBJECT_REFRESH)
        plan_today(date_of_day(period->today), &plan);
    return plan;
}

bool plan_has_month(const struct plan *plan, int year, int month)
{
    return plan->months[year - plan->first] >> (month - 1) & 1;
}
