#include "metrics/departure.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/documents.h"
#include "metrics/document.h"
#include "metrics/kind.h"

enum { NAME_SIZE = 16, DOCUMENT_MAX = 512 };

static const struct {
    const char *name;
    size_t offset;
} fields[] = {
    {"pending", offsetof(struct departure, pending)},
    {"users", offsetof(struct departure, users)},
    {"with_sessions", offsetof(struct departure, with_sessions)},
    {"sessions", offsetof(struct departure, sessions)},
    {"seconds", offsetof(struct departure, seconds)},
    {"merges", offsetof(struct departure, merges)},
    {"open", offsetof(struct departure, open)},
    {"new_most", offsetof(struct departure, new_most)},
};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static struct text name_of(uint32_t app, char name[NAME_SIZE])
{
    int len = snprintf(name, NAME_SIZE, "%u", (unsigned)app);

    return (struct text){name, (size_t)len};
}

static enum tally_err parse(struct text document, struct departure *departure)
{
    cJSON *tree = document_parse(document);

    if (!tree)
        return TALLY_ERR_CORRUPT;
    for (size_t i = 0; i < FIELDS; i++) {
        int64_t value = document_int(tree, fields[i].name);
        memcpy((char *)departure + fields[i].offset, &value, sizeof(value));
    }
    cJSON_Delete(tree);
    return TALLY_OK;
}

enum tally_err departure_read(struct engine *engine, uint32_t app,
                              struct departure *departure)
{
    char name[NAME_SIZE];
    struct key key = key_document(KIND_DELETION, name_of(app, name));
    struct text document;
    enum tally_err err =
        engine_get(engine, TABLE_DOCUMENTS, key_text(&key), &document);

    *departure = (struct departure){0};
    if (err)
        return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
    return parse(document, departure);
}

void departure_add(struct departure *departure, const struct user *user)
{
    departure->pending++;
    departure->users++;
    departure->with_sessions += user->sc > 0;
    departure->sessions += user->sc;
    departure->seconds += (int64_t)user->tsd;
    departure->merges += user->merges;
    departure->open += user->is_open;
    if (user->sc > 0)
        departure->new_most += 1 + (int64_t)user->merges;
}

void departure_put(struct batch *batch, uint32_t app,
                   const struct departure *departure)
{
    char name[NAME_SIZE];
    struct buffer document;
    struct json json;

    buffer_init(&document, DOCUMENT_MAX);
    json_init(&json, &document, JSON_PLAIN);
    json_open_object(&json);
    for (size_t i = 0; i < FIELDS; i++) {
        int64_t value;
        memcpy(&value, (const char *)departure + fields[i].offset,
               sizeof(value));
        json_member_int(&json, fields[i].name, value);
    }
    json_close_object(&json);
    effect_put_document(batch, KIND_DELETION, name_of(app, name),
                        buffer_text(&document));
    buffer_finish(&document);
}

struct sum {
    int64_t pending;
    struct batch *batch; /* gets settled documents; may be NULL */
    enum tally_err err;
};

static bool take_document(void *user, struct text name, struct text document)
{
    struct sum *sum = user;
    struct departure departure;
    char digits[NAME_SIZE] = "";

    sum->err = parse(document, &departure);
    if (sum->err || departure.pending == 0)
        return !sum->err;
    sum->pending += departure.pending;
    departure.pending = 0;
    if (name.len < NAME_SIZE)
        memcpy(digits, name.at, name.len);
    if (sum->batch)
        departure_put(sum->batch, (uint32_t)strtoul(digits, NULL, 10),
                      &departure);
    return true;
}

enum tally_err departure_pending(struct engine *engine, int64_t *pending)
{
    struct sum sum = {0};
    enum tally_err err =
        documents_each(engine, KIND_DELETION, take_document, &sum);

    *pending = sum.pending;
    return err ? err : sum.err;
}

enum tally_err departure_settle(struct tally *tally)
{
    struct sum sum = {.batch = &tally->batch};

    batch_clear(&tally->batch);
    enum tally_err err =
        documents_each(tally->engine, KIND_DELETION, take_document, &sum);
    if (err || sum.err)
        return err ? err : sum.err;
    return sum.pending > 0 ? tally_apply(tally) : TALLY_OK;
}
