#include "http/geoip.h"

#include <errno.h>
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"
#include "http/address.h"

struct geoip {
    MMDB_s file;
};

static enum tally_err from_mmdb(int status)
{
    switch (status) {
    case MMDB_SUCCESS:
        return TALLY_OK;
    case MMDB_FILE_OPEN_ERROR:
    case MMDB_IO_ERROR:
        return TALLY_ERR_IO;
    default:
        return TALLY_ERR_CORRUPT;
    }
}

enum tally_err geoip_open(const char *path, struct geoip **geoip,
                          char reason[static GEOIP_REASON_SIZE])
{
    struct geoip *opened = memory_alloc(sizeof(*opened));
    int status = MMDB_open(path, MMDB_MODE_MMAP, &opened->file);

    if (status != MMDB_SUCCESS) {
        enum tally_err err = from_mmdb(status);
        snprintf(reason, GEOIP_REASON_SIZE, "%.160s: %.80s", path,
                 err == TALLY_ERR_IO ? strerror(errno)
                                     : "not a whole MaxMind DB file");
        free(opened);
        return err;
    }
    *geoip = opened;
    return TALLY_OK;
}

void geoip_close(struct geoip *geoip)
{
    if (!geoip)
        return;

    MMDB_close(&geoip->file);
    free(geoip);
}

static MMDB_lookup_result_s look_up(const MMDB_s *file,
                                    const struct in6_addr *ip, int *status)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = *ip};

    if (!IN6_IS_ADDR_V4MAPPED(ip))
        return MMDB_lookup_sockaddr(file, (struct sockaddr *)&v6, status);
    memcpy(&v4.sin_addr, ip->s6_addr + 12, sizeof(v4.sin_addr));
    return MMDB_lookup_sockaddr(file, (struct sockaddr *)&v4, status);
}

static struct text read_text(MMDB_entry_s *entry, const char *const *path)
{
    MMDB_entry_data_s data;

    if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data ||
        data.type != MMDB_DATA_TYPE_UTF8_STRING)
        return (struct text){NULL, 0};
    return (struct text){data.utf8_string, data.data_size};
}

static bool read_double(MMDB_entry_s *entry, const char *name, double *value)
{
    MMDB_entry_data_s data;

    if (MMDB_get_value(entry, &data, "location", name, NULL) != MMDB_SUCCESS ||
        !data.has_data || data.type != MMDB_DATA_TYPE_DOUBLE)
        return false;
    *value = data.double_value;
    return true;
}

static void read_coordinates(MMDB_entry_s *entry, struct whereabouts *place)
{
    double latitude;
    double longitude;

    if (!read_double(entry, "latitude", &latitude) ||
        !read_double(entry, "longitude", &longitude) ||
        !(latitude >= -90 && latitude <= 90) ||
        !(longitude >= -180 && longitude <= 180))
        return;
    snprintf(place->coordinates, sizeof(place->coordinates), "%.4f,%.4f",
             latitude, longitude);
}

void geoip_find(void *geoip, struct text address, struct whereabouts *place)
{
    const struct geoip *self = geoip;
    struct in6_addr ip;
    int status;

    if (!address_read(address, &ip))
        return;
    MMDB_lookup_result_s found = look_up(&self->file, &ip, &status);
    if (status != MMDB_SUCCESS || !found.found_entry)
        return;
    MMDB_entry_s *entry = &found.entry;
    place->country =
        read_text(entry, (const char *[]){"country", "iso_code", NULL});
    place->region = read_text(
        entry, (const char *[]){"subdivisions", "0", "iso_code", NULL});
    place->city =
        read_text(entry, (const char *[]){"city", "names", "en", NULL});
    read_coordinates(entry, place);
}
