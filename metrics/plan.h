/*
 * plan.h - which years and months a time object shows (spec D.3.1).
 */
#ifndef METRICS_PLAN_H
#define METRICS_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "metrics/period.h"
#include "metrics/timeobject.h"

/* Years whose every day has a place in the store. */
enum {
    PLAN_FIRST_YEAR = 1970,
    PLAN_LAST_YEAR = 2148,
    PLAN_YEARS_MAX = PLAN_LAST_YEAR - PLAN_FIRST_YEAR + 1,
    PLAN_ALL_MONTHS = 0xfff,
};

/* Which years to write, and of which of their months the days. */
struct plan {
    int first;
    int last;
    uint16_t months[PLAN_YEARS_MAX]; /* bit 0: January; by year from `first` */
    bool has[PLAN_YEARS_MAX];
};

/* TIMEOBJECT_FULL gives all years; the caller fills in which are there. */
struct plan plan_of(enum timeobject_mode mode, const struct period *period);

bool plan_has_month(const struct plan *plan, int year, int month);

#endif
