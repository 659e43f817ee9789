#include "metrics/audit.h"

#include <stdlib.h>

#include "engine/documents.h"
#include "engine/inventory.h"
#include "engine/key.h"
#include "engine/memory.h"
#include "engine/pack.h"
#include "engine/series.h"
#include "metrics/audit_activity.h"
#include "metrics/audit_event.h"
#include "metrics/audit_names.h"
#include "metrics/audit_people.h"
#include "metrics/audit_series.h"
#include "metrics/document.h"
#include "metrics/event_set.h"

struct place {
    uint32_t app;
    uint32_t set;
};

struct audit {
    struct tally *tally;
    struct findings findings;
    struct reader *counters;
    struct reader *records;
    struct place *places; /* of the inventory; sorted, each once */
    size_t count;
    size_t room;
    uint32_t *numbers; /* of the apps */
    size_t apps;
    uint32_t shelf; /* the last known one; records come shelf by shelf */
};

static void add(struct audit *audit, enum finding_rule rule, uint32_t app,
                int64_t is, int64_t against)
{
    finding_add(&audit->findings,
                &(struct finding){
                    .rule = rule, .app = app, .is = is, .against = against});
}

static void check(struct audit *audit, enum tally_err err)
{
    if (err)
        add(audit, FINDING_READ, 0, err, TALLY_OK);
}

/* What there is. */

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a;
    const struct place *y = b;

    if (x->app != y->app)
        return x->app < y->app ? -1 : 1;
    return (x->set > y->set) - (x->set < y->set);
}

static void drop_repeats(struct audit *audit)
{
    size_t kept = 0;

    if (audit->count > 1)
        qsort(audit->places, audit->count, sizeof(*audit->places),
              compare_places);
    for (size_t i = 0; i < audit->count; i++) {
        if (kept == 0 ||
            compare_places(&audit->places[kept - 1], &audit->places[i]) != 0)
            audit->places[kept++] = audit->places[i];
    }
    audit->count = kept;
}

static void take_place(void *user, uint32_t app, uint32_t set)
{
    struct audit *audit = user;

    if (app == 0)
        return;
    /* The same series comes once for each of its days: sort now and then. */
    if (audit->count == audit->room)
        drop_repeats(audit);
    if (audit->count > audit->room / 2 || audit->room == 0) {
        audit->room = audit->room ? audit->room * 2 : 256;
        audit->places =
            memory_resize(audit->places, audit->room * sizeof(*audit->places));
    }
    audit->places[audit->count++] = (struct place){app, set};
}

static void open_readers(struct audit *audit)
{
    struct engine *engine = audit->tally->engine;
    struct text all = {NULL, 0};

    check(audit, reader_open(engine, &audit->counters));
    check(audit, reader_open(engine, &audit->records));
    if (!audit->counters || !audit->records)
        return;
    for (size_t i = 0; i < audit->count; i++)
        series_capture_counts(audit->counters, audit->places[i].app,
                              audit->places[i].set);
    for (enum table table = TABLE_USERS; table < TABLE_COUNT; table++) {
        if (table != TABLE_ACTIVE && table != TABLE_COLUMNS)
            reader_capture_table(audit->records, table, all);
    }
}

/* Documents. */

static uint32_t last_app(struct audit *audit)
{
    struct key key = key_sequence(0, 0, 0);
    struct text text;

    if (engine_get(audit->tally->engine, TABLE_SEQUENCES, key_text(&key),
                   &text) != TALLY_OK)
        return 0;
    struct unpack unpack = unpack_from(text);
    return unpack_u32(&unpack);
}

static bool take_app(void *user, struct text name, struct text document)
{
    struct audit *audit = user;
    const struct app *known = registry_app(audit->tally->registry, name);
    struct app app = {0};
    bool sound = app_parse(document, &app) == TALLY_OK;

    if (!sound || !known || !text_is(name, app.id) ||
        known->number != app.number)
        add(audit, FINDING_DOCUMENT, app.number, app.number,
            known ? known->number : 0);
    app_finish(&app);
    return true;
}

static bool take_member(void *user, struct text name, struct text document)
{
    struct audit *audit = user;
    struct member member = {0};
    bool sound = member_parse(document, &member) == TALLY_OK;

    if (!sound || !text_is(name, member.id) ||
        !registry_member(audit->tally->registry, name))
        add(audit, FINDING_DOCUMENT, 0, KIND_MEMBER, 0);
    member_finish(&member);
    return true;
}

static bool take_plan(void *user, struct text name, struct text document)
{
    struct audit *audit = user;
    cJSON *plan = document_parse(document);

    if (!plan || !registry_app(audit->tally->registry, name))
        add(audit, FINDING_DOCUMENT, 0, KIND_EVENTS, 0);
    cJSON_Delete(plan);
    return true;
}

static bool count_document(void *user, struct text name, struct text document)
{
    (void)name;
    (void)document;
    ++*(int64_t *)user;
    return true;
}

static int compare_numbers(const void *a, const void *b)
{
    const uint32_t *x = a;
    const uint32_t *y = b;

    return (*x > *y) - (*x < *y);
}

/* The numbers of all apps, sorted; two of the same are broken. */
static void list_apps(struct audit *audit)
{
    struct registry *registry = audit->tally->registry;
    uint32_t last = last_app(audit);
    const struct app *app;

    while (registry_app_at(registry, (unsigned)audit->apps))
        audit->apps++;
    audit->numbers = memory_alloc((audit->apps + 1) * sizeof(uint32_t));
    for (unsigned i = 0; (app = registry_app_at(registry, i)); i++) {
        audit->numbers[i] = app->number;
        if (app->number > last)
            add(audit, FINDING_DOCUMENT, app->number, app->number, last);
    }
    qsort(audit->numbers, audit->apps, sizeof(uint32_t), compare_numbers);
    for (size_t i = 1; i < audit->apps; i++) {
        if (audit->numbers[i] == audit->numbers[i - 1])
            add(audit, FINDING_DOCUMENT, audit->numbers[i], 2, 1);
    }
}

