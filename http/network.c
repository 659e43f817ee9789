#include "http/network.h"

#include <arpa/inet.h>
#include <string.h>

#include "http/field.h"

enum { V4_BITS = 32, V6_BITS = 128, MAPPED_BITS = V6_BITS - V4_BITS };

static void map(const struct in_addr *v4, struct in6_addr *ip)
{
    *ip = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}};
    memcpy(ip->s6_addr + MAPPED_BITS / 8, v4, sizeof(*v4));
}

bool network_read_ip(struct text text, struct in6_addr *ip)
{
    char copy[INET6_ADDRSTRLEN];
    struct in_addr v4;

    if (text.len == 0 || text.len >= sizeof(copy) ||
        memchr(text.at, '\0', text.len))
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET, copy, &v4) != 1)
        return inet_pton(AF_INET6, copy, ip) == 1;
    map(&v4, ip);
    return true;
}

static bool read_bits(struct text text, unsigned most, unsigned *bits)
{
    unsigned number = 0;

    if (text.len == 0 || text.len > 3)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        number = number * 10 + (unsigned)(text.at[i] - '0');
    }
    *bits = number;
    return number <= most;
}

static void clear_behind(struct in6_addr *ip, unsigned bits)
{
    for (unsigned i = bits; i < V6_BITS; i++)
        ip->s6_addr[i / 8] &= (uint8_t) ~(0x80u >> i % 8);
}

static bool read_network(struct text text, struct network *network)
{
    const char *slash = text.len > 0 ? memchr(text.at, '/', text.len) : NULL;
    size_t len = slash ? (size_t)(slash - text.at) : text.len;
    struct text ip = {text.at, len};

    if (!network_read_ip(ip, &network->ip))
        return false;
    bool is_v4 = !memchr(ip.at, ':', ip.len);
    network->bits = is_v4 ? V4_BITS : V6_BITS;
    if (slash && !read_bits((struct text){slash + 1, text.len - len - 1},
                            network->bits, &network->bits))
        return false;
    network->bits += is_v4 ? MAPPED_BITS : 0;
    clear_behind(&network->ip, network->bits);
    return true;
}

enum tally_err networks_read(struct text text, struct networks *networks)
{
    struct networks read = {.count = 0};

    while (text.len > 0) {
        const char *comma = memchr(text.at, ',', text.len);
        size_t len = comma ? (size_t)(comma - text.at) : text.len;
        if (read.count == NETWORKS_MAX)
            return TALLY_ERR_TOO_BIG;
        if (!read_network(field_trim((struct text){text.at, len}),
                          &read.list[read.count++]) ||
            len + 1 == text.len)
            return TALLY_ERR_INVALID;
        len += comma != NULL;
        text = (struct text){text.at + len, text.len - len};
    }
    *networks = read;
    return TALLY_OK;
}

static void write_network(const struct network *network, struct buffer *out)
{
    char digits[INET6_ADDRSTRLEN];
    bool is_v4 =
        network->bits >= MAPPED_BITS && IN6_IS_ADDR_V4MAPPED(&network->ip);
    unsigned from = is_v4 ? MAPPED_BITS : 0;

    inet_ntop(is_v4 ? AF_INET : AF_INET6, network->ip.s6_addr + from / 8,
              digits, sizeof(digits));
    buffer_add_string(out, digits);
    if (network->bits == V6_BITS)
        return;
    buffer_add_byte(out, '/');
    buffer_add_int(out, network->bits - from);
}

void networks_write(const struct networks *networks, struct buffer *out)
{
    for (unsigned i = 0; i < networks->count; i++) {
        if (i > 0)
            buffer_add_byte(out, ',');
        write_network(&networks->list[i], out);
    }
}

static bool has_prefix(const struct in6_addr *ip, const struct network *network)
{
    struct in6_addr prefix = *ip;

    clear_behind(&prefix, network->bits);
    return memcmp(&prefix, &network->ip, sizeof(prefix)) == 0;
}

bool networks_have(const struct networks *networks, const struct in6_addr *ip)
{
    for (unsigned i = 0; i < networks->count; i++) {
        if (has_prefix(ip, &networks->list[i]))
            return true;
    }
    return false;
}
