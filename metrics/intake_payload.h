/*
 * intake_payload.h - what hooks of requests of SDKs show besides `params`
 * (spec F.2), as JSON.
 *
 * The functions that take a call are those of struct call_value: of a call
 * that has an intake.
 */
#ifndef METRICS_INTAKE_PAYLOAD_H
#define METRICS_INTAKE_PAYLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "metrics/call.h"

enum { PAYLOAD_NUMBER_SIZE = 32 };

struct text payload_bool(bool value);

/* The text stands in `text`. */
struct text payload_number(char text[static PAYLOAD_NUMBER_SIZE],
                           uint64_t number);

enum tally_err payload_app(const struct tally_call *call, const void *source,
                           struct json *json);
enum tally_err payload_app_id(const struct tally_call *call, const void *source,
                              struct json *json);

/* The user, with what the batch changes. */
enum tally_err payload_person(const struct tally_call *call, const void *source,
                              struct json *json);

/* The user of an ordinal (uint32_t, `source`), as the engine still has it. */
enum tally_err payload_absorbed(const struct tally_call *call,
                                const void *source, struct json *json);

/* The definitions of all metrics, by collection. */
enum tally_err payload_metrics(const struct tally_call *call,
                               const void *source, struct json *json);

#endif
