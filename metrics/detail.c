#include "metrics/detail.h"

#include "metrics/document.h"
#include "metrics/operation.h"

enum tally_err detail_change(struct tally *tally, struct arena *arena,
                             struct person *person, detail_fn change,
                             const cJSON *given)
{
    struct properties properties;
    enum tally_err err = person_load_profile(tally, arena, person);

    if (!err)
        err = properties_read(&properties, person->profile.details,
                              tally->settings.array_list_limit);
    if (err)
        return err;
    change(&properties, given);
    if (properties.root->child)
        person->user.has_info = true;
    if (properties.changed) {
        err = properties_write(&properties, arena, &person->profile.details);
        person->profile_changed = true;
    }
    properties_finish(&properties);
    return err;
}

enum tally_err detail_record(struct tally *tally, struct arena *arena,
                             const struct params *params, struct person *person)
{
    const struct param *param = params_find(params, "user_details");

    if (!param)
        return TALLY_OK;
    cJSON *given = document_parse(param->value);
    if (!given)
        return TALLY_OK;
    enum tally_err err =
        detail_change(tally, arena, person, operation_assign_all, given);
    cJSON_Delete(given);
    return err;
}
