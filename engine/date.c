#include "engine/date.h"

/*
 * Years are counted from March 1st here: the leap day is then the last day of
 * a year, and a month's place in the year does not depend on leap years. The
 * calendar repeats every 400 years.
 */
enum {
    DAYS_IN_WEEK = 7,
    DAYS_IN_YEAR = 365,
    DAYS_IN_4_YEARS = 4 * DAYS_IN_YEAR + 1,
    DAYS_IN_CENTURY = 25 * DAYS_IN_4_YEARS - 1,
    DAYS_IN_ERA = 4 * DAYS_IN_CENTURY + 1,
    YEARS_IN_ERA = 400,
    EPOCH = 719468, /* days from 0000-03-01 to 1970-01-01 */
};

static int64_t floor_div(int64_t value, int64_t divisor)
{
    return value / divisor - (value % divisor < 0);
}

bool date_is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % YEARS_IN_ERA == 0);
}

int date_days_in_year(int year)
{
    return DAYS_IN_YEAR + date_is_leap(year);
}

int date_days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && date_is_leap(year));
}

/* Days from March 1st to the first of the month `months` after March: five
 * months from a month of 31 days on hold 153 days. */
static int days_before_month(int months)
{
    return (153 * months + 2) / 5;
}

static int day_of_year(int year, int month, int day)
{
    if (month > 2)
        return days_before_month(month - 3) + day + 59 + date_is_leap(year);
    return (month - 1) * 31 + day;
}

struct date date_of_day(int32_t day)
{
    int64_t days = (int64_t)day + EPOCH;
    int64_t era = floor_div(days, DAYS_IN_ERA);
    int rest = (int)(days - era * DAYS_IN_ERA);

    /* The last day of an era and of four years is a leap day: it must not
     * start a fifth century or a fifth year. */
    int century = rest / DAYS_IN_CENTURY;
    century -= century == 4;
    rest -= century * DAYS_IN_CENTURY;
    int four = rest / DAYS_IN_4_YEARS;
    rest -= four * DAYS_IN_4_YEARS;
    int single = rest / DAYS_IN_YEAR;
    single -= single == 4;
    rest -= single * DAYS_IN_YEAR;

    int months = (5 * rest + 2) / 153;
    struct date date = {
        .year = (int)(era * YEARS_IN_ERA) + century * 100 + four * 4 + single +
                (months > 9),
        .month = months > 9 ? months - 9 : months + 3,
        .day = rest - days_before_month(months) + 1,
    };

    date.yday = day_of_year(date.year, date.month, date.day);
    date.week = (date.yday + DAYS_IN_WEEK - 1) / DAYS_IN_WEEK;
    return date;
}

int32_t date_to_day(int year, int month, int day)
{
    int64_t counted = year - (month < 3);
    int64_t era = floor_div(counted, YEARS_IN_ERA);
    int64_t in_era = counted - era * YEARS_IN_ERA;
    int months = month < 3 ? month + 9 : month - 3;

    return (int32_t)(era * DAYS_IN_ERA + in_era * DAYS_IN_YEAR + in_era / 4 -
                     in_era / 100 + days_before_month(months) + day - 1 -
                     EPOCH);
}

int32_t date_week_first(int year, int week)
{
    return date_to_day(year, 1, 1) + (week - 1) * DAYS_IN_WEEK;
}

int32_t date_week_last(int year, int week)
{
    if (week == DATE_LAST_WEEK)
        return date_to_day(year, 12, 31);
    return date_week_first(year, week) + DAYS_IN_WEEK - 1;
}

int date_weekday(int32_t day)
{
    int64_t thursday = 4; /* 1970-01-01 */
    int64_t days = day + thursday;

    return (int)(days - floor_div(days, DAYS_IN_WEEK) * DAYS_IN_WEEK);
}
