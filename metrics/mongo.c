#include "metrics/mongo.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/date.h"
#include "metrics/document.h"

enum { MS_FROM = 100000000, SECONDS_PER_DAY = 86400 };

static const double exact_max = 9007199254740992.0; /* 2^53 */

cJSON *mongo_parse(struct text line)
{
    return document_parse_long(line, MONGO_LINE_MAX);
}

static bool cut(double value, int64_t *number)
{
    if (!(fabs(value) <= exact_max))
        return false;
    *number = (int64_t)value;
    return true;
}

static bool read_decimal(const char *digits, int64_t *number)
{
    char *end;
    double value = strtod(digits, &end);

    return end != digits && *end == '\0' && cut(value, number);
}

bool mongo_int(const cJSON *value, int64_t *number)
{
    static const char *const wrappers[] = {"$numberLong", "$numberInt",
                                           "$numberDouble", "$numberDecimal"};

    if (cJSON_IsNumber(value))
        return cut(value->valuedouble, number);
    for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
        const char *digits = document_string(value, wrappers[i]);
        if (digits)
            return read_decimal(digits, number);
    }
    return false;
}

const char *mongo_id(const cJSON *value)
{
    const char *id = cJSON_GetStringValue(value);

    return id ? id : document_string(value, "$oid");
}

/* "2026-03-02T10:00:00.000Z" */
static int64_t seconds_of(const char *text)
{
    int at[6];

    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &at[0], &at[1], &at[2], &at[3],
               &at[4], &at[5]) != 6 ||
        at[1] < 1 || at[1] > 12)
        return 0;
    return (int64_t)date_to_day(at[0], at[1], at[2]) * SECONDS_PER_DAY +
           at[3] * 3600 + at[4] * 60 + at[5];
}

uint32_t mongo_seconds(const cJSON *value)
{
    const cJSON *date = document_find(value, "$date");
    const char *text = cJSON_GetStringValue(date);
    int64_t number = 0;

    if (text)
        number = seconds_of(text);
    else if (date && mongo_int(date, &number))
        number /= 1000;
    else if (mongo_int(value, &number) && number / 1000 > MS_FROM)
        number /= 1000;
    return number > 0 && number <= UINT32_MAX ? (uint32_t)number : 0;
}
