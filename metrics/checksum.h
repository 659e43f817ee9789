/*
 * checksum.h - does a request carry the hash that its app's salt demands?
 *
 * Clients append the app's salt to what they send, exactly as sent, hash it
 * and add the hex digest as one more parameter (spec A.6). The server cannot
 * know whether a client hashed the query or the body, so either may match.
 */
#ifndef METRICS_CHECKSUM_H
#define METRICS_CHECKSUM_H

#include "engine/text.h"

enum checksum_verdict {
    CHECKSUM_GOOD,
    CHECKSUM_MISSING, /* 200 "Request does not have checksum" */
    CHECKSUM_WRONG,   /* 200 "Request does not match checksum" */
};

/* Texts are as received, still percent-encoded; empty when absent. */
struct checksum_claim {
    struct text query;       /* what follows the `?` */
    struct text body;        /* raw; of multipart its fields as k=v&k=v, of a
                              * bulk item its JSON text */
    struct text checksum;    /* the parameter's value: SHA-1 in hex */
    struct text checksum256; /* SHA-256 in hex; looked at without checksum */
};

/* Takes the digest's parameter (`&checksum=...`, or the JSON member of that
 * name and value) out of the query, then out of the body, hashes the rest and
 * the salt and compares without regard to case, in constant time. */
enum checksum_verdict checksum_verify(const struct checksum_claim *claim,
                                      struct text salt);

#endif
