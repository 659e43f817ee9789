/*
 * Two places for each device, the newer one first: who comes takes the first
 * place and moves the other to the second. Hashes are keyed, so that a part of
 * one serves as the hash of the table.
 */
#include "engine/devices.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"

enum { PAIRS = 1 << 19 };

struct device {
    uint8_t hash[KEY_HASH_SIZE];
    uint32_t app;
    uint32_t number; /* 0: nobody is here */
};

struct pair {
    struct device places[2];
};

struct devices {
    struct pair *pairs;
};

struct devices *devices_create(void)
{
    struct devices *devices = memory_alloc(sizeof(*devices));

    devices->pairs = memory_alloc(PAIRS * sizeof(*devices->pairs));
    return devices;
}

void devices_destroy(struct devices *devices)
{
    if (!devices)
        return;
    free(devices->pairs);
    free(devices);
}

static struct pair *pair_of(const struct devices *devices, uint32_t app,
                            const uint8_t hash[static KEY_HASH_SIZE])
{
    uint32_t part;

    memcpy(&part, hash, sizeof(part));
    return &devices->pairs[(part ^ app * 0x9e3779b1u) % PAIRS];
}

static bool is_of(const struct device *device, uint32_t app,
                  const uint8_t hash[static KEY_HASH_SIZE])
{
    return device->number != 0 && device->app == app &&
           memcmp(device->hash, hash, KEY_HASH_SIZE) == 0;
}

uint32_t devices_find(const struct devices *devices, uint32_t app,
                      const uint8_t hash[static KEY_HASH_SIZE])
{
    const struct pair *pair = pair_of(devices, app, hash);

    for (int i = 0; i < 2; i++) {
        if (is_of(&pair->places[i], app, hash))
            return pair->places[i].number;
    }
    return 0;
}

void devices_put(struct devices *devices, uint32_t app,
                 const uint8_t hash[static KEY_HASH_SIZE], uint32_t number)
{
    struct pair *pair = pair_of(devices, app, hash);

    if (!is_of(&pair->places[0], app, hash))
        pair->places[1] = pair->places[0];
    pair->places[0] = (struct device){.app = app, .number = number};
    memcpy(pair->places[0].hash, hash, KEY_HASH_SIZE);
}

void devices_forget(struct devices *devices, uint32_t app,
                    const uint8_t hash[static KEY_HASH_SIZE])
{
    struct pair *pair = pair_of(devices, app, hash);

    for (int i = 0; i < 2; i++) {
        if (is_of(&pair->places[i], app, hash))
            pair->places[i].number = 0;
    }
}
