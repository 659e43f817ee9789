#include "metrics/decimal.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIGITS_MAX = 17,     /* enough for every double */
    DIGITS_SAFE = 15,    /* any decimal of so many digits survives a double */
    POSITIONAL_MAX = 21, /* digits before the point, beyond that an exponent */
    POSITIONAL_MIN = -6, /* zeros behind the point, beyond that an exponent */
};

/* 0.DIGITS times ten to the power of `point`. */
struct digits {
    char text[DIGITS_MAX + 1];
    int count;
    int point;
};

static bool reads_back(const struct digits *digits, double value)
{
    char text[DIGITS_MAX + 16];

    snprintf(text, sizeof(text), "0.%se%d", digits->text, digits->point);
    return strtod(text, NULL) == value;
}

static void round_to(struct digits *digits, double value, int count)
{
    char text[DIGITS_MAX + 16];

    snprintf(text, sizeof(text), "%.*e", count - 1, value);
    digits->text[0] = text[0];
    memcpy(digits->text + 1, text + 2, (size_t)count - 1);
    digits->text[count] = '\0';
    digits->count = count;
    digits->point = (int)strtol(strchr(text, 'e') + 1, NULL, 10) + 1;
}

/* One unit more in the last place; false when that carries to the front. */
static bool next_up(struct digits *digits)
{
    for (int i = digits->count - 1; i >= 0; i--) {
        if (digits->text[i] != '9') {
            digits->text[i]++;
            return true;
        }
        digits->text[i] = '0';
    }
    return false;
}

/* Below a power of two doubles lie twice as dense as above it, so the nearest
 * decimal of 16 digits may miss while the next one up hits. */
static void find_shortest(struct digits *digits, double value)
{
    for (int count = value < DBL_MIN ? 1 : DIGITS_SAFE; count < DIGITS_MAX;
         count++) {
        round_to(digits, value, count);
        if (reads_back(digits, value))
            return;
        if (next_up(digits) && reads_back(digits, value))
            return;
    }
    round_to(digits, value, DIGITS_MAX);
}

static void strip_zeros(struct digits *digits)
{
    while (digits->count > 1 && digits->text[digits->count - 1] == '0')
        digits->text[--digits->count] = '\0';
}

static void print_exponent(char *text, size_t size, const struct digits *digits)
{
    snprintf(text, size, "%c%s%se%+d", digits->text[0],
             digits->count > 1 ? "." : "", digits->text + 1, digits->point - 1);
}

static void print_positional(char *text, size_t size,
                             const struct digits *digits)
{
    int point = digits->point;

    if (point <= 0)
        snprintf(text, size, "0.%.*s%s", -point, "000000", digits->text);
    else if (point >= digits->count)
        snprintf(text, size, "%s%.*s", digits->text, point - digits->count,
                 "000000000000000000000");
    else
        snprintf(text, size, "%.*s.%s", point, digits->text,
                 digits->text + point);
}

void decimal_print(char text[DECIMAL_SIZE], double value)
{
    struct digits digits;
    size_t sign = value < 0 ? 1 : 0;

    if (value == 0) {
        memcpy(text, "0", 2);
        return;
    }
    text[0] = '-';
    find_shortest(&digits, fabs(value));
    strip_zeros(&digits);
    if (digits.point > POSITIONAL_MAX || digits.point <= POSITIONAL_MIN)
        print_exponent(text + sign, DECIMAL_SIZE - sign, &digits);
    else
        print_positional(text + sign, DECIMAL_SIZE - sign, &digits);
}
