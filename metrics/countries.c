#include "metrics/countries.h"

#include "engine/series.h"
#include "metrics/breakdown.h"
#include "metrics/country.h"
#include "metrics/total.h"

enum { CODE_MAX = 256 };

static struct breakdown_question question_of(const struct countries *countries,
                                             unsigned part)
{
    return (struct breakdown_question){
        .app = countries->app,
        .set = SET_COUNTRIES,
        .period = &countries->parts[part].period,
        .with_users = true,
    };
}

/* Periods overlap: each day is captured once. */
void countries_capture(const struct countries *countries, struct reader *reader)
{
    struct span days = period_unit_days(&countries->parts[0].period, false);

    for (unsigned i = 1; i < countries->count; i++) {
        struct span more = period_unit_days(&countries->parts[i].period, false);
        days = span_hull(&days, &more);
    }
    series_capture(reader, countries->app, SET_COUNTRIES);
    total_capture_span(reader, countries->app, SET_COUNTRIES, &days);
}

static void write_code(struct json *json, struct text name)
{
    char code[CODE_MAX];
    size_t len = name.len < sizeof(code) ? name.len : sizeof(code);

    for (size_t i = 0; i < len; i++) {
        char c = name.at[i];
        code[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    json_member_text(json, "code", (struct text){code, len});
}

static void write_rows(const struct breakdown *breakdown, struct json *json)
{
    json_open_array(json);
    for (size_t i = 0; i < breakdown->count && i < COUNTRIES_SHOWN; i++) {
        const struct breakdown_row *row = &breakdown->rows[i];
        json_open_object(json);
        json_member_text(json, "country", country_name(row->name));
        write_code(json, row->name);
        json_member_int(json, "t", row->t);
        json_member_int(json, "u", row->u);
        json_member_int(json, "n", row->n);
        json_close_object(json);
    }
    json_close_array(json);
}

static enum tally_err write_part(const struct countries *countries,
                                 unsigned part, struct reader *reader,
                                 struct json *json)
{
    struct breakdown_question question = question_of(countries, part);
    struct breakdown breakdown;
    enum tally_err err = breakdown_read(&question, reader, &breakdown);
    if (err)
        return err;

    breakdown_sort(&breakdown, BREAKDOWN_T);
    breakdown_sort(&breakdown, BREAKDOWN_N);
    write_rows(&breakdown, json);
    breakdown_finish(&breakdown);
    return TALLY_OK;
}

enum tally_err countries_write(const struct countries *countries,
                               struct reader *reader, struct json *json)
{
    enum tally_err err = TALLY_OK;

    json_open_object(json);
    for (unsigned i = 0; !err && i < countries->count; i++) {
        json_key_string(json, countries->parts[i].key);
        err = write_part(countries, i, reader, json);
    }
    json_close_object(json);
    return err;
}
