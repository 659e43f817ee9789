/*
 * door.h - a whole tallyd in this process, and its control socket to speak to.
 *
 * What comes in through the control socket has the rights of an operator, so
 * inputs reach everything without a key.
 */
#ifndef TESTS_FUZZ_DOOR_H
#define TESTS_FUZZ_DOOR_H

#include <stdbool.h>

#include "engine/buffer.h"
#include "engine/text.h"

/* There is one app, of key k1. */
#define DOOR_APP_ID "5b0000000000000000000001"
#define DOOR_ADMIN_KEY "0123456789abcdef0123456789abcdef"

/* Sends the bytes over a connection of their own, takes what is answered
 * until the other side closes, and adds it to `answers`. The process ends
 * when that takes too long. False, and nothing is sent, when they ask for a
 * backup: it could be written anywhere. */
bool door_talk(struct text bytes, struct buffer *answers);

/* Ends the process unless `answers` are whole HTTP answers; counts them. */
unsigned door_count(struct text answers);

#endif
