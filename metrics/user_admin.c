#include "metrics/user_admin.h"

#include "engine/key.h"
#include "metrics/departure.h"
#include "metrics/detail.h"
#include "metrics/document.h"
#include "metrics/operation.h"
#include "metrics/person.h"
#include "metrics/user_export.h"
#include "metrics/user_hook.h"

enum { ARENA_MAX = 4 << 20 };

#define CUSTOM "custom"

static enum tally_err store(const struct user_admin *admin,
                            struct person *person, enum hook hook)
{
    enum tally_err err = person_store(admin->tally, person);

    if (err)
        return err;
    user_hook_fire(admin, hook, person->ordinal);
    return tally_apply(admin->tally);
}

enum tally_err user_admin_create(const struct user_admin *admin,
                                 struct text did, const cJSON *data,
                                 uint32_t *ordinal)
{
    struct tally *tally = admin->tally;
    struct arena *arena = arena_create(ARENA_MAX);
    struct person person;

    batch_clear(&tally->batch);
    enum tally_err err = person_find(tally, admin->app->number, did,
                                     (uint32_t)admin->now, &person);
    if (!err && person.ordinal != 0)
        err = TALLY_ERR_EXISTS;
    if (!err)
        err = detail_change(tally, arena, &person, operation_assign_all, data);
    if (!err)
        err = store(admin, &person, HOOK_USER_CREATE);
    if (!err)
        *ordinal = person.ordinal;
    arena_destroy(arena);
    return err;
}

/* Which property a path names: "name", "custom.visits". */
static bool read_path(const char *path, struct property *property)
{
    size_t prefix = strlen(CUSTOM ".");

    *property = (struct property){path, false};
    if (property_is_standard(path))
        return true;
    *property = (struct property){path + prefix, true};
    return strncmp(path, CUSTOM ".", prefix) == 0 && path[prefix];
}

/* Several custom properties in one object. */
static bool is_many(const char *path, const cJSON *operand)
{
    return strcmp(path, CUSTOM) == 0 && cJSON_IsObject(operand);
}

struct user_admin_fault user_admin_check(const cJSON *update)
{
    const cJSON *modifier;
    const cJSON *operand;

    cJSON_ArrayForEach(modifier, update)
    {
        struct property property;
        if (!operation_is_known(modifier->string) || !cJSON_IsObject(modifier))
            return (struct user_admin_fault){.modifier = modifier->string};
        cJSON_ArrayForEach(operand, modifier)
        {
            if (!is_many(operand->string, operand) &&
                !read_path(operand->string, &property))
                return (struct user_admin_fault){.path = operand->string};
        }
    }
    return (struct user_admin_fault){NULL, NULL};
}

static void change_path(struct properties *properties, const char *modifier,
                        const cJSON *operand)
{
    struct property property;
    const cJSON *each;

    if (!is_many(operand->string, operand)) {
        if (read_path(operand->string, &property))
            operation_apply(properties, &property, modifier, operand);
        return;
    }
    cJSON_ArrayForEach(each, operand)
    {
        property = (struct property){each->string, true};
        operation_apply(properties, &property, modifier, each);
    }
}

static void change(struct properties *properties, const cJSON *update)
{
    const cJSON *modifier;
    const cJSON *operand;

    cJSON_ArrayForEach(modifier, update)
    {
        cJSON_ArrayForEach(operand, modifier)
        {
            change_path(properties, modifier->string, operand);
        }
    }
}

enum tally_err user_admin_update(const struct user_admin *admin,
                                 uint32_t ordinal, const cJSON *update)
{
    struct tally *tally = admin->tally;
    struct arena *arena = arena_create(ARENA_MAX);
    struct person person;

    batch_clear(&tally->batch);
    enum tally_err err =
        person_open(tally, arena, admin->app->number, ordinal, &person);
    if (!err)
        err = detail_change(tally, arena, &person, change, update);
    if (!err)
        err = store(admin, &person, HOOK_USER_UPDATE);
    arena_destroy(arena);
    return err;
}

static enum tally_err note_departure(const struct user_admin *admin,
                                     const struct person *person)
{
    struct departure departure;
    enum tally_err err =
        departure_read(admin->tally->engine, person->app, &departure);

    if (err)
        return err;
    departure_add(&departure, &person->user);
    departure_put(&admin->tally->batch, person->app, &departure);
    return TALLY_OK;
}

enum tally_err user_admin_delete(const struct user_admin *admin,
                                 uint32_t ordinal)
{
    struct tally *tally = admin->tally;
    struct arena *arena = arena_create(ARENA_MAX);
    char export[USER_EXPORT_NAME_SIZE];
    struct person person;

    batch_clear(&tally->batch);
    enum tally_err err =
        person_open(tally, arena, admin->app->number, ordinal, &person);
    if (!err)
        err = note_departure(admin, &person);
    if (!err) {
        person_erase(tally, &person);
        user_export_name(admin->app, ordinal, export);
        user_export_erase(tally, text_of(export));
        user_hook_fire(admin, HOOK_USER_DELETE, ordinal);
        err = tally_apply(tally);
    }
    if (!err) {
        online_forget(tally->online, admin->app->number, ordinal);
        docket_forget(tally->docket, admin->app->number, ordinal);
    }
    arena_destroy(arena);
    return err;
}

enum tally_err user_admin_export(const struct user_admin *admin,
                                 uint32_t ordinal)
{
    struct tally *tally = admin->tally;

    batch_clear(&tally->batch);
    enum tally_err err =
        user_export_put(tally, admin->app, ordinal, admin->now);

    if (err)
        return err;
    user_hook_fire(admin, HOOK_USER_EXPORT, ordinal);
    return tally_apply(tally);
}
