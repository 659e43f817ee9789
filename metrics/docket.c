#include "metrics/docket.h"

#include <stdlib.h>

#include "engine/buffer.h"
#include "engine/memory.h"
#include "metrics/identity.h"

struct record {
    uint32_t seconds;
    uint32_t ordinal;
    uint32_t size;
    uint32_t losses; /* bits of enum loss */
    uint8_t outcome;
    uint8_t device_len; /* of the whole id, as far as a byte holds it */
    bool is_item;
    uint8_t text_len;
    char device[DOCKET_DEVICE_MAX];
    const char *reason;
    char *text; /* DOCKET_TEXT_MAX bytes, NULL until needed */
};

struct ring {
    uint32_t app; /* 0: nobody's */
    uint32_t next;
    uint32_t count;
    uint32_t since; /* when the app got the place */
    uint64_t outcomes[DOCKET_OUTCOMES];
    uint64_t drops[LOSS_KINDS];
    struct record *records; /* as many as are kept */
};

struct docket {
    uint32_t kept;
    uint32_t ring_count;
    struct ring rings[DOCKET_APPS_MAX];
};

_Static_assert((int)LOSS_KINDS <= 32, "bits of a record's losses");

struct docket *docket_create(void)
{
    return memory_alloc(sizeof(struct docket));
}

static void clear(struct docket *docket)
{
    for (uint32_t i = 0; i < docket->ring_count; i++) {
        struct record *records = docket->rings[i].records;
        for (uint32_t j = 0; records && j < docket->kept; j++)
            free(records[j].text);
        free(records);
        docket->rings[i] = (struct ring){0};
    }
}

void docket_destroy(struct docket *docket)
{
    if (!docket)
        return;

    clear(docket);
    free(docket);
}

/* The setting has changed: what was kept goes. */
static void resize(struct docket *docket, uint32_t kept)
{
    uint32_t places = kept > 0 ? DOCKET_RECORDS_MAX / kept : 0;

    clear(docket);
    docket->kept = kept;
    docket->ring_count = places < DOCKET_APPS_MAX ? places : DOCKET_APPS_MAX;
}

static struct ring *ring_of(struct docket *docket, uint32_t app)
{
    return &docket->rings[app % docket->ring_count];
}

static void take_place(struct docket *docket, struct ring *ring,
                       const struct docket_request *request)
{
    struct record *records = ring->records;

    if (!records)
        records = memory_alloc(docket->kept * sizeof(*records));
    *ring = (struct ring){.app = request->app,
                          .since = (uint32_t)request->seconds,
                          .records = records};
}

static void add_losses(struct ring *ring, const struct losses *losses)
{
    for (int i = 0; i < LOSS_KINDS; i++)
        ring->drops[i] += losses->at[i];
}

static bool is_secret(struct text name)
{
    static const char *const names[] = {"api_key", "auth_token", "checksum",
                                        "checksum256", "app_key"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (text_is(name, names[i]))
            return true;
    }
    return false;
}

static void add_cut(struct record *record, struct text text)
{
    size_t room = DOCKET_TEXT_MAX - record->text_len;
    size_t len = text.len < room ? text.len : room;

    if (len > 0)
        memcpy(record->text + record->text_len, text.at, len);
    record->text_len += (uint8_t)len;
}

static void add_device(struct record *record, struct text device)
{
    size_t len =
        device.len < DOCKET_DEVICE_MAX ? device.len : DOCKET_DEVICE_MAX;

    record->device_len =
        device.len < UINT8_MAX ? (uint8_t)device.len : UINT8_MAX;
    if (len > 0)
        memcpy(record->device, device.at, len);
}

/* The parameters but those that are secret or shown elsewhere. */
static void add_text(struct record *record, const struct params *params)
{
    if (!record->text)
        record->text = memory_alloc(DOCKET_TEXT_MAX);
    for (unsigned i = 0; i < params->count; i++) {
        const struct param *param = &params->list[i];
        if (is_secret(param->name) || text_is(param->name, "device_id") ||
            text_is(param->name, "old_device_id"))
            continue;
        if (record->text_len > 0)
            add_cut(record, TEXT("&"));
        add_cut(record, param->name);
        add_cut(record, TEXT("="));
        add_cut(record, param->value);
    }
}

