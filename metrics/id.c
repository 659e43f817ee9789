#include "metrics/id.h"

#include <assert.h>
#include <sodium.h>

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
           (c >= 'A' && c <= 'F');
}

bool id_is_valid(struct text id)
{
    if (id.len != ID_LEN)
        return false;
    for (size_t i = 0; i < id.len; i++) {
        if (!is_hex(id.at[i]))
            return false;
    }
    return true;
}

void id_draw(char *hex, size_t digits)
{
    unsigned char bytes[ID_DRAW_MAX / 2];

    assert(digits % 2 == 0 && digits <= ID_DRAW_MAX);
    randombytes_buf(bytes, digits / 2);
    sodium_bin2hex(hex, digits + 1, bytes, digits / 2);
}
