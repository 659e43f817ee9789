#include "metrics/import_month.h"

#include <stddef.h>
#include <stdio.h>

enum { FIRST_YEAR = 1970, LAST_YEAR = 2148 };

bool import_month_read(const char *text, int *year, int *month)
{
    int used = 0;

    return text && sscanf(text, "%4d:%2d%n", year, month, &used) == 2 &&
           text[used] == '\0' && *year >= FIRST_YEAR && *year <= LAST_YEAR &&
           *month >= IMPORT_MONTH_ZERO && *month <= 12;
}

int import_month_number(const char *name)
{
    if (!name || name[0] < '0' || name[0] > '9')
        return -1;
    if (name[1] == '\0')
        return name[0] - '0';
    if (name[0] == '0' || name[1] < '0' || name[1] > '9' || name[2] != '\0')
        return -1;
    return (name[0] - '0') * 10 + name[1] - '0';
}
