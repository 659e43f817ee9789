/*
 * window.h - the users of the last so many days, while days go by.
 *
 * Each day is united with others twice, however long the window is: days are
 * collected until the window is past all it knew, then united from the last
 * one back, so that what is left of them after any day is at hand.
 */
#ifndef METRICS_WINDOW_H
#define METRICS_WINDOW_H

#include "engine/ordinals.h"

struct window;

/* Of `days` days, at least one. */
struct window *window_create(unsigned days);

/* NULL is a no-op. */
void window_destroy(struct window *window);

/* The next day; the oldest one leaves a full window. */
void window_push(struct window *window, const struct ordinals *day);

/* Adds who was there on a day of the window. */
void window_users(const struct window *window, struct ordinals *users);

#endif
