/*
 * host.h - the table that plugins get (tally_plugin.h), by the files that
 * make it up.
 */
#ifndef METRICS_HOST_H
#define METRICS_HOST_H

#include "engine/text.h"
#include "metrics/tally_plugin.h"

extern const uint64_t host_capabilities;

/* Fills in the table. */
void host_init(struct tally_host *host, const char *version);
void host_add_call(struct tally_host *host);     /* host_call.c */
void host_add_reply(struct tally_host *host);    /* host_reply.c */
void host_add_count(struct tally_host *host);    /* host_count.c */
void host_add_document(struct tally_host *host); /* host_document.c */
void host_add_later(struct tally_host *host);    /* host_later.c */

static inline struct text host_text(struct tally_text text)
{
    return (struct text){text.at, text.len};
}

static inline struct tally_text host_tally_text(struct text text)
{
    return (struct tally_text){text.at, text.len};
}

#endif
