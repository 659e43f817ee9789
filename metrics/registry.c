#include "metrics/registry.h"

#include <sodium.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "metrics/lookup.h"

/* A digest is found by its first half; only who knows that half can time the
 * comparison of the other, which takes the same time whatever it is. */
enum { DIGEST_HALF = MEMBER_DIGEST_SIZE / 2 };

struct list {
    void **items;
    unsigned count;
    unsigned room;
};

struct registry {
    struct zones *zones;
    struct list apps;
    struct list members;
    struct lookup apps_by_id;
    struct lookup apps_by_key;
    struct lookup members_by_id;
    struct lookup members_by_username;
    struct lookup members_by_email;
    struct lookup members_by_digest;
    struct keyring keyring;
};

static void list_add(struct list *list, void *item)
{
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 8;
        list->items =
            memory_resize(list->items, list->room * sizeof(*list->items));
    }
    list->items[list->count++] = item;
}

static unsigned list_find(const struct list *list, const void *item)
{
    unsigned at = 0;

    while (list->items[at] != item)
        at++;
    return at;
}

static void list_remove(struct list *list, const void *item)
{
    unsigned at = list_find(list, item);

    list->count--;
    memmove(list->items + at, list->items + at + 1,
            (list->count - at) * sizeof(*list->items));
}

/* A lookup holds what a member is found by; an empty email finds nobody. */
static void lookup_put_some(struct lookup *lookup, const char *key, void *value)
{
    if (key[0] != '\0')
        lookup_put(lookup, text_of(key), value);
}

static struct text digest_key(const unsigned char *digest)
{
    return (struct text){(const char *)digest, DIGEST_HALF};
}

static void link_app(struct registry *registry, struct app *app)
{
    lookup_put(&registry->apps_by_id, text_of(app->id), app);
    lookup_put(&registry->apps_by_key, text_of(app->key), app);
}

static void unlink_app(struct registry *registry, const struct app *app)
{
    lookup_erase(&registry->apps_by_id, text_of(app->id));
    lookup_erase(&registry->apps_by_key, text_of(app->key));
}

static void link_member(struct registry *registry, struct member *member)
{
    lookup_put(&registry->members_by_id, text_of(member->id), member);
    lookup_put(&registry->members_by_digest, digest_key(member->digest),
               member);
    lookup_put_some(&registry->members_by_username, member->username, member);
    lookup_put_some(&registry->members_by_email, member->email, member);
}

static void unlink_member(struct registry *registry,
                          const struct member *member)
{
    lookup_erase(&registry->members_by_id, text_of(member->id));
    lookup_erase(&registry->members_by_digest, digest_key(member->digest));
    lookup_erase(&registry->members_by_username, text_of(member->username));
    lookup_erase(&registry->members_by_email, text_of(member->email));
}

static void destroy_app(struct app *app)
{
    app_finish(app);
    free(app);
}

static void destroy_member(struct member *member)
{
    member_finish(member);
    free(member);
}

struct registry *registry_create(struct zones *zones)
{
    struct registry *registry = memory_alloc(sizeof(*registry));

    registry->zones = zones;
    if (sodium_init() < 0)
        memory_exhausted(0);
    lookup_init(&registry->apps_by_id);
    lookup_init(&registry->apps_by_key);
    lookup_init(&registry->members_by_id);
    lookup_init(&registry->members_by_username);
    lookup_init(&registry->members_by_email);
    lookup_init(&registry->members_by_digest);
    keyring_init(&registry->keyring);
    return registry;
}

void registry_destroy(struct registry *registry)
{
    if (!registry)
        return;
    for (unsigned i = 0; i < registry->apps.count; i++)
        destroy_app(registry->apps.items[i]);
    for (unsigned i = 0; i < registry->members.count; i++)
        destroy_member(registry->members.items[i]);
    free(registry->apps.items);
    free(registry->members.items);
    lookup_finish(&registry->apps_by_id);
    lookup_finish(&registry->apps_by_key);
    lookup_finish(&registry->members_by_id);
    lookup_finish(&registry->members_by_username);
    lookup_finish(&registry->members_by_email);
    lookup_finish(&registry->members_by_digest);
    keyring_finish(&registry->keyring);
    free(registry);
}

static enum tally_err open_zone(struct registry *registry, struct app *app)
{
    enum tally_err err = zone_open(registry->zones, app->timezone, &app->zone);

    if (err)
        err = zone_open(registry->zones, "UTC", &app->zone);
    return err;
}

static enum tally_err check_app(struct registry *registry, struct text name,
                                struct app *app)
{
    const struct app *same =
        lookup_find(&registry->apps_by_key, text_of(app->key));

    if (!text_is(name, app->id) || (same && !text_is(name, same->id)))
        return TALLY_ERR_CORRUPT;
    return open_zone(registry, app);
}

static enum tally_err put_app(struct registry *registry, struct text name,
                              struct text json)
{
    struct app app;
    enum tally_err err = app_parse(json, &app);
    if (err)
        return err;
    err = check_app(registry, name, &app);
    if (err) {
        app_finish(&app);
        return err;
    }

    struct app *kept = lookup_find(&registry->apps_by_id, name);

    if (kept) {
        unlink_app(registry, kept);
        app_finish(kept);
    } else {
        kept = memory_alloc(sizeof(*kept));
        list_add(&registry->apps, kept);
    }
    *kept = app;
    link_app(registry, kept);
    return TALLY_OK;
}

