#include "metrics/profile_merge.h"

#include "metrics/consent.h"
#include "metrics/extra.h"
#include "metrics/property.h"

static enum tally_err merge_details(struct text other, struct arena *arena,
                                    unsigned list_limit, struct text *details)
{
    struct properties properties;

    if (other.len == 0)
        return TALLY_OK;
    enum tally_err err = properties_read(&properties, *details, list_limit);
    if (err)
        return err;
    err = properties_merge(&properties, other);
    if (!err)
        err = properties_write(&properties, arena, details);
    properties_finish(&properties);
    return err;
}

static void merge_texts(const struct profile *other, struct profile *merged)
{
    if (merged->loc.len == 0)
        merged->loc = other->loc;
    if (merged->rgn.len == 0)
        merged->rgn = other->rgn;
    for (unsigned i = 0; i < other->text_count; i++) {
        if (profile_text(merged, other->texts[i].set).len == 0)
            profile_set_text(merged, other->texts[i].set,
                             other->texts[i].value);
    }
}

enum tally_err profile_merge(const struct profile *winner,
                             const struct profile *other, struct arena *arena,
                             unsigned list_limit, struct profile *merged)
{
    struct profile profile = *winner;

    merge_texts(other, &profile);
    enum tally_err err =
        merge_details(other->details, arena, list_limit, &profile.details);
    if (!err)
        err = consent_merge(other, arena, &profile);
    if (!err)
        err = extra_merge(&profile.extra, arena, other->extra);
    if (!err)
        *merged = profile;
    return err;
}
