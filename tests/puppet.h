/*
 * puppet.h - plugins on top of intake.h: handlers for hooks, a record of what
 * fired, and a door at which a request can wait.
 */
#ifndef TESTS_PUPPET_H
#define TESTS_PUPPET_H

#include "metrics/tally_plugin.h"
#include "metrics/visit.h"

/* Gives intake_tally plugins, none at first. */
void puppet_open(void);
void puppet_close(void);

/* The same plugins for an intake_tally that was opened again. */
void puppet_move(void);

const struct tally_host *puppet_host(void);

void puppet_on(const char *hook, tally_handler handler, const void *user);

/* The plugin that the next of these adds registers a metric `db`, of the key
 * `_db`. */
void puppet_owns(const char *db);

/* Notes the path of each hook of SDK requests that fires; `name=JSON` of one;
 * `late` for another handler of /sdk; a word of the test's. */
void puppet_note_all(void);
void puppet_show(const char *hook, const char *name);
void puppet_note_late(void);
void puppet_note(const char *word);

/* What was noted, a blank behind each; forgets it. */
const char *puppet_hooks(void);

/* Puts a record of that name into the batch of the call; is it stored? Erases
 * it. */
void puppet_put(struct tally_call *call, const char *name);
bool puppet_has(const char *name);
void puppet_forget(const char *name);

/* A request that can wait: go() until it does not return INGEST_WAITS;
 * resume() keeps the oldest promise. */
extern struct visit puppet_visit;
void puppet_start(int64_t now, const char *json);
void puppet_start_bulk(int64_t now, const char *requests);
int puppet_go(void);
int puppet_resume(void);
const char *puppet_answer(void);

/* The status of an explanation. */
int puppet_explain(int64_t now, const char *json);

#endif
