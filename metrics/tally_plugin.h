/*
 * tally_plugin.h - the interface of tallyd and its plugins, installed as
 * <tally/plugin.h>.
 *
 * A plugin is a shared object that exports one symbol, `tally_plugin`, and
 * links against nothing of tallyd: everything is reached through the table
 * `struct tally_host` that its init gets.
 *
 *     static int on_begin(struct tally_call *call, void *user);
 *
 *     static int init(const struct tally_host *host, struct tally_plugin *self)
 *     {
 *         return host->on(self, "/session/begin", on_begin, NULL, 0);
 *     }
 *
 *     TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin =
 *         {TALLY_PLUGIN_ABI, sizeof(tally_plugin), "greeter", "1.0",
 *          "counts who arrives", 0, init, NULL};
 *
 * The hooks are those of Countly's plugin guide, under the same paths and with
 * the same payloads; docs/plugins.md has them one by one.
 *
 * Versions. TALLY_PLUGIN_ABI changes when something that is here changes its
 * meaning: a plugin of another number is not loaded. What is added later comes
 * at the end of tally_host: `size` and `capabilities` say whether it is there.
 *
 * Threads. init, close, handlers, timers and posted functions are called on
 * one thread, the owner's, on which all requests are decided: never block
 * there, other requests wait. A handler that takes longer than
 * `plugins.budget` is logged by name. What takes long goes to run(), whose
 * function is called on another thread. Of the host only log(), post() and
 * resume() may be called on other threads.
 *
 * Ownership. Whatever is passed in is borrowed for the call; what has to last
 * is copied. Texts that the host returns live until the handler returns and
 * are not terminated by NUL. Neither side frees memory of the other.
 *
 * Effects. What a handler changes (documents, counts, properties of the user)
 * is stored with the request that it was called for, all of it or nothing, and
 * before that is answered; after a crash the log brings back what was stored,
 * no handler is called for that. A handler of a request that ends up refused
 * or without room (503) has changed nothing.
 *
 * Failures. Functions that can fail return 0 or a negative TALLY_E_ number.
 */
#ifndef TALLY_PLUGIN_H
#define TALLY_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TALLY_PLUGIN_ABI 1

#define TALLY_PLUGIN_EXPORT __attribute__((visibility("default")))

enum {
    TALLY_E_INVALID = -1,   /* an argument is not what it has to be */
    TALLY_E_NOT_FOUND = -2, /* there is no such thing */
    TALLY_E_TOO_BIG = -3,   /* past a limit */
    TALLY_E_NOT_HERE = -4,  /* not in this hook, or not any more */
    TALLY_E_FULL = -5,      /* no room at present */
    TALLY_E_IO = -6,        /* what is stored cannot be read */
    TALLY_E_EXISTS = -7,    /* somebody else has it */
};

/* What a handler returns. A negative number is an error: it is logged and
 * taken as TALLY_PASS. */
enum {
    TALLY_PASS = 0,    /* it goes on as if the handler were not there */
    TALLY_HANDLED = 1, /* custom paths, /o, /: the request is this handler's,
                          an answer was or will be given; else as TALLY_PASS */
    TALLY_ASYNC = 2,   /* after wait(): it goes on when that is resumed */
    TALLY_DENY = 3,    /* /validation/user: 401; else as TALLY_PASS */
};

/* Bits of tally_host.capabilities and tally_plugin_description.needs. */
enum {
    TALLY_CAN_HOOK = 1 << 0,     /* on, get, set, parameters, replies */
    TALLY_CAN_STORE = 1 << 1,    /* document_*() */
    TALLY_CAN_COUNT = 1 << 2,    /* metric(), count(), fetch_time_obj() */
    TALLY_CAN_WAIT = 1 << 3,     /* wait(), resume() */
    TALLY_CAN_SCHEDULE = 1 << 4, /* run(), post(), timer() */
};

struct tally_text {
    const char *at;
    size_t len;
};

/* A plugin as the host knows it; lives until close has returned. */
struct tally_plugin;

/* One call of a handler; lives until the handler returns. */
struct tally_call;

/* A promise to go on, see wait(); never 0. */
typedef uint64_t tally_wait;

typedef int (*tally_handler)(struct tally_call *call, void *user);

