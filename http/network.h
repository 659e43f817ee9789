/*
 * network.h - lists of networks in CIDR notation.
 *
 * IPv4 addresses are treated as the IPv6 addresses that map them, so a list
 * may mix both.
 */
#ifndef HTTP_NETWORK_H
#define HTTP_NETWORK_H

#include <netinet/in.h>
#include <stdbool.h>

#include "engine/buffer.h"
#include "engine/error.h"
#include "engine/text.h"

enum { NETWORKS_MAX = 32 };

struct network {
    struct in6_addr ip; /* bits behind the prefix are zero */
    unsigned bits;      /* of 128 */
};

struct networks {
    unsigned count;
    struct network list[NETWORKS_MAX];
};

/* An IPv4 or IPv6 address, nothing else around it. */
bool network_read_ip(struct text text, struct in6_addr *ip);

/* Reads addresses and CIDR blocks that commas separate; an empty text is an
 * empty list. TALLY_ERR_INVALID, TALLY_ERR_TOO_BIG past NETWORKS_MAX. */
TALLY_MUST_CHECK
enum tally_err networks_read(struct text text, struct networks *networks);

/* Adds the list in the form that networks_read() takes. */
void networks_write(const struct networks *networks, struct buffer *out);

bool networks_have(const struct networks *networks, const struct in6_addr *ip);

#endif
