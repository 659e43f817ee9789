#include "metrics/language.h"

#include <stddef.h>

/* Chinese counts by script, see value.h. */
static const struct {
    const char *code;
    const char *name;
} rows[] = {
    {"zh_hans", "Chinese (Simplified)"},
    {"zh_hant", "Chinese (Traditional)"},
#include "language_rows.h"
};

void language_write_all(struct json *json)
{
    json_open_object(json);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        json_member_string(json, rows[i].code, rows[i].name);
    json_close_object(json);
}
