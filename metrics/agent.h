/*
 * agent.h - what a user agent says of itself: browser, system and device, by
 * the rules of a file in uap-core's format (regexes.yaml).
 */
#ifndef METRICS_AGENT_H
#define METRICS_AGENT_H

#include "engine/arena.h"
#include "engine/error.h"
#include "engine/text.h"

enum {
    AGENT_TEXT_MAX = 512, /* what is longer is cut */
    AGENT_REASON_SIZE = 128,
};

enum agent_part {
    AGENT_BROWSER,
    AGENT_BROWSER_VERSION,
    AGENT_OS,
    AGENT_OS_VERSION,
    AGENT_DEVICE,
    AGENT_PARTS,
};

/* Versions that are not told are empty. What no rule knows is called Other, a
 * device Unknown. */
struct agent {
    struct text parts[AGENT_PARTS];
};

struct agents;

/* Reads the rules. TALLY_ERR_INVALID for what is not in that format: `reason`
 * is one line that names the place. */
TALLY_MUST_CHECK
enum tally_err agents_create(struct text rules, struct agents **agents,
                             char reason[AGENT_REASON_SIZE]);

/* NULL is a no-op. */
void agents_destroy(struct agents *agents);

/* Texts are in the arena, or borrow from `user_agent` or the agents.
 * TALLY_ERR_TOO_BIG at the arena's limit. One thread at a time. */
TALLY_MUST_CHECK
enum tally_err agents_find(const struct agents *agents, struct arena *arena,
                           struct text user_agent, struct agent *agent);

#endif