/* When a request happened, in its app's time zone. */
struct tally_time {
    int64_t seconds; /* UTC: the request's timestamp, or the server's clock */
    int year;
    int month;     /* 1 to 12 */
    int day;       /* of the month, from 1 */
    int hour;      /* 0 to 23 */
    int week;      /* of the year: day of the year / 7, rounded up */
    int local_day; /* days since 1970-01-01 */
};

/* The metrics of one request, for a function that names a value. */
struct tally_metrics;

enum { TALLY_VALUE_MAX = 255 };

/* Names the value of a metric by the metrics of a request: writes at most
 * TALLY_VALUE_MAX bytes to `value` and returns how many; 0: none. Called on
 * the owner's thread; must be pure, because what metrics name is remembered.
 * metric_of() reads the metrics. */
typedef size_t (*tally_value_fn)(const struct tally_metrics *metrics,
                                 char *value);

/* A metric: its values are counted when a session begins, kept as the user's
 * and read as /o?method=<db>, in analytics and in total_users. */
struct tally_metric {
    size_t size;            /* sizeof(struct tally_metric) */
    const char *db;         /* the collection, so the method that reads it */
    const char *name;       /* the key in `metrics` */
    const char *set;        /* the name in meta; NULL: as db */
    const char *short_code; /* of the user's property; NULL: as set */
    const char *total_name; /* a second name in total_users; NULL: none */
    uint32_t flags;         /* TALLY_METRIC_ bits */
    tally_value_fn value;   /* NULL: what was sent */
};

enum {
    TALLY_METRIC_USER_PROPERTY = 1 << 0, /* a property, not from `metrics` */
    TALLY_METRIC_NO_TRACKING = 1 << 1,   /* a changed value is no new user of
                                            it */
    TALLY_METRIC_FALLBACK = 1 << 2, /* `value` may name what was not reported:
                                       counts only as long as the user has no
                                       value, see metric_is_fallback() */
};

/* Adds to counters of a set that the plugin has registered by metric(), at the
 * time of the request. */
struct tally_count {
    size_t size;             /* sizeof(struct tally_count) */
    const char *db;          /* of the metric */
    const char *set;         /* NULL: as db */
    struct tally_text value; /* empty: the set as a whole, which has hours */
    int64_t t;               /* total */
    int64_t n;               /* new */
    int64_t u;               /* unique; counts at day, week, month and year
                                whose local start is after `last` */
    int64_t last;            /* UTC seconds; 0: at all of them */
    int no_hour;             /* leaves the hour out */
};

enum tally_right {
    TALLY_RIGHT_USER,         /* any member */
    TALLY_RIGHT_READ,         /* of the app that app_id names */
    TALLY_RIGHT_CREATE,       /* likewise */
    TALLY_RIGHT_UPDATE,       /* likewise; Countly's "write" */
    TALLY_RIGHT_DELETE,       /* likewise */
    TALLY_RIGHT_APP_ADMIN,    /* likewise */
    TALLY_RIGHT_GLOBAL_ADMIN, /* of the installation */
};

enum tally_level {
    TALLY_LOG_ERROR,
    TALLY_LOG_WARNING,
    TALLY_LOG_INFO,
    TALLY_LOG_DEBUG,
};

/* Returns 0 to go on. */
typedef int (*tally_document_fn)(void *user, struct tally_text id,
                                 struct tally_text json);

struct tally_host {
    uint32_t abi; /* TALLY_PLUGIN_ABI */
    size_t size;  /* of this table */
    uint64_t capabilities;
    const char *version; /* of tallyd */

    /* --- in init only: what the plugin is about --- */

    /* Calls `handler` when the hook `path` fires: one of the guide's, or a
     * path of the plugin's own, of two segments (/o/foo, /i/foo), which gets
     * what is below it, too. Handlers are called by rising priority, those of
     * one priority in the order in which they were registered; plugins are
     * initialised in the order of `plugins.order`, then of their names. */
    int (*on)(struct tally_plugin *self, const char *path,
              tally_handler handler, void *user, int priority);

    /* Registers a metric. TALLY_E_EXISTS when its db and set, its name or its
     * short code are another's, TALLY_E_TOO_BIG when there are too many. */
    int (*metric)(struct tally_plugin *self, const struct tally_metric *metric);

    /* The value of plugins.NAME.KEY of the configuration, NAME the plugin's;
     * `standard` when it is not set. NUL-terminated, lives as long as the
     * plugin. A key that no plugin asks for keeps the server from starting. */
    const char *(*setting)(struct tally_plugin *self, const char *key,
                           const char *standard);

