/*
 * devices.h - the numbers of the devices that were seen lately.
 *
 * A device is known by its app and a hash of 128 bits; what is in the base for
 * good is found here without going there. Bounded: a device that has not been
 * seen for long gives its place to another.
 */
#ifndef ENGINE_DEVICES_H
#define ENGINE_DEVICES_H

#include <stdint.h>

#include "engine/key.h"

struct devices;

/* Never NULL; 24 MB of memory once all of it is used. */
struct devices *devices_create(void);

/* NULL is a no-op. */
void devices_destroy(struct devices *devices);

/* The number, or 0 when it is not kept. */
uint32_t devices_find(const struct devices *devices, uint32_t app,
                      const uint8_t hash[static KEY_HASH_SIZE]);

/* Keeps a number, in place of the one that the device had. */
void devices_put(struct devices *devices, uint32_t app,
                 const uint8_t hash[static KEY_HASH_SIZE], uint32_t number);

void devices_forget(struct devices *devices, uint32_t app,
                    const uint8_t hash[static KEY_HASH_SIZE]);

#endif
