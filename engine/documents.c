#include "engine/documents.h"

#include "engine/parts.h"

/* A document in the newest generation that has it hides it in older ones. */
static bool is_hidden(const struct parts *parts,
                      const struct overlay *generation, struct text key)
{
    return generation != parts->active &&
           (overlay_find(parts->active, TABLE_DOCUMENTS, key) ||
            (!generation && parts->frozen &&
             overlay_find(parts->frozen, TABLE_DOCUMENTS, key)));
}

static bool give_document(uint8_t kind, struct text key, struct text value,
                          document_fn fn, void *user)
{
    if ((uint8_t)key.at[0] != kind)
        return true;
    return fn(user, (struct text){key.at + 1, key.len - 1}, value);
}

static bool give_overlaid(const struct parts *parts,
                          const struct overlay *generation, uint8_t kind,
                          document_fn fn, void *user)
{
    const struct overlay_put *put =
        overlay_first_put(generation, TABLE_DOCUMENTS);

    for (; put; put = overlay_next_put(generation, put)) {
        struct text key = overlay_key(put);
        if (!put->erased && !is_hidden(parts, generation, key) &&
            !give_document(kind, key, overlay_value(generation, put), fn, user))
            return false;
    }
    return true;
}

static enum tally_err give_stored(const struct parts *parts, uint8_t kind,
                                  document_fn fn, void *user)
{
    struct text first = {(const char *)&kind, 1};
    struct store_cursor *cursor;
    enum tally_err err =
        store_walk(parts->txn, TABLE_DOCUMENTS, first, &cursor);
    if (err)
        return err;

    for (;;) {
        struct text key;
        struct text value;
        err = store_step(cursor, &key, &value);
        if (err || (uint8_t)key.at[0] != kind ||
            (!is_hidden(parts, NULL, key) &&
             !give_document(kind, key, value, fn, user)))
            break;
    }
    store_end_walk(cursor);
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

enum tally_err documents_each(struct engine *engine, uint8_t kind,
                              document_fn fn, void *user)
{
    struct parts parts = engine_parts(engine);

    if (!give_overlaid(&parts, parts.active, kind, fn, user))
        return TALLY_OK;
    if (parts.frozen && !give_overlaid(&parts, parts.frozen, kind, fn, user))
        return TALLY_OK;
    return give_stored(&parts, kind, fn, user);
}
