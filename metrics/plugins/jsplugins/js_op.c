#include "metrics/plugins/jsplugins/js_op.h"

#include <string.h>

enum { PAGE_DOCUMENTS = 500, PAGE_BYTES = 1024 * 1024 };

static const struct tally_text no_app = {"", 0};

/* One of the list of an order. */
struct op {
    const char *name;
    const char *collection;
    struct tally_text id; /* or a prefix */
    struct tally_text text;
};

static struct tally_text text_of(const cJSON *list, int i)
{
    const char *value = cJSON_GetStringValue(cJSON_GetArrayItem(list, i));

    return (struct tally_text){value ? value : "", value ? strlen(value) : 0};
}

static struct op op_of(const cJSON *item)
{
    return (struct op){.name = text_of(item, 0).at,
                       .collection = text_of(item, 1).at,
                       .id = text_of(item, 2),
                       .text = text_of(item, 3)};
}

/* --- reading --- */

struct page {
    struct js_text *text;
    unsigned count;
    size_t from;
    bool has_more;
};

static int page_add(void *user, struct tally_text id, struct tally_text json)
{
    struct page *page = user;

    if (page->count == PAGE_DOCUMENTS ||
        page->text->len - page->from > PAGE_BYTES) {
        page->has_more = true;
        return 1;
    }
    js_text_add_string(page->text, page->count++ > 0 ? ",[" : "[");
    js_text_add_quoted(page->text, id);
    js_text_add_string(page->text, ",");
    js_text_add_quoted(page->text, json);
    js_text_add_string(page->text, "]");
    return 0;
}

static int read_each(const struct tally_host *host, struct tally_call *call,
                     const struct op *op, struct js_text *text)
{
    js_text_add_string(text, "{\"documents\":[");
    struct page page = {.text = text, .from = text->len};
    int failure = host->document_each(call, no_app, op->collection, op->id,
                                      op->text, page_add, &page);
    js_text_add_string(text, page.has_more ? "],\"more\":true}"
                                           : "],\"more\":false}");
    return failure == TALLY_E_NOT_FOUND ? 0 : failure;
}

static int read_one(const struct tally_host *host, struct tally_call *call,
                    const struct op *op, struct js_text *text)
{
    struct tally_text json;
    int failure =
        host->document_get(call, no_app, op->collection, op->id, &json);

    if (failure == TALLY_E_NOT_FOUND) {
        js_text_add_string(text, "null");
        return 0;
    }
    if (!failure)
        js_text_add_quoted(text, json);
    return failure;
}

/* --- changing --- */

static int put(const struct tally_host *host, struct tally_call *call,
               const struct op *op, struct js_text *text)
{
    js_text_add_string(text, "null");
    return host->document_put(call, no_app, op->collection, op->id, op->text);
}

static int erase(const struct tally_host *host, struct tally_call *call,
                 const struct op *op, struct js_text *text)
{
    js_text_add_string(text, "null");
    int failure = host->document_erase(call, no_app, op->collection, op->id);
    return failure == TALLY_E_NOT_FOUND ? 0 : failure;
}

static const struct {
    const char *name;
    int (*carry_out)(const struct tally_host *host, struct tally_call *call,
                     const struct op *op, struct js_text *text);
    bool changes;
} kinds[] = {
    {"get", read_one, false},
    {"each", read_each, false},
    {"put", put, true},
    {"erase", erase, true},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static unsigned kind_of(const struct op *op)
{
    unsigned i = 0;

    while (i < KINDS && strcmp(kinds[i].name, op->name) != 0)
        i++;
    return i;
}

bool js_ops_change(const cJSON *ops)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, ops)
    {
        struct op op = op_of(item);
        unsigned kind = kind_of(&op);

        if (kind < KINDS && kinds[kind].changes)
            return true;
    }
    return false;
}

int js_ops_carry_out(const struct tally_host *host, const cJSON *ops,
                     struct tally_call *call, struct js_text *text)
{
    const char *separator = "";
    const cJSON *item;

    js_text_add_key(text, "results");
    js_text_add_string(text, "[");
    cJSON_ArrayForEach(item, ops)
    {
        struct op op = op_of(item);
        unsigned kind = kind_of(&op);

        if (kind == KINDS)
            return TALLY_E_INVALID;
        js_text_add_string(text, separator);
        int failure = kinds[kind].carry_out(host, call, &op, text);
        if (failure)
            return failure;
        separator = ",";
    }
    js_text_add_string(text, "]");
    return 0;
}

/* --- what is stored --- */

bool js_ops_are_stored(const struct tally_host *host, const cJSON *ops,
                       struct tally_call *call)
{
    struct op op = op_of(cJSON_GetArrayItem(ops, cJSON_GetArraySize(ops) - 1));
    struct tally_text json;
    int failure = host->document_get(call, no_app, op.collection, op.id, &json);

    if (strcmp(op.name, "erase") == 0)
        return failure == TALLY_E_NOT_FOUND;
    return failure == 0 && json.len == op.text.len &&
           memcmp(json.at, op.text.at, json.len) == 0;
}
