#include "metrics/finding.h"

#include "engine/date.h"

static const char *const texts[] = {
#define X(rule, text) text,
    FINDING_MAP(X)
#undef X
};

const char *finding_text(enum finding_rule rule)
{
    return texts[rule];
}

static void add_number(struct buffer *out, const char *name, int64_t number)
{
    buffer_add_byte(out, ' ');
    buffer_add_string(out, name);
    buffer_add_byte(out, '=');
    buffer_add_int(out, number);
}

static void add_some(struct buffer *out, const char *name, int64_t number)
{
    if (number != 0)
        add_number(out, name, number);
}

static void add_two_digits(struct buffer *out, int number)
{
    buffer_add_byte(out, '-');
    if (number < 10)
        buffer_add_byte(out, '0');
    buffer_add_int(out, number);
}

static void add_day(struct buffer *out, int32_t day)
{
    struct date date = date_of_day(day);

    if (day == 0)
        return;
    add_number(out, "day", date.year);
    add_two_digits(out, date.month);
    add_two_digits(out, date.day);
}

void finding_add(struct findings *findings, const struct finding *finding)
{
    struct buffer *out = findings->report;

    findings->count++;
    if (findings->lines[finding->rule]++ >= FINDING_LINES)
        return;
    buffer_add_string(out, texts[finding->rule]);
    buffer_add_byte(out, ':');
    add_some(out, "app", finding->app);
    add_some(out, "set", finding->set);
    add_day(out, finding->day);
    add_some(out, "year", finding->year);
    add_some(out, "value", finding->value);
    add_some(out, "ordinal", finding->ordinal);
    if (finding->of) {
        buffer_add_string(out, " of=");
        buffer_add_string(out, finding->of);
    }
    add_number(out, "is", finding->is);
    add_number(out, "against", finding->against);
    buffer_add_byte(out, '\n');
}
