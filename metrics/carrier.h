/*
 * carrier.h - the name of a mobile network, from what a phone reports.
 *
 * Phones report a name in any case, or the network's code: MCC and MNC in
 * one, 5 or 6 digits. The table of codes comes from Debian's
 * mobile-broadband-provider-info at build time.
 */
#ifndef METRICS_CARRIER_H
#define METRICS_CARRIER_H

#include "engine/text.h"
#include "metrics/draft.h"

/* Adds the name in title case (spec 0.4.21), or nothing: for a code that is
 * not known and for what is no name, 16 characters without a blank. The text
 * is not empty. */
void carrier_draft(struct text reported, struct draft *draft);

#endif
