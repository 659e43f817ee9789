/*
 * date.h - dates of the proleptic Gregorian calendar and their day numbers.
 *
 * A day number counts local days since 1970-01-01. Weeks are those of spec
 * B.5: week 1 begins on January 1st whatever the weekday, and week 53 holds
 * what is left of the year, one day or two.
 */
#ifndef ENGINE_DATE_H
#define ENGINE_DATE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    DATE_LAST_WEEK = 53,     /* every year has 53 weeks */
    DATE_LAST_DAY = 2932896, /* 9999-12-31 */
};

struct date {
    int year;
    int month; /* 1..12 */
    int day;   /* 1..31 */
    int yday;  /* 1..366 */
    int week;  /* 1..53 */
};

/* The date of any day number, negative ones included. */
struct date date_of_day(int32_t day);

/* The day number of a date. The month is 1..12; a day outside the month
 * counts on into its neighbours. */
int32_t date_to_day(int year, int month, int day);

bool date_is_leap(int year);
int date_days_in_year(int year);
int date_days_in_month(int year, int month);

/* Day numbers of the first and the last day of a week (1..53). */
int32_t date_week_first(int year, int week);
int32_t date_week_last(int year, int week);

/* 0 is Sunday, 6 is Saturday. */
int date_weekday(int32_t day);

#endif
