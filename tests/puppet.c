#include "puppet.h"

#include <stdio.h>
#include <string.h>

#include "engine/key.h"
#include "intake.h"
#include "metrics/bulk.h"
#include "metrics/call.h"
#include "metrics/explain.h"
#include "metrics/ingest.h"
#include "metrics/plugins.h"

enum { ARENA = 1 << 20, OUT = 64 * 1024, NOTES = 4096, PROMISES = 16 };

static struct plugins *plugins;
static const struct tally_host *host;
static char notes[2][NOTES];
static unsigned current;

static struct tally_plugin_description descriptions[PLUGINS_MAX];
static char names[PLUGINS_MAX][16];
static struct {
    const char *hook; /* NULL: all of them */
    tally_handler handler;
    void *user;
    const char *db; /* of a metric; NULL: none */
} wanted;

static struct arena *arena;
static struct buffer out;
static struct params params;
static struct ingest request;
static int (*decide)(struct tally *, const struct ingest *, struct buffer *);
static struct visit_promise promises[PROMISES];
static unsigned promised;
static unsigned kept;
struct visit puppet_visit;

static int64_t now_ns(void)
{
    return 0;
}

static void complain(const char *plugin, const char *path, const char *what,
                     int64_t number)
{
    ck_abort_msg("%s %s %s %d", plugin, path, what, (int)number);
}

void puppet_open(void)
{
    static const struct plugins_runtime runtime = {.nanoseconds = now_ns,
                                                   .complain = complain,
                                                   .version = "1",
                                                   .budget_ns = 1000};

    plugins = plugins_create(&runtime);
    arena = arena_create(ARENA);
    buffer_init(&out, OUT);
    notes[0][0] = notes[1][0] = '\0';
    promised = kept = 0;
    puppet_move();
}

void puppet_close(void)
{
    visit_finish(&puppet_visit);
    plugins_destroy(plugins);
    arena_destroy(arena);
    buffer_finish(&out);
}

void puppet_move(void)
{
    intake_tally->plugins = plugins;
}

const struct tally_host *puppet_host(void)
{
    return host;
}

void puppet_note(const char *word)
{
    size_t len = strlen(notes[current]);

    ck_assert_int_lt(snprintf(notes[current] + len, NOTES - len, "%s ", word),
                     (int)(NOTES - len));
}

const char *puppet_hooks(void)
{
    const char *noted = notes[current];

    current = !current;
    notes[current][0] = '\0';
    return noted;
}

static int note_path(struct tally_call *call, void *user)
{
    char path[PLUGIN_PATH_MAX];

    (void)user;
    snprintf(path, sizeof(path), "%.*s", (int)call->hook_path.len,
             call->hook_path.at);
    puppet_note(path);
    return TALLY_PASS;
}

static int note_property(struct tally_call *call, void *user)
{
    struct tally_text json = host->get(call, user);
    char note[NOTES];

    snprintf(note, sizeof(note), "%s=%.*s", (const char *)user, (int)json.len,
             json.at ? json.at : "");
    puppet_note(note);
    return TALLY_PASS;
}

static int note_late(struct tally_call *call, void *user)
{
    (void)call;
    (void)user;
    puppet_note("late");
    return TALLY_PASS;
}

static int listen_to_all(struct tally_plugin *self)
{
    static const char *const hooks[] = {
        "/sdk",          "/sdk/end",         "/i",
        "/i/events",     "/session/begin",   "/session/extend",
        "/session/end",  "/session/post",    "/session/duration",
        "/session/user", "/session/metrics", "/session/retention",
        "/i/device_id",  "/view/duration",   "/consent/change"};

    for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++)
        ck_assert_int_eq(host->on(self, hooks[i], note_path, NULL, 0), 0);
    return 0;
}

static void add_metric(struct tally_plugin *self)
{
    char key[DEFINITION_WORD_MAX];
    char reason[DEFINITION_REASON_SIZE];
    const struct tally_metric metric = {.size = sizeof(metric),
                                        .db = wanted.db};
    const struct metric_definition definition = {.db = wanted.db,
                                                 .name = key,
                                                 .set = wanted.db,
                                                 .source = METRIC_PLUGIN,
                                                 .tracks_changes = true};

    snprintf(key, sizeof(key), "_%s", wanted.db);
    ck_assert_int_eq(host->metric(self, &metric), 0);
    ck_assert_int_eq(tally_add_metric(intake_tally, &definition, reason),
                     TALLY_OK);
    wanted.db = NULL;
}

