#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
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

static bool read_address(char address[ADDRESS_SIZE], struct text value)
{
    char copy[ADDRESS_SIZE];
    struct in_addr v4;
    struct in6_addr v6;
    struct text bare = bare_address(field_first(value));

    if (bare.len == 0 || bare.len >= sizeof(copy))
        return false;
    memcpy(copy, bare.at, bare.len);
    copy[bare.len] = '\0';
    if (inet_pton(AF_INET, copy, &v4) == 1) {
        inet_ntop(AF_INET, &v4, address, ADDRESS_SIZE);
        return true;
    }
    if (inet_pton(AF_INET6, copy, &v6) != 1)
        return false;
    unmap(address, &v6);
    return true;
}

void address_of_client(char address[ADDRESS_SIZE], struct text forwarded_for,
                       struct text real_ip, const char *peer)
{
    if (read_address(address, forwarded_for) || read_address(address, real_ip))
        return;
    memcpy(address, peer, strlen(peer) + 1);
}
