#include "metrics/agent.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "metrics/draft.h"
#include "metrics/matcher.h"
#include "metrics/rule_file.h"

/* A family and the numbers of its version. */
enum { NAME, VERSION_PARTS = 3, REPLACEMENTS = 1 + VERSION_PARTS };

struct rule {
    struct text replacements[REPLACEMENTS];
};

/* The rules of one list of the file. */
struct list {
    struct matcher *matcher;
    struct rule *rules;
    size_t count;
    size_t room;
};

enum { BROWSERS, SYSTEMS, DEVICES, LISTS };

static const struct {
    const char *name;
    const char *replacements[REPLACEMENTS]; /* NULL: none */
    enum agent_part part;
    bool has_version; /* is the next part */
    const char *other;
} lists[LISTS] = {
    {"user_agent_parsers",
     {"family_replacement", "v1_replacement", "v2_replacement",
      "v3_replacement"},
     AGENT_BROWSER,
     true,
     "Other"},
    {"os_parsers",
     {"os_replacement", "os_v1_replacement", "os_v2_replacement",
      "os_v3_replacement"},
     AGENT_OS,
     true,
     "Other"},
    {"device_parsers", {"device_replacement"}, AGENT_DEVICE, false, "Unknown"},
};

struct agents {
    struct list lists[LISTS];
    struct arena *arena; /* of the replacements */
};

enum { ARENA_MAX = 16 << 20 };

static struct rule *add_rule(struct list *list)
{
    if (list->count == list->room) {
        list->room = list->room > 0 ? 2 * list->room : 64;
        list->rules =
            memory_resize(list->rules, list->room * sizeof(*list->rules));
    }
    struct rule *rule = &list->rules[list->count++];
    *rule = (struct rule){.replacements = {{NULL, 0}}};
    return rule;
}

static int find_list(struct text name)
{
    int at = 0;

    while (at < LISTS && !text_is(name, lists[at].name))
        at++;
    return at;
}

/* Lists of another name are for others. */
static enum tally_err take_entry(void *user, const struct rule_entry *entry)
{
    struct agents *agents = user;
    int at = find_list(entry->list);
    struct text expression = rule_entry_member(entry, "regex");
    bool ignores_case = text_is(rule_entry_member(entry, "regex_flag"), "i");

    if (at == LISTS)
        return TALLY_OK;
    if (expression.len == 0)
        return TALLY_ERR_INVALID;
    struct list *list = &agents->lists[at];
    enum tally_err err = matcher_add(list->matcher, expression, ignores_case);
    if (err)
        return err;
    struct rule *rule = add_rule(list);
    for (int i = 0; i < REPLACEMENTS && lists[at].replacements[i]; i++)
        rule->replacements[i] =
            rule_entry_member(entry, lists[at].replacements[i]);
    return TALLY_OK;
}

static bool has_rules(const struct agents *agents)
{
    bool has = true;

    for (int i = 0; i < LISTS; i++)
        has = has && agents->lists[i].count > 0;
    return has;
}

enum tally_err agents_create(struct text rules, struct agents **agents,
                             char reason[AGENT_REASON_SIZE])
{
    struct agents *created = memory_alloc(sizeof(*created));
    unsigned line = 0;

    created->arena = arena_create(ARENA_MAX);
    for (int i = 0; i < LISTS; i++)
        created->lists[i].matcher = matcher_create();
    enum tally_err err =
        rule_file_read(rules, created->arena, take_entry, created, &line);
    if (err)
        snprintf(reason, AGENT_REASON_SIZE,
                 "line %u, or the rule before it: %s", line,
                 tally_err_text(err));
    if (!err && !has_rules(created)) {
        snprintf(reason, AGENT_REASON_SIZE,
                 "a list of browsers, systems or devices is missing");
        err = TALLY_ERR_INVALID;
    }
    if (err) {
        agents_destroy(created);
        return err;
    }
    for (int i = 0; i < LISTS; i++)
        matcher_close(created->lists[i].matcher);
    *agents = created;
    return TALLY_OK;
}

void agents_destroy(struct agents *agents)
{
    if (!agents)
        return;

    for (int i = 0; i < LISTS; i++) {
        matcher_destroy(agents->lists[i].matcher);
        free(agents->lists[i].rules);
    }
    arena_destroy(agents->arena);
    free(agents);
}

/* A group, or the replacement with the groups that it names by $1 to $9. */
static void draft_part(const struct rule *rule, int part,
                       const struct text groups[MATCHER_GROUPS],
                       struct draft *draft)
{
    struct text text = rule->replacements[part];

    if (text.len == 0) {
        draft_add(draft, groups[part + 1]);
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        char next = i + 1 < text.len ? text.at[i + 1] : '\0';
        if (text.at[i] == '$' && next >= '1' && next <= '9') {
            draft_add(draft, groups[next - '0']);
            i++;
        } else {
            draft_add(draft, (struct text){text.at + i, 1});
        }
    }
}

static enum tally_err keep(const struct draft *draft, struct arena *arena,
                           struct text *text)
{
    struct text all = {draft->bytes, draft->len};

    while (all.len > 0 && all.at[0] == ' ')
        all = (struct text){all.at + 1, all.len - 1};
    while (all.len > 0 && all.at[all.len - 1] == ' ')
        all.len--;
    const char *copy = arena_strndup(arena, all.at, all.len);
    if (!copy)
        return TALLY_ERR_TOO_BIG;
    *text = (struct text){copy, all.len};
    return TALLY_OK;
}

/* Numbers up to the first that is not told, with dots between them. */
static void draft_version(const struct rule *rule,
                          const struct text groups[MATCHER_GROUPS],
                          struct draft *draft)
{
    for (int i = NAME + 1; i <= VERSION_PARTS; i++) {
        size_t before = draft->len;
        if (i > NAME + 1)
            draft_add_string(draft, ".");
        size_t from = draft->len;
        draft_part(rule, i, groups, draft);
        if (draft->len == from) {
            draft->len = before;
            return;
        }
    }
}

static enum tally_err find_in(const struct agents *agents, int at,
                              struct arena *arena, struct text user_agent,
                              struct agent *agent)
{
    const struct list *list = &agents->lists[at];
    struct text *parts = &agent->parts[lists[at].part];
    struct text groups[MATCHER_GROUPS];
    struct draft draft = {.len = 0};
    struct draft version = {.len = 0};
    int number = matcher_find(list->matcher, user_agent, groups);

    if (number < 0) {
        parts[0] = text_of(lists[at].other);
        return TALLY_OK;
    }
    draft_part(&list->rules[number], NAME, groups, &draft);
    if (text_is((struct text){draft.bytes, draft.len}, "Other")) {
        draft.len = 0;
        draft_add_string(&draft, lists[at].other);
    }
    enum tally_err err = keep(&draft, arena, &parts[0]);
    if (err || !lists[at].has_version)
        return err;
    draft_version(&list->rules[number], groups, &version);
    return keep(&version, arena, &parts[1]);
}

enum tally_err agents_find(const struct agents *agents, struct arena *arena,
                           struct text user_agent, struct agent *agent)
{
    enum tally_err err = TALLY_OK;

    *agent = (struct agent){.parts = {{NULL, 0}}};
    if (user_agent.len > AGENT_TEXT_MAX)
        user_agent.len = AGENT_TEXT_MAX;
    for (int i = 0; !err && i < LISTS; i++)
        err = find_in(agents, i, arena, user_agent, agent);
    return err;
}
