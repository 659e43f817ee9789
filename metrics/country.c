#include "metrics/country.h"

#include <stdlib.h>

static const struct row {
    const char *code;
    const char *name;
} rows[] = {
#include "country_rows.h"
};

static int compare_code(const void *code, const void *row)
{
    return text_compare(*(const struct text *)code,
                        text_of(((const struct row *)row)->code));
}

struct text country_name(struct text code)
{
    const struct row *row = bsearch(&code, rows, sizeof(rows) / sizeof(rows[0]),
                                    sizeof(rows[0]), compare_code);

    return row ? text_of(row->name) : TEXT("Unknown");
}