static void check_documents(struct audit *audit)
{
    struct engine *engine = audit->tally->engine;
    int64_t stored = 0;

    check(audit, documents_each(engine, KIND_APP, take_app, audit));
    check(audit, documents_each(engine, KIND_MEMBER, take_member, audit));
    check(audit, documents_each(engine, KIND_EVENTS, take_plan, audit));
    check(audit, documents_each(engine, KIND_APP, count_document, &stored));
    if (stored != (int64_t)audit->apps)
        add(audit, FINDING_DOCUMENT, 0, stored, (int64_t)audit->apps);
}

/* Drops and orphans. */

static bool is_app(const struct audit *audit, uint32_t number)
{
    return audit->apps > 0 && bsearch(&number, audit->numbers, audit->apps,
                                      sizeof(uint32_t), compare_numbers);
}

static bool take_drop(void *user, struct text key, struct text value)
{
    struct audit *audit = user;
    struct unpack unpack = unpack_from(key);
    uint32_t number = unpack_u32(&unpack);

    (void)value;
    if (is_app(audit, number))
        add(audit, FINDING_DROP, number, number, 0);
    return true;
}

static bool is_dropped(struct audit *audit, uint32_t number)
{
    struct key key = key_app(number);
    struct text value;

    return engine_get(audit->tally->engine, TABLE_DROPS, key_text(&key),
                      &value) == TALLY_OK;
}

static void check_orphans(struct audit *audit)
{
    struct text all = {NULL, 0};

    check(audit,
          reader_records(audit->records, TABLE_DROPS, all, take_drop, audit));
    for (size_t i = 0; i < audit->count; i++) {
        uint32_t number = audit->places[i].app;
        bool seen = i > 0 && audit->places[i - 1].app == number;
        if (!seen && !is_app(audit, number) && !is_dropped(audit, number))
            add(audit, FINDING_ORPHAN, number, number, 0);
    }
}

/* Shelves. */

static bool take_shelved(void *user, struct text key, struct text value)
{
    struct audit *audit = user;
    struct unpack unpack = unpack_from(key);
    uint32_t app = unpack_u32(&unpack);
    uint32_t shelf = unpack_u32(&unpack);

    (void)value;
    if (shelf == audit->shelf && shelf != 0)
        return true;
    if (shelves_have(audit->tally->shelves, shelf))
        audit->shelf = shelf;
    else
        add(audit, FINDING_SHELF, app, shelf, 0);
    return true;
}

static void check_shelves(struct audit *audit)
{
    struct text all = {NULL, 0};

    check(audit, reader_records(audit->records, TABLE_RECORDS, all,
                                take_shelved, audit));
}

/* Apps. */

/* The rules' own sets always, others where there is something. */
static void check_sets(struct audit *audit, struct scope *scope)
{
    for (uint32_t set = SET_USERS; set < SET_CORE_END; set++) {
        if (set != SET_EVENTS)
            audit_series_check(scope, set);
    }
    for (size_t i = 0; i < audit->count; i++) {
        const struct place *place = &audit->places[i];
        if (place->app == scope->app && place->set >= SET_CORE_END &&
            !event_set_is_one(place->set))
            audit_series_check(scope, place->set);
    }
}

/* Sets are in order, so all of one event come together. */
static void check_events(struct audit *audit, struct scope *scope)
{
    struct audit_event *events = audit_event_open(scope);

    for (size_t i = 0; i < audit->count; i++) {
        const struct place *place = &audit->places[i];
        if (place->app == scope->app && event_set_is_one(place->set))
            audit_event_check_set(events, place->set);
    }
    audit_event_close(events);
}

static void check_app(struct audit *audit, const struct app *app)
{
    struct scope *scope = scope_create(audit->tally, app->number);

    scope->findings = &audit->findings;
    scope->counters = audit->counters;
    scope->records = audit->records;
    scope->cut = app->cut;
    scope->is_steady = app->edited_at <= app->created_at;
    scope_check(
        scope, 0,
        horizon_get(audit->tally->engine, app->number, &scope->horizon));
    check_sets(audit, scope);
    audit_people_check(scope);
    audit_activity_check_app(scope);
    for (uint32_t set = SET_USERS; set < SET_CUSTOM_END; set++) {
        if (set_is_metric(set))
            audit_activity_check_set(scope, set);
    }
    audit_activity_check_set(scope, SET_EVENTS);
    audit_activity_check_set(scope, SET_VIEWS);
    check_events(audit, scope);
    audit_names_check(scope);
    scope_destroy(scope);
}

int audit(struct tally *tally, struct buffer *report)
{
    struct audit run = {.tally = tally, .findings = {.report = report}};
    const struct app *app;

    check(&run, inventory_series(tally->engine, take_place, &run));
    drop_repeats(&run);
    list_apps(&run);
    open_readers(&run);
    check_documents(&run);
    if (run.counters && run.records) {
        check_orphans(&run);
        check_shelves(&run);
        for (unsigned i = 0; (app = registry_app_at(tally->registry, i)); i++)
            check_app(&run, app);
    }
    reader_close(run.counters);
    reader_close(run.records);
    free(run.places);
    free(run.numbers);
    return run.findings.count;
}
