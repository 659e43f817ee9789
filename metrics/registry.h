/*
 * registry.h - all apps, members and tokens, in memory.
 *
 * Loaded once from the stored documents; afterwards it follows the batches
 * that were applied (registry_accept()), so that nothing is seen of a change
 * that the engine refused. Apps and members are borrowed: they live until a
 * call that changes the registry, and keep their order of arrival.
 */
#ifndef METRICS_REGISTRY_H
#define METRICS_REGISTRY_H

#include <stdint.h>

#include "engine/effect.h"
#include "engine/error.h"
#include "engine/text.h"
#include "engine/zone.h"
#include "metrics/app.h"
#include "metrics/keyring.h"
#include "metrics/kind.h"
#include "metrics/member.h"

struct registry;

/* Zones of apps are opened in `zones`, which outlives the registry. */
struct registry *registry_create(struct zones *zones);

/* NULL is a no-op. */
void registry_destroy(struct registry *registry);

/* Takes one stored document; kinds that are not the registry's are ignored.
 * A document of the same name is replaced. TALLY_ERR_CORRUPT when it cannot
 * be read or a key, username or email in it belongs to another one. An app
 * whose zone the system no longer knows is kept, in UTC. */
TALLY_MUST_CHECK
enum tally_err registry_load(struct registry *registry, uint8_t kind,
                             struct text name, struct text json);

/* Follows the documents that an applied batch put and erased.
 * TALLY_ERR_CORRUPT as registry_load(); effects of other kinds are ignored. */
TALLY_MUST_CHECK
enum tally_err registry_accept(struct registry *registry,
                               const struct batch *batch);

struct zones *registry_zones(const struct registry *registry);

/* The tokens. */
const struct keyring *registry_keyring(const struct registry *registry);

/* All of these return NULL when there is none. */
const struct app *registry_app(const struct registry *registry, struct text id);
const struct app *registry_app_by_key(const struct registry *registry,
                                      struct text key);
const struct member *registry_member(const struct registry *registry,
                                     struct text id);
const struct member *
registry_member_by_username(const struct registry *registry,
                            struct text username);
const struct member *registry_member_by_email(const struct registry *registry,
                                              struct text email);

/* Takes as long for a key that is nearly right as for any other. */
const struct member *registry_member_by_api_key(const struct registry *registry,
                                                struct text api_key);

/* For going through all, by position from 0; NULL behind the last. */
const struct app *registry_app_at(const struct registry *registry,
                                  unsigned position);
const struct member *registry_member_at(const struct registry *registry,
                                        unsigned position);

#endif
