/*
 * decimal.h - numbers as JavaScript prints them.
 */
#ifndef METRICS_DECIMAL_H
#define METRICS_DECIMAL_H

enum { DECIMAL_SIZE = 48 }; /* more than the longest text and its NUL */

/* Writes the shortest text that reads back the same: 1e21, 0.000001, 1e-7,
 * 0 for minus zero. `value` is finite. */
void decimal_print(char text[DECIMAL_SIZE], double value);

#endif
