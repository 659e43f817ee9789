/*
 * address.h - where a request comes from (spec A.8).
 */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include <sys/socket.h>

#include "engine/text.h"

enum { ADDRESS_SIZE = 48 };

/* Writes the address of a socket's other end; an IPv4 address that IPv6
 * carries is written as IPv4, anything but an IP address as empty. */
void address_of_peer(char address[ADDRESS_SIZE], const struct sockaddr *peer);

/* The client that proxies speak of: the first element of X-Forwarded-For,
 * else X-Real-IP, else `peer`. An element that is no IP address (a port and
 * brackets are allowed) counts as absent. */
void address_of_client(char address[ADDRESS_SIZE], struct text forwarded_for,
                       struct text real_ip, const char *peer);

#endif