void docket_note(struct docket *docket, uint32_t kept,
                 const struct docket_request *request)
{
    if (kept != docket->kept)
        resize(docket, kept);
    if (docket->ring_count == 0)
        return;
    struct ring *ring = ring_of(docket, request->app);
    if (ring->app != request->app)
        take_place(docket, ring, request);

    struct record *record = &ring->records[ring->next];
    ring->next = ring->next + 1 < docket->kept ? ring->next + 1 : 0;
    ring->count += ring->count < docket->kept;
    ring->outcomes[request->outcome]++;
    *record = (struct record){.seconds = (uint32_t)request->seconds,
                              .ordinal = request->ordinal,
                              .size = request->size,
                              .losses = request->losses->kinds,
                              .outcome = (uint8_t)request->outcome,
                              .is_item = request->is_item,
                              .reason = request->reason,
                              .text = record->text};
    add_device(record, request->device);
    if (record->losses == 0)
        return;
    add_losses(ring, request->losses);
    add_text(record, request->params);
}

/* NULL when nothing is kept of the app. */
static struct ring *find_ring(struct docket *docket, uint32_t app)
{
    struct ring *ring = docket->ring_count > 0 ? ring_of(docket, app) : NULL;

    return ring && ring->app == app ? ring : NULL;
}

void docket_merge(struct docket *docket, uint32_t app, uint32_t ordinal,
                  uint32_t becomes)
{
    struct ring *ring = find_ring(docket, app);

    for (uint32_t i = 0; ring && i < ring->count; i++) {
        if (ring->records[i].ordinal == ordinal)
            ring->records[i].ordinal = becomes;
    }
}

void docket_forget(struct docket *docket, uint32_t app, uint32_t ordinal)
{
    struct ring *ring = find_ring(docket, app);

    for (uint32_t i = 0; ring && i < ring->count; i++) {
        struct record *record = &ring->records[i];
        if (record->ordinal != ordinal)
            continue;
        free(record->text);
        *record = (struct record){.seconds = record->seconds,
                                  .size = record->size,
                                  .losses = record->losses,
                                  .outcome = record->outcome,
                                  .is_item = record->is_item,
                                  .reason = record->reason};
    }
}

const char *docket_outcome_name(enum docket_outcome outcome)
{
    static const char *const names[] = {"accepted", "ignored", "rejected"};

    return names[outcome];
}

static void write_device(const struct record *record, struct json *json)
{
    char shown[DOCKET_DEVICE_MAX + 3];
    size_t len = record->device_len;

    if (len <= DOCKET_DEVICE_MAX) {
        json_member_text(json, "device", (struct text){record->device, len});
        return;
    }
    memcpy(shown, record->device, DOCKET_DEVICE_MAX);
    memcpy(shown + DOCKET_DEVICE_MAX, "...", 3);
    json_member_text(json, "device", (struct text){shown, sizeof(shown)});
}

static void write_record(const struct record *record, struct json *json)
{
    char uid[IDENTITY_UID_SIZE];

    json_open_object(json);
    json_member_int(json, "time", record->seconds);
    json_member_string(json, "path", record->is_item ? "/i/bulk" : "/i");
    write_device(record, json);
    if (record->ordinal != 0) {
        identity_uid(record->ordinal, uid);
        json_member_string(json, "uid", uid);
    }
    json_member_string(json, "outcome", docket_outcome_name(record->outcome));
    if (record->reason)
        json_member_string(json, "reason", record->reason);
    json_key_string(json, "lost");
    json_open_array(json);
    for (int i = 0; i < LOSS_KINDS; i++) {
        if (record->losses >> i & 1)
            json_string(json, loss_name((enum loss)i));
    }
    json_close_array(json);
    json_member_int(json, "size", record->size);
    if (record->text_len > 0)
        json_member_text(json, "request",
                         (struct text){record->text, record->text_len});
    json_close_object(json);
}

static void write_records(const struct docket *docket, const struct ring *ring,
                          struct json *json)
{
    json_key_string(json, "requests");
    json_open_array(json);
    for (uint32_t i = 1; i <= ring->count; i++)
        write_record(
            &ring->records[(ring->next + docket->kept - i) % docket->kept],
            json);
    json_close_array(json);
}

void docket_write(const struct docket *docket, uint32_t app, struct json *json)
{
    static const struct ring none;
    const struct ring *ring = docket->ring_count > 0
                                  ? &docket->rings[app % docket->ring_count]
                                  : &none;

    if (ring->app != app)
        ring = &none;
    json_open_object(json);
    json_member_int(json, "since", ring->since);
    json_member_int(json, "kept", docket->kept);
    for (int i = 0; i < DOCKET_OUTCOMES; i++)
        json_member_int(json, docket_outcome_name((enum docket_outcome)i),
                        (int64_t)ring->outcomes[i]);
    json_key_string(json, "drops");
    json_open_object(json);
    for (int i = 0; i < LOSS_KINDS; i++)
        json_member_int(json, loss_name((enum loss)i), (int64_t)ring->drops[i]);
    json_close_object(json);
    write_records(docket, ring, json);
    json_close_object(json);
}
