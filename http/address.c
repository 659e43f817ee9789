#include "http/address.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>

#include "http/field.h"

static void unmap(char address[ADDRESS_SIZE], const struct in6_addr *ip)
{
    if (IN6_IS_ADDR_V4MAPPED(ip))
        inet_ntop(AF_INET, ip->s6_addr + 12, address, ADDRESS_SIZE);
    else
        inet_ntop(AF_INET6, ip, address, ADDRESS_SIZE);
}

void address_of_peer(char address[ADDRESS_SIZE], const struct sockaddr *peer)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    address[0] = '\0';
    if (peer->sa_family == AF_INET) {
        memcpy(&v4, peer, sizeof(v4));
        inet_ntop(AF_INET, &v4.sin_addr, address, ADDRESS_SIZE);
    } else if (peer->sa_family == AF_INET6) {
        memcpy(&v6, peer, sizeof(v6));
        unmap(address, &v6.sin6_addr);
    }
}

/* Without brackets and port: [::1]:80, 192.0.2.1:80. */
static struct text bare_address(struct text element)
{
    const char *colon, *bracket;

    if (element.len == 0)
        return element;
    const char *end = element.at + element.len;
    if (element.at[0] == '[') {
        bracket = memchr(element.at, ']', element.len);
        if (!bracket)
            return element;
        return (struct text){element.at + 1,
                             (size_t)(bracket - element.at) - 1};
    }
    colon = memchr(element.at, ':', element.len);
    if (!colon || memchr(colon + 1, ':', (size_t)(end - colon) - 1))
        return element;
    return (struct text){element.at, (size_t)(colon - element.at)};
}

bool address_read(struct text text, struct in6_addr *ip)
{
    return network_read_ip(bare_address(field_trim(text)), ip);
}

void address_of_client(char address[ADDRESS_SIZE], struct text forwarded_for,
                       struct text real_ip, const char *peer)
{
    struct in6_addr ip;

    if (address_read(field_first(forwarded_for), &ip) ||
        address_read(field_first(real_ip), &ip))
        unmap(address, &ip);
    else
        memcpy(address, peer, strlen(peer) + 1);
}

/* What stands behind the last comma; it is taken from the list. */
static struct text take_last(struct text *list)
{
    const char *comma = memrchr(list->at, ',', list->len);
    size_t from = comma ? (size_t)(comma - list->at) + 1 : 0;
    struct text last = {list->at + from, list->len - from};

    list->len = comma ? from - 1 : 0;
    return last;
}

void address_behind(char address[ADDRESS_SIZE], const struct networks *trusted,
                    struct text forwarded_for, struct text real_ip,
                    const char *peer)
{
    struct in6_addr ip;
    struct in6_addr next;
    bool is_trusted =
        network_read_ip(text_of(peer), &ip) && networks_have(trusted, &ip);

    memcpy(address, peer, strlen(peer) + 1);
    if (!is_trusted)
        return;
    if (forwarded_for.len == 0)
        forwarded_for = real_ip;
    while (is_trusted && forwarded_for.len > 0 &&
           address_read(take_last(&forwarded_for), &next)) {
        ip = next;
        is_trusted = networks_have(trusted, &ip);
    }
    unmap(address, &ip);
}

void address_network(char network[ADDRESS_SIZE], const char *address)
{
    struct in6_addr v6;

    if (inet_pton(AF_INET6, address, &v6) == 1) {
        memset(v6.s6_addr + 8, 0, 8);
        inet_ntop(AF_INET6, &v6, network, ADDRESS_SIZE);
    } else {
        snprintf(network, ADDRESS_SIZE, "%s", address);
    }
}