    /* --- at any time --- */

    /* What the plugin keeps for itself. */
    void (*set_state)(struct tally_plugin *self, void *state);
    void *(*state)(const struct tally_plugin *self);
    struct tally_plugin *(*self)(const struct tally_call *call);

    /* One line of the server's log, under the plugin's name. Any thread. */
    void (*log)(struct tally_plugin *self, enum tally_level level,
                const char *message);

    /* --- the payload of a call --- */

    /* A property of the payload as JSON, under the guide's name: `isNewUser`,
     * `currEvent`, `params.qstring`, `params.app_user.did`... Empty when there
     * is none here. A string keeps its quotes: see string(). */
    struct tally_text (*get)(struct tally_call *call, const char *name);

    /* The same of a string, decoded; empty when it is none. */
    struct tally_text (*string)(struct tally_call *call, const char *name);

    /* Replaces a property that docs/plugins.md calls mutable. The value is
     * JSON. TALLY_E_NOT_HERE for the others, TALLY_E_INVALID. */
    int (*set)(struct tally_call *call, const char *name,
               struct tally_text json);

    /* A parameter of the request (params.qstring.NAME): the text of a string
     * or the JSON of anything else. `at` is NULL when it is absent. */
    struct tally_text (*param)(const struct tally_call *call, const char *name);

    /* Sets a parameter to a text, or to JSON. Seen by handlers that follow, by
     * the core only if it has not read it yet: in / and /sdk. */
    int (*set_param)(struct tally_call *call, const char *name,
                     struct tally_text text);
    int (*set_param_json)(struct tally_call *call, const char *name,
                          struct tally_text json);

    /* A header of the request by its lower-case name. */
    struct tally_text (*header)(const struct tally_call *call,
                                const char *name);

    /* params.time. TALLY_E_NOT_HERE when no app is known. */
    int (*time)(const struct tally_call *call, struct tally_time *time);

    /* In / and /sdk: the request is ignored, and answered by 200 that says
     * why. */
    int (*cancel)(struct tally_call *call, const char *reason);

    /* --- answers: custom paths, /o, / --- */

    /* Each answers the request, once: {"result": message}, JSON as it is, or
     * anything. TALLY_E_NOT_HERE when there is nobody to answer, or an answer
     * already. The answer leaves when what it depends on is durable. */
    int (*reply)(struct tally_call *call, int status, const char *message);
    int (*reply_json)(struct tally_call *call, int status,
                      struct tally_text json);
    int (*reply_raw)(struct tally_call *call, int status,
                     const char *content_type, struct tally_text body);

    /* Before that: a header of the answer. */
    int (*reply_header)(struct tally_call *call, const char *name,
                        const char *value);

    /* Checks who asks, by api_key, auth_token or the header countly-token.
     * Refused: the request is answered as the guide says, TALLY_HANDLED is
     * returned, and `next` is not called. Else params.member (and params.app,
     * app_id and the like) are there, and what `next` returns is returned.
     * `feature` is the plugin's name when it is NULL; rights of members are
     * given by feature. Fires /validation/user and, for TALLY_RIGHT_READ,
     * /o/validate. */
    int (*validate)(struct tally_call *call, enum tally_right right,
                    const char *feature, tally_handler next, void *user);

    /* Answers a validated request with the time object of a collection, by
     * its parameters `period` and `action`: the guide's fetchTimeObj. Return
     * TALLY_HANDLED. */
    int (*fetch_time_obj)(struct tally_call *call, const char *db);

    /* --- metrics, counts, users --- */

    /* In a tally_value_fn: a metric of the request, as text; empty when it is
     * absent or no plain value. Whether the app is one for the web. Declares
     * that the value is no reported one, see TALLY_METRIC_FALLBACK. */
    struct tally_text (*metric_of)(const struct tally_metrics *metrics,
                                   const char *key);
    int (*metric_is_web)(const struct tally_metrics *metrics);
    void (*metric_is_fallback)(const struct tally_metrics *metrics);

    /* In /session/metrics and /sdk: a metric of the request gets this value,
     * in place of what was sent. */
    int (*set_metric)(struct tally_call *call, const char *name,
                      struct tally_text value);

    /* In hooks of SDK requests. */
    int (*count)(struct tally_call *call, const struct tally_count *count);

