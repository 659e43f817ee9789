#include "metrics/whereabouts.h"

bool whereabouts_are_hidden(const struct params *params)
{
    const struct param *location = params_find(params, "location");

    return location && location->kind == PARAM_TEXT && location->value.len == 0;
}

/* Is there a country or city that the atlas could add? */
static bool is_wanted(const struct whereabouts *place,
                      const struct settings *settings)
{
    return settings->country_data &&
           (place->country.len == 0 ||
            (settings->city_data && place->city.len == 0));
}

static void complete(struct text *part, struct text found)
{
    if (part->len == 0)
        *part = found;
}

bool whereabouts_find(const struct params *params,
                      const struct settings *settings,
                      const struct atlas *atlas, struct text address,
                      struct whereabouts *place)
{
    struct whereabouts found = {.country = {NULL, 0}};
    struct text other = params_text(params, "ip_address");

    *place = (struct whereabouts){.country = {NULL, 0}};
    if (whereabouts_are_hidden(params))
        return false;
    place->country = params_text(params, "country_code");
    place->region = params_text(params, "region");
    place->city = params_text(params, "city");
    if (!atlas->find || !is_wanted(place, settings))
        return false;

    atlas->find(atlas->user, other.len > 0 ? other : address, &found);
    complete(&place->country, found.country);
    if (found.country.len == 0 || !text_equal(place->country, found.country))
        return false;
    if (!settings->city_data)
        return true;
    complete(&place->region, found.region);
    complete(&place->city, found.city);
    memcpy(place->coordinates, found.coordinates, sizeof(found.coordinates));
    return true;
}
