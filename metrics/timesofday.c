#include "metrics/timesofday.h"

#include "engine/date.h"
#include "engine/series.h"

enum { VALUES = TIMESOFDAY_DAYS * TIMESOFDAY_HOURS, FIRST_YEAR = 1970 };

/* At most `digits` of them and nothing else; false past `most`. */
static bool read_number(struct text text, size_t digits, unsigned most,
                        unsigned *number)
{
    unsigned sum = 0;

    if (text.len == 0 || text.len > digits)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        sum = sum * 10 + (unsigned)(text.at[i] - '0');
    }
    *number = sum;
    return sum <= most;
}

uint32_t timesofday_value(struct text hour, struct text dow)
{
    unsigned hours;
    unsigned days;

    if (!read_number(hour, 2, TIMESOFDAY_HOURS - 1, &hours) ||
        !read_number(dow, 1, TIMESOFDAY_DAYS - 1, &days))
        return 0;
    return days * TIMESOFDAY_HOURS + hours + 1;
}

/* Takes what stands before the next of `ends`, and that, from the text. */
static struct text take_part(struct text *text, const char *ends)
{
    size_t len = 0;

    while (len < text->len && !strchr(ends, text->at[len]))
        len++;
    struct text part = {text->at, len};
    len += len < text->len;
    *text = (struct text){text->at + len, text->len - len};
    return part;
}

static bool read_span(struct text text, struct span *span)
{
    unsigned year;
    unsigned month;
    unsigned day = 0;

    if (!read_number(take_part(&text, ".:"), 4, 9999, &year) ||
        !read_number(take_part(&text, ".:"), 2, 12, &month) ||
        year < FIRST_YEAR || month == 0)
        return false;
    int days = date_days_in_month((int)year, (int)month);
    if (text.len > 0 &&
        (!read_number(text, 2, (unsigned)days, &day) || day == 0))
        return false;
    span->first = date_to_day((int)year, (int)month, day > 0 ? (int)day : 1);
    span->last = day > 0 ? span->first : span->first + days - 1;
    span->without = SPAN_WHOLE;
    return true;
}

static bool is_in(const struct timesofday *times, const struct span *span)
{
    for (unsigned i = 0; i < times->count; i++) {
        if (times->spans[i].first <= span->last &&
            span->first <= times->spans[i].last)
            return true;
    }
    return false;
}

enum tally_err timesofday_read_range(struct timesofday *times,
                                     struct text range)
{
    struct span span;

    times->count = 0;
    do {
        if (!read_span(take_part(&range, ","), &span) || is_in(times, &span))
            return TALLY_ERR_INVALID;
        if (times->count == TIMESOFDAY_SPANS_MAX)
            return TALLY_ERR_TOO_BIG;
        times->spans[times->count++] = span;
    } while (range.len > 0);
    return TALLY_OK;
}

void timesofday_capture(const struct timesofday *times, struct reader *reader)
{
    if (times->set != 0)
        series_capture(reader, times->app, times->set);
}

struct matrix {
    const struct span *span;
    int64_t counts[VALUES];
};

static void take_day(void *user, const struct series_cell *cell)
{
    struct matrix *matrix = user;

    if (cell->value > 0 && cell->value <= VALUES &&
        span_has(matrix->span, cell->day))
        matrix->counts[cell->value - 1] += cell->at[CELL_T];
}

static void write_matrix(const struct matrix *matrix, struct json *json)
{
    json_open_array(json);
    for (int i = 0; i < VALUES; i++) {
        if (i % TIMESOFDAY_HOURS == 0)
            json_open_array(json);
        json_int(json, matrix->counts[i]);
        if (i % TIMESOFDAY_HOURS == TIMESOFDAY_HOURS - 1)
            json_close_array(json);
    }
    json_close_array(json);
}

enum tally_err timesofday_write(const struct timesofday *times,
                                struct reader *reader, struct json *json)
{
    struct matrix matrix = {.span = NULL};
    enum tally_err err = TALLY_OK;

    for (unsigned i = 0; !err && times->set != 0 && i < times->count; i++) {
        matrix.span = &times->spans[i];
        err = series_days(reader, times->app, times->set, matrix.span->first,
                          matrix.span->last, take_day, &matrix);
    }
    if (!err)
        write_matrix(&matrix, json);
    return err;
}