static int init(const struct tally_host *given, struct tally_plugin *self)
{
    host = given;
    if (wanted.db)
        add_metric(self);
    if (!wanted.hook)
        return listen_to_all(self);
    return host->on(self, wanted.hook, wanted.handler, wanted.user, 0);
}

static void add_plugin(void)
{
    char reason[PLUGIN_REASON_SIZE] = "";
    unsigned number = plugins->count;

    snprintf(names[number], sizeof(names[number]), "p%u", number);
    descriptions[number] =
        (struct tally_plugin_description){.abi = TALLY_PLUGIN_ABI,
                                          .size = sizeof(descriptions[number]),
                                          .name = names[number],
                                          .version = "1",
                                          .about = "a test",
                                          .init = init};
    ck_assert_msg(plugins_add(plugins, &descriptions[number], NULL, reason) ==
                      TALLY_OK,
                  "%s", reason);
}

void puppet_on(const char *hook, tally_handler handler, const void *user)
{
    wanted.hook = hook;
    wanted.handler = handler;
    wanted.user = (void *)(uintptr_t)user;
    add_plugin();
}

void puppet_owns(const char *db)
{
    wanted.db = db;
}

void puppet_note_all(void)
{
    wanted.hook = NULL;
    add_plugin();
}

void puppet_show(const char *hook, const char *name)
{
    puppet_on(hook, note_property, name);
}

void puppet_note_late(void)
{
    puppet_on("/sdk", note_late, NULL);
}

static struct key key_of(const char *name)
{
    uint8_t hash[KEY_HASH_SIZE] = {0};

    memcpy(hash, name, strnlen(name, sizeof(hash)));
    return key_hash(0, hash);
}

void puppet_put(struct tally_call *call, const char *name)
{
    struct key key = key_of(name);

    effect_put(call->batch, TABLE_BULKS, key_text(&key), TEXT("12345678"));
}

bool puppet_has(const char *name)
{
    struct key key = key_of(name);
    struct text value;

    return engine_get(intake_engine, TABLE_BULKS, key_text(&key), &value) ==
           TALLY_OK;
}

void puppet_forget(const char *name)
{
    struct key key = key_of(name);

    batch_clear(&intake_tally->batch);
    effect_erase(&intake_tally->batch, TABLE_BULKS, key_text(&key));
    ck_assert_int_eq(tally_apply(intake_tally), TALLY_OK);
}

/* --- waiting --- */

static tally_wait promise(struct tally_call *call, tally_handler next,
                          void *user)
{
    ck_assert_uint_lt(promised, PROMISES);
    promises[promised++] =
        (struct visit_promise){call->hook, call->plugin, next, user};
    puppet_visit.pending++;
    return promised;
}

static const struct call_door door = {.wait = promise};

static void start(int64_t now, const char *body)
{
    puppet_visit = (struct visit){.door = &door};
    request = (struct ingest){.arena = arena,
                              .params = &params,
                              .body = text_of(body),
                              .now = now * 1000,
                              .visit = &puppet_visit};
}

void puppet_start(int64_t now, const char *json)
{
    params = (struct params){0};
    ck_assert_int_eq(params_add_json(&params, arena, text_of(json)), TALLY_OK);
    decide = ingest;
    start(now, json);
}

void puppet_start_bulk(int64_t now, const char *requests)
{
    params = (struct params){0};
    ck_assert_int_eq(params_set(&params, arena,
                                (struct param){.name = TEXT("app_key"),
                                               .value = TEXT("k1")}),
                     TALLY_OK);
    ck_assert_int_eq(params_set(&params, arena,
                                (struct param){.name = TEXT("requests"),
                                               .value = text_of(requests)}),
                     TALLY_OK);
    decide = bulk;
    start(now, requests);
}

int puppet_go(void)
{
    ck_assert_uint_eq(puppet_visit.pending, 0);
    buffer_clear(&out);
    int status = decide(intake_tally, &request, &out);
    ck_assert(status != INGEST_WAITS || out.len == 0);
    engine_turn(intake_engine);
    return status;
}

int puppet_resume(void)
{
    ck_assert_uint_lt(kept, promised);
    int result = visit_resume(intake_tally, &request, &promises[kept++]);
    puppet_visit.pending--;
    return result;
}

const char *puppet_answer(void)
{
    buffer_add_byte(&out, '\0');
    return out.at;
}

int puppet_explain(int64_t now, const char *json)
{
    struct params given = {0};
    struct ingest explained = {.arena = arena,
                               .params = &given,
                               .body = text_of(json),
                               .now = now * 1000};

    ck_assert_int_eq(params_add_json(&given, arena, text_of(json)), TALLY_OK);
    buffer_clear(&out);
    return explain(intake_tally, &explained, &out);
}
