#include "metrics/audit_names.h"

#include "engine/key.h"
#include "engine/pack.h"

struct names {
    struct scope *scope;
    int64_t counts[SET_CUSTOM_END]; /* strings of a set */
};

static void add(struct scope *scope, enum finding_rule rule, uint32_t set,
                uint32_t value, int64_t is, int64_t against)
{
    scope_add(scope, (struct finding){.rule = rule,
                                      .set = set,
                                      .value = value,
                                      .is = is,
                                      .against = against});
}

/* NAMES: app, set, string -> value. */
static bool take_name(void *user, struct text key, struct text record)
{
    struct scope *scope = ((struct names *)user)->scope;
    struct unpack unpack = unpack_from(key);
    struct unpack number = unpack_from(record);
    struct text string = {NULL, 0};

    unpack_u32(&unpack);
    uint32_t set = unpack_u32(&unpack);
    struct text name = unpack_text(&unpack, unpack_left(&unpack));
    uint32_t value = unpack_u32(&number);
    struct key id = key_string(scope->app, set, value);
    enum tally_err err =
        engine_get(scope->tally->engine, TABLE_STRINGS, key_text(&id), &string);
    if (err || number.bad || !text_equal(string, name))
        add(scope, FINDING_NAME, set, value, 0, value);
    return true;
}

/* STRINGS: app, set, value -> string. */
static bool take_string(void *user, struct text key, struct text string)
{
    struct names *names = user;
    struct scope *scope = names->scope;
    struct unpack unpack = unpack_from(key);
    uint32_t led = 0;

    unpack_u32(&unpack);
    uint32_t set = unpack_u32(&unpack);
    uint32_t value = unpack_u32(&unpack);
    uint32_t last = scope_sequence(scope, set, 0);
    if (set < SET_CUSTOM_END)
        names->counts[set]++;
    if (value == 0 || value > last)
        add(scope, FINDING_VALUE, set, value, value, last);
    if (string.len == 0 || string.len > KEY_NAME_MAX) {
        add(scope, FINDING_NAME, set, value, (int64_t)string.len, KEY_NAME_MAX);
        return true;
    }
    struct key name = key_name(scope->app, set, string);
    struct text record;
    if (engine_get(scope->tally->engine, TABLE_NAMES, key_text(&name),
                   &record) == TALLY_OK) {
        struct unpack number = unpack_from(record);
        led = unpack_u32(&number);
    }
    if (led != value)
        add(scope, FINDING_NAME, set, value, led, value);
    return true;
}

void audit_names_check(struct scope *scope)
{
    struct names names = {.scope = scope};
    struct key app = key_app(scope->app);

    scope_check(scope, 0,
                reader_records(scope->records, TABLE_NAMES, key_text(&app),
                               take_name, &names));
    scope_check(scope, 0,
                reader_records(scope->records, TABLE_STRINGS, key_text(&app),
                               take_string, &names));
    /* Those of deleted events are gone. */
    for (uint32_t set = 1; set < SET_CUSTOM_END; set++) {
        uint32_t last = scope_sequence(scope, set, 0);
        bool fits = set == SET_EVENTS ? names.counts[set] <= last
                                      : names.counts[set] == last;
        if (!fits)
            add(scope, FINDING_VALUE, set, 0, names.counts[set], last);
    }
}
