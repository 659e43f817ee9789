#include "metrics/figure.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    HOUR_MINUTES = 60,
    DAY_MINUTES = 1440,
    YEAR_MINUTES = 525600,
    YEARS_FROM = 142560, /* 99 days */
    THOUSANDS_FROM = 10000,
    MILLIONS_FROM = 1000000,
};

/* printf() rounds a tie to even; one decimal can only tie at .25 and .75,
 * which a double holds exactly. */
void figure_print(char text[FIGURE_SIZE], double value)
{
    double quarters = fabs(value) * 4;
    bool is_tie = fmod(quarters, 2) == 1;
    int len = snprintf(text, FIGURE_SIZE, "%.1f",
                       is_tie ? value + copysign(0.01, value) : value);

    assert(len > 0 && len < FIGURE_SIZE);
    if (strcmp(text, "-0.0") == 0)
        snprintf(text, FIGURE_SIZE, "0.0");
}

static void print_with(char text[FIGURE_SIZE], double value, const char *unit)
{
    figure_print(text, value);
    size_t len = strlen(text);
    snprintf(text + len, FIGURE_SIZE - len, "%s", unit);
}

void figure_print_time(char text[FIGURE_SIZE], double minutes)
{
    if (minutes >= YEARS_FROM)
        print_with(text, minutes / YEAR_MINUTES, " years");
    else if (minutes >= DAY_MINUTES)
        print_with(text, minutes / DAY_MINUTES, " days");
    else if (minutes >= HOUR_MINUTES)
        print_with(text, minutes / HOUR_MINUTES, " hours");
    else
        print_with(text, minutes, " min");
}

int64_t figure_share(int64_t part, int64_t whole)
{
    if (whole <= 0 || part <= 0)
        return 0;
    return (int64_t)floor((double)part * 1000 / (double)whole + 0.5);
}

void figure_print_share(char text[FIGURE_SIZE], int64_t share)
{
    snprintf(text, FIGURE_SIZE, "%lld.%lld", (long long)(share / 10),
             (long long)(share % 10));
}

/* One decimal that is not shown when it is zero, and a unit. */
static void print_percent(char text[FIGURE_SIZE], double percent)
{
    const char *unit = "%";

    if (percent >= MILLIONS_FROM) {
        percent /= MILLIONS_FROM;
        unit = "M%";
    } else if (percent >= THOUSANDS_FROM) {
        percent /= 1000;
        unit = "K%";
    }
    figure_print(text, percent);
    size_t len = strlen(text);
    if (text[len - 1] == '0')
        len -= 2;
    snprintf(text + len, FIGURE_SIZE - len, "%s", unit);
}

struct figure_change figure_change(double current, double previous)
{
    struct figure_change change = {.text = "NA", .trend = "u"};

    if (previous == 0)
        return change;
    if (current == 0) {
        snprintf(change.text, FIGURE_SIZE, "\xe2\x88\x9e");
        change.trend = "d";
        return change;
    }
    print_percent(change.text, (current - previous) * 100 / previous);
    if (change.text[0] == '-')
        change.trend = "d";
    return change;
}