    /* Sets a property of the app user, under a name of at most 64 bytes; null
     * takes it away. In hooks of SDK requests before /session/retention and
     * /i. TALLY_E_EXISTS for names that the core uses. */
    int (*set_user)(struct tally_call *call, const char *name,
                    struct tally_text json);

    /* --- documents of the plugin's own --- */

    /* JSON values by collection and id, of an app (24 hexadecimal digits) or,
     * with an empty text, of none. They go with their app's data: when it is
     * deleted or reset. A collection has a name of at most 64 bytes
     * [A-Za-z0-9_-], an id has 1 to 200 bytes of any kind, a document is UTF-8
     * of at most 64 KB. What has been put is seen at once by the same handler,
     * by others once it is stored. */
    int (*document_get)(struct tally_call *call, struct tally_text app_id,
                        const char *collection, struct tally_text id,
                        struct tally_text *json);
    int (*document_put)(struct tally_call *call, struct tally_text app_id,
                        const char *collection, struct tally_text id,
                        struct tally_text json);
    int (*document_erase)(struct tally_call *call, struct tally_text app_id,
                          const char *collection, struct tally_text id);

    /* Calls fn for the documents whose id begins with `prefix`, by rising id,
     * from the one behind `after` on. fn may read and change documents; one
     * that it changes further on in the same collection may still be given as
     * it was. */
    int (*document_each)(struct tally_call *call, struct tally_text app_id,
                         const char *collection, struct tally_text prefix,
                         struct tally_text after, tally_document_fn fn,
                         void *user);

    /* Calls fn for the id of each app. */
    int (*app_each)(struct tally_call *call, tally_document_fn fn, void *user);

    /* --- later --- */

    /* Promises to go on: the handler returns TALLY_ASYNC next. Once resumed,
     * `next` is called on the owner's thread with a call for the same request;
     * it may reply, wait again, or return what the handler would have
     * returned. In /, /sdk, /o and custom paths the request is not decided
     * before; in other hooks of SDK requests it is decided and stored, and its
     * answer and /sdk/end wait. After `plugins.timeout` without a resume() a
     * request that was not decided is answered by 504, another is answered
     * without it; both are logged by the plugin's name. Returns 0 where
     * nothing can wait: other hooks. */
    tally_wait (*wait)(struct tally_call *call, tally_handler next, void *user);

    /* Any thread, once per promise. TALLY_E_NOT_FOUND when it is too late:
     * `next` will not be called. */
    int (*resume)(struct tally_plugin *self, tally_wait wait);

    /* Calls fn on a thread of a pool, soon. */
    int (*run)(struct tally_plugin *self, void (*fn)(void *user), void *user);

    /* Calls fn on the owner's thread, soon, with a call for no request: it can
     * read and change documents, log, and dispatch. What it changes is stored
     * when it returns; if there is no room for that, it is called again later.
     * Any thread. */
    int (*post)(struct tally_plugin *self, tally_handler fn, void *user);

    /* The same once after so many milliseconds; returns 0 or a number that
     * timer_stop() takes. Not on other threads. */
    uint64_t (*timer)(struct tally_plugin *self, unsigned ms, tally_handler fn,
                      void *user);
    void (*timer_stop)(struct tally_plugin *self, uint64_t timer);

    /* --- between plugins --- */

    /* Fires a hook for the same request, with the members of a JSON object as
     * the payload besides `params`: /systemlogs, /plugins/drill, or a path of
     * plugins' own. TALLY_HANDLED when a handler says so. */
    int (*dispatch)(struct tally_call *call, const char *path,
                    struct tally_text payload);
};

struct tally_plugin_description {
    uint32_t abi;        /* TALLY_PLUGIN_ABI */
    size_t size;         /* sizeof(struct tally_plugin_description) */
    const char *name;    /* 1 to 64 bytes of a-z, 0-9, _ and -, from a letter
                            on; in routes, rights, settings and the log */
    const char *version; /* anything that is shown */
    const char *about;   /* one line */
    uint64_t needs;      /* TALLY_CAN_ bits that it cannot do without */

    /* Registers what the plugin is about. Not 0: it cannot be used, and has
     * logged why; the server does not start. */
    int (*init)(const struct tally_host *host, struct tally_plugin *self);

    /* Before the plugin is unloaded, when nothing of it is under way any more;
     * NULL: nothing to do. */
    void (*close)(struct tally_plugin *self);
};

/* What a plugin exports. */
extern TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin;

#ifdef __cplusplus
}
#endif

#endif
