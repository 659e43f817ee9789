/*
 * figure.h - numbers as the texts of a dashboard (spec D.7.3).
 *
 * One decimal, rounded as JavaScript's toFixed() does: to the nearest, a tie
 * away from zero.
 */
#ifndef METRICS_FIGURE_H
#define METRICS_FIGURE_H

#include <stdint.h>

enum { FIGURE_SIZE = 40 }; /* more than the longest text and its NUL */

/* "5.0"; `value` is a quotient of counters, never infinite. */
void figure_print(char text[FIGURE_SIZE], double value);

/* "7.8 min", "8.1 hours", "2.0 days", "0.5 years". */
void figure_print_time(char text[FIGURE_SIZE], double minutes);

/* The share of `part` in `whole`, in tenths of a percent; 0 of nothing. */
int64_t figure_share(int64_t part, int64_t whole);

/* A share as text: "56.3". */
void figure_print_share(char text[FIGURE_SIZE], int64_t share);

/* How a figure compares with the one before. */
struct figure_change {
    char text[FIGURE_SIZE]; /* "-22.2%", "12.3K%", "NA", infinity */
    const char *trend;      /* "u" or "d" */
};
struct figure_change figure_change(double current, double previous);

#endif
