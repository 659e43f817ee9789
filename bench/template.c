#include "bench/template.h"

#include <string.h>

static const unsigned char widths[BLANKS] = {
    [BLANK_APP] = APP_DIGITS,     [BLANK_DEVICE] = DEVICE_DIGITS,
    [BLANK_MODEL] = MODEL_DIGITS, [BLANK_SERIAL] = SERIAL_DIGITS,
    [BLANK_TIME] = TIME_DIGITS,
};

static void add_blank(struct template *template, unsigned blank)
{
    template->at[blank] = (uint32_t) template->text.len;
    for (unsigned i = 0; i < widths[blank]; i++)
        buffer_add_byte(&template->text, '0');
}

static void add_byte_encoded(struct buffer *out, unsigned char byte)
{
    static const char hex[] = "0123456789ABCDEF";

    buffer_add_byte(out, '%');
    buffer_add_byte(out, hex[byte >> 4]);
    buffer_add_byte(out, hex[byte & 15]);
}

static void add(struct template *template, const char *text,
                const char *to_encode)
{
    template->text.max = TEMPLATE_MAX;
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c < BLANKS)
            add_blank(template, (unsigned char)*c);
        else if (strchr(to_encode, *c))
            add_byte_encoded(&template->text, (unsigned char)*c);
        else
            buffer_add_byte(&template->text, *c);
    }
}

void template_add(struct template *template, const char *text)
{
    add(template, text, "");
}

void template_add_encoded(struct template *template, const char *text)
{
    add(template, text, "{}[]\":, ");
}

void template_finish(struct template *template)
{
    buffer_finish(&template->text);
    *template = (struct template){0};
}

static const char pairs[] =
    "00010203040506070809101112131415161718192021222324"
    "25262728293031323334353637383940414243444546474849"
    "50515253545556575859606162636465666768697071727374"
    "75767778798081828384858687888990919293949596979899";

/* Written for every request, hence two at a time and in 32 bits. */
static inline void write_five(char *out, uint32_t value)
{
    memcpy(out + 3, pairs + value % 100 * 2, 2);
    value /= 100;
    memcpy(out + 1, pairs + value % 100 * 2, 2);
    *out = (char)('0' + value / 100);
}

void template_write_digits(char *out, unsigned count, uint64_t value)
{
    for (unsigned i = count; i > 0; i--, value /= 10)
        out[i - 1] = (char)('0' + value % 10);
}

size_t template_write(const struct template *template,
                      const struct filling *filling, char *out)
{
    const uint32_t *at = template->at;

    memcpy(out, template->text.at, template->text.len);
    write_five(out + at[BLANK_DEVICE], (uint32_t)(filling->device / 100000));
    write_five(out + at[BLANK_DEVICE] + 5,
               (uint32_t)(filling->device % 100000));
    memcpy(out + at[BLANK_SERIAL], filling->serial, SERIAL_DIGITS);
    memcpy(out + at[BLANK_TIME], filling->time, TIME_DIGITS);
    if (at[BLANK_MODEL])
        write_five(out + at[BLANK_MODEL], filling->model);
    if (at[BLANK_APP])
        template_write_digits(out + at[BLANK_APP], APP_DIGITS, filling->app);
    return template->text.len;
}
