#include "engine/utf8.h"

/* What may follow a lead byte: how many bytes in all, and the range of the
 * second one; the others are 80..BF (Unicode, table 3-7). */
struct lead {
    unsigned char first, last;
    unsigned char length;
    unsigned char low, high;
};

static const struct lead leads[] = {
    {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f},
    {0xee, 0xef, 3, 0x80, 0xbf}, {0xf0, 0xf0, 4, 0x90, 0xbf},
    {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

enum { LEADS = sizeof(leads) / sizeof(leads[0]) };

static const struct lead *find_lead(unsigned char byte)
{
    for (int i = 0; i < LEADS; i++) {
        if (byte >= leads[i].first && byte <= leads[i].last)
            return &leads[i];
    }
    return NULL;
}

int utf8_next(struct text text)
{
    const unsigned char *at = (const unsigned char *)text.at;

    if (at[0] < 0x80)
        return 1;
    const struct lead *lead = find_lead(at[0]);
    if (!lead || text.len < 2 || at[1] < lead->low || at[1] > lead->high)
        return -1;
    for (unsigned i = 2; i < lead->length; i++) {
        if (i >= text.len || (at[i] & 0xc0) != 0x80)
            return -(int)i;
    }
    return lead->length;
}

static size_t ascii_length(const char *at, size_t len)
{
    const uint64_t high_bits = 0x8080808080808080U;
    size_t done = 0;

    while (len - done >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, at + done, sizeof(word));
        if (word & high_bits)
            break;
        done += sizeof(word);
    }
    while (done < len && (unsigned char)at[done] < 0x80)
        done++;
    return done;
}

size_t utf8_valid_length(struct text text)
{
    size_t done = 0;

    while (done < text.len) {
        done += ascii_length(text.at + done, text.len - done);
        if (done == text.len)
            break;
        int step = utf8_next((struct text){text.at + done, text.len - done});
        if (step < 0)
            break;
        done += (size_t)step;
    }
    return done;
}

size_t utf8_repaired_length(struct text text)
{
    size_t length = 0;

    while (text.len > 0) {
        size_t valid = utf8_valid_length(text);
        length += valid;
        text = (struct text){text.at + valid, text.len - valid};
        if (text.len == 0)
            break;
        size_t broken = (size_t)-utf8_next(text);
        length += sizeof(UTF8_REPLACEMENT) - 1;
        text = (struct text){text.at + broken, text.len - broken};
    }
    return length;
}

size_t utf8_repair(char *out, struct text text)
{
    size_t length = 0;

    while (text.len > 0) {
        size_t valid = utf8_valid_length(text);
        memcpy(out + length, text.at, valid);
        length += valid;
        text = (struct text){text.at + valid, text.len - valid};
        if (text.len == 0)
            break;
        size_t broken = (size_t)-utf8_next(text);
        memcpy(out + length, UTF8_REPLACEMENT, sizeof(UTF8_REPLACEMENT) - 1);
        length += sizeof(UTF8_REPLACEMENT) - 1;
        text = (struct text){text.at + broken, text.len - broken};
    }
    return length;
}

unsigned utf8_encode(char out[UTF8_MAX], uint32_t code)
{
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        code = 0xfffd;
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    unsigned length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (unsigned i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)((0xf00 >> length) | code);
    return length;
}