static bool is_taken(const struct lookup *lookup, const char *key,
                     struct text name)
{
    const struct member *same = lookup_find(lookup, text_of(key));

    return same && !text_is(name, same->id);
}

static enum tally_err check_member(struct registry *registry, struct text name,
                                   const struct member *member)
{
    const struct member *same =
        lookup_find(&registry->members_by_digest, digest_key(member->digest));

    if (!text_is(name, member->id) || (same && !text_is(name, same->id)) ||
        is_taken(&registry->members_by_username, member->username, name) ||
        is_taken(&registry->members_by_email, member->email, name))
        return TALLY_ERR_CORRUPT;
    return TALLY_OK;
}

static enum tally_err put_member(struct registry *registry, struct text name,
                                 struct text json)
{
    struct member member;
    enum tally_err err = member_parse(json, &member);
    if (err)
        return err;
    err = check_member(registry, name, &member);
    if (err) {
        member_finish(&member);
        return err;
    }

    struct member *kept = lookup_find(&registry->members_by_id, name);

    if (kept) {
        unlink_member(registry, kept);
        member_finish(kept);
    } else {
        kept = memory_alloc(sizeof(*kept));
        list_add(&registry->members, kept);
    }
    *kept = member;
    link_member(registry, kept);
    return TALLY_OK;
}

enum tally_err registry_load(struct registry *registry, uint8_t kind,
                             struct text name, struct text json)
{
    if (kind == KIND_APP)
        return put_app(registry, name, json);
    if (kind == KIND_MEMBER)
        return put_member(registry, name, json);
    if (kind == KIND_TOKEN)
        return keyring_put(&registry->keyring, name, json);
    return TALLY_OK;
}

static void erase(struct registry *registry, uint8_t kind, struct text name)
{
    if (kind == KIND_APP) {
        struct app *app = lookup_find(&registry->apps_by_id, name);

        if (!app)
            return;
        unlink_app(registry, app);
        list_remove(&registry->apps, app);
        destroy_app(app);
    } else if (kind == KIND_MEMBER) {
        struct member *member = lookup_find(&registry->members_by_id, name);

        if (!member)
            return;
        unlink_member(registry, member);
        list_remove(&registry->members, member);
        destroy_member(member);
    } else if (kind == KIND_TOKEN) {
        keyring_erase(&registry->keyring, name);
    }
}

/* A document's key is its kind, one byte, and its name. */
static enum tally_err follow(struct registry *registry,
                             const struct effect *effect)
{
    bool is_keyed = effect->kind == EFFECT_PUT || effect->kind == EFFECT_ERASE;

    if (!is_keyed || effect->table != TABLE_DOCUMENTS || effect->key.len < 2)
        return TALLY_OK;

    uint8_t kind = (uint8_t)effect->key.at[0];
    struct text name = {effect->key.at + 1, effect->key.len - 1};

    if (effect->kind == EFFECT_PUT)
        return registry_load(registry, kind, name, effect->value);
    if (effect->kind == EFFECT_ERASE)
        erase(registry, kind, name);
    return TALLY_OK;
}

enum tally_err registry_accept(struct registry *registry,
                               const struct batch *batch)
{
    struct text bytes = buffer_text(&batch->bytes);
    struct effect effect;
    size_t at = 0;

    while (at < bytes.len) {
        enum tally_err err = effect_read(bytes, &at, &effect);
        if (err)
            return err;
        err = follow(registry, &effect);
        if (err)
            return err;
    }
    return TALLY_OK;
}

struct zones *registry_zones(const struct registry *registry)
{
    return registry->zones;
}

const struct keyring *registry_keyring(const struct registry *registry)
{
    return &registry->keyring;
}

const struct app *registry_app(const struct registry *registry, struct text id)
{
    return lookup_find(&registry->apps_by_id, id);
}

const struct app *registry_app_by_key(const struct registry *registry,
                                      struct text key)
{
    return lookup_find(&registry->apps_by_key, key);
}

const struct member *registry_member(const struct registry *registry,
                                     struct text id)
{
    return lookup_find(&registry->members_by_id, id);
}

const struct member *
registry_member_by_username(const struct registry *registry,
                            struct text username)
{
    return lookup_find(&registry->members_by_username, username);
}

const struct member *registry_member_by_email(const struct registry *registry,
                                              struct text email)
{
    return lookup_find(&registry->members_by_email, email);
}

const struct member *registry_member_by_api_key(const struct registry *registry,
                                                struct text api_key)
{
    unsigned char digest[MEMBER_DIGEST_SIZE];

    member_digest(api_key, digest);

    const struct member *member =
        lookup_find(&registry->members_by_digest, digest_key(digest));

    if (!member || sodium_memcmp(member->digest + DIGEST_HALF,
                                 digest + DIGEST_HALF, DIGEST_HALF) != 0)
        return NULL;
    return member;
}

const struct app *registry_app_at(const struct registry *registry,
                                  unsigned position)
{
    return position < registry->apps.count ? registry->apps.items[position]
                                           : NULL;
}

const struct member *registry_member_at(const struct registry *registry,
                                        unsigned position)
{
    return position < registry->members.count
               ? registry->members.items[position]
               : NULL;
}
