/*
 * address.h - where a request comes from (spec A.8).
 */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "engine/text.h"
#include "http/network.h"

enum { ADDRESS_SIZE = 48 };

/* Writes the address of a socket's other end; an IPv4 address that IPv6
 * carries is written as IPv4, anything but an IP address as empty. */
void address_of_peer(char address[ADDRESS_SIZE], const struct sockaddr *peer);

/* Reads an IP address as proxies write it: blanks around it, a port behind it
 * and brackets are allowed. IPv4 is read as the IPv6 that maps it. */
bool address_read(struct text text, struct in6_addr *ip);

/* The client that proxies speak of: the first element of X-Forwarded-For,
 * else X-Real-IP, else `peer`. An element that is no IP address (a port and
 * brackets are allowed) counts as absent. */
void address_of_client(char address[ADDRESS_SIZE], struct text forwarded_for,
                       struct text real_ip, const char *peer);

/* The same when only proxies in `trusted` are believed: the last address in
 * X-Forwarded-For that is none of theirs, if the peer is one; X-Real-IP where
 * that is absent. An element that is no IP address ends the search at the one
 * behind it. */
void address_behind(char address[ADDRESS_SIZE], const struct networks *trusted,
                    struct text forwarded_for, struct text real_ip,
                    const char *peer);

/* What a client cannot change at will: an IPv4 address as it is, of an IPv6
 * address the first 64 bits. */
void address_network(char network[ADDRESS_SIZE], const char *address);

#endif
