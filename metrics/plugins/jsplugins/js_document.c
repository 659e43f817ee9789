#include "metrics/plugins/jsplugins/js_document.h"

#include <stdlib.h>
#include <string.h>

enum {
    ORDERS_MAX = 1024, /* that change something, at once */
    PAGE_DOCUMENTS = 500,
    PAGE_BYTES = 1024 * 1024,
    AGAIN_MS = 1500, /* later than a second attempt */
    LOOKS_MAX = 40,  /* for one that is not stored */
};

static const struct tally_text no_app = {"", 0};

/* What Node has ordered; without a message the place is free. */
struct order {
    struct jsplugins *js;
    unsigned process; /* that asked */
    unsigned looks;
    int failure; /* of what was to be changed */
    cJSON *message;
};

/* Those that change something have a place that stays where it is: they may be
 * carried out once more when it is another's, who loses nothing by that. */
struct js_documents {
    struct order list[ORDERS_MAX];
};

/* One of the list of an order. */
struct op {
    const char *name;
    const char *collection;
    struct tally_text id; /* or a prefix */
    struct tally_text text;
};

struct js_documents *js_documents_create(void)
{
    struct js_documents *documents = calloc(1, sizeof(*documents));

    if (!documents)
        abort();
    return documents;
}

static void end_order(struct order *order)
{
    cJSON_Delete(order->message);
    order->message = NULL;
}

void js_documents_destroy(struct js_documents *documents)
{
    if (!documents)
        return;
    for (unsigned i = 0; i < ORDERS_MAX; i++)
        end_order(&documents->list[i]);
    free(documents);
}

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

static cJSON *ops_of(const struct order *order)
{
    return cJSON_GetObjectItemCaseSensitive(order->message, "ops");
}

/* --- answers --- */

static void open_answer(const struct order *order, struct js_text *text)
{
    const cJSON *number =
        cJSON_GetObjectItemCaseSensitive(order->message, "number");

    js_text_open(text);
    js_text_add_string(text, "{\"say\":\"documents\",\"number\":");
    js_text_add_number(text, (int64_t)cJSON_GetNumberValue(number));
}

/* A process that was started meanwhile has not asked. */
static void close_answer(const struct order *order, struct js_text *text)
{
    js_text_add_string(text, "}");
    js_text_close(text);
    if (order->process == atomic_load(&order->js->process))
        js_queue_add(&order->js->queue, text);
    js_text_finish(text);
}

static const char *reason_of(int failure)
{
    switch (failure) {
    case TALLY_E_INVALID:
        return "a collection, an id or a document is not what it has to be";
    case TALLY_E_TOO_BIG:
        return "a document or its id is too large";
    case TALLY_E_FULL:
        return "there is no room";
    case TALLY_E_NOT_HERE:
        return "documents cannot be reached at present";
    default:
        return "documents cannot be read or written";
    }
}

static void answer_failure(const struct order *order, int failure)
{
    const char *reason = reason_of(failure);
    struct js_text text = {0};

    open_answer(order, &text);
    js_text_add_key(&text, "error");
    js_text_add_quoted(&text, (struct tally_text){reason, strlen(reason)});
    close_answer(order, &text);
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

static int read_each(const struct order *order, struct tally_call *call,
                     const struct op *op, struct js_text *text)
{
    js_text_add_string(text, "{\"documents\":[");
    struct page page = {.text = text, .from = text->len};
    int failure = order->js->host->document_each(
        call, no_app, op->collection, op->id, op->text, page_add, &page);
    js_text_add_string(text, page.has_more ? "],\"more\":true}"
                                           : "],\"more\":false}");
    return failure == TALLY_E_NOT_FOUND ? 0 : failure;
}

static int read_one(const struct order *order, struct tally_call *call,
                    const struct op *op, struct js_text *text)
{
    struct tally_text json;
    int failure = order->js->host->document_get(call, no_app, op->collection,
                                                op->id, &json);

    if (failure == TALLY_E_NOT_FOUND) {
        js_text_add_string(text, "null");
        return 0;
    }
    if (!failure)
        js_text_add_quoted(text, json);
    return failure;
}

/* --- changing --- */

static int put(const struct order *order, struct tally_call *call,
               const struct op *op, struct js_text *text)
{
    js_text_add_string(text, "null");
    return order->js->host->document_put(call, no_app, op->collection, op->id,
                                         op->text);
}

static int erase(const struct order *order, struct tally_call *call,
                 const struct op *op, struct js_text *text)
{
    js_text_add_string(text, "null");
    int failure =
        order->js->host->document_erase(call, no_app, op->collection, op->id);
    return failure == TALLY_E_NOT_FOUND ? 0 : failure;
}

static const struct {
    const char *name;
    int (*carry_out)(const struct order *order, struct tally_call *call,
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

static bool changes_something(const struct order *order)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, ops_of(order))
    {
        struct op op = op_of(item);
        unsigned kind = kind_of(&op);

        if (kind < KINDS && kinds[kind].changes)
            return true;
    }
    return false;
}

/* Carries out the list and writes the results; a failure ends it. */
static int carry_out(const struct order *order, struct tally_call *call,
                     struct js_text *text)
{
    const char *separator = "";
    const cJSON *item;

    js_text_add_key(text, "results");
    js_text_add_string(text, "[");
    cJSON_ArrayForEach(item, ops_of(order))
    {
        struct op op = op_of(item);
        unsigned kind = kind_of(&op);

        if (kind == KINDS)
            return TALLY_E_INVALID;
        js_text_add_string(text, separator);
        int failure = kinds[kind].carry_out(order, call, &op, text);
        if (failure)
            return failure;
        separator = ",";
    }
    js_text_add_string(text, "]");
    return 0;
}

static void answer_results(const struct order *order, struct tally_call *call)
{
    struct js_text text = {0};

    open_answer(order, &text);
    int failure = carry_out(order, call, &text);
    if (failure) {
        js_text_finish(&text);
        answer_failure(order, failure);
        return;
    }
    close_answer(order, &text);
}

/* --- what is stored --- */

/* Whether the last change of an order is there. */
static bool is_stored(const struct order *order, struct tally_call *call)
{
    const cJSON *ops = ops_of(order);
    struct op op = op_of(cJSON_GetArrayItem(ops, cJSON_GetArraySize(ops) - 1));
    struct tally_text json;
    int failure = order->js->host->document_get(call, no_app, op.collection,
                                                op.id, &json);

    if (strcmp(op.name, "erase") == 0)
        return failure == TALLY_E_NOT_FOUND;
    return failure == 0 && json.len == op.text.len &&
           memcmp(json.at, op.text.at, json.len) == 0;
}

static void answer_stored(const struct order *order)
{
    int count = cJSON_GetArraySize(ops_of(order));
    struct js_text text = {0};

    open_answer(order, &text);
    js_text_add_key(&text, "results");
    js_text_add_string(&text, "[");
    for (int i = 0; i < count; i++)
        js_text_add_string(&text, i > 0 ? ",null" : "null");
    js_text_add_string(&text, "]");
    close_answer(order, &text);
}

static int look(struct tally_call *call, void *user)
{
    struct order *order = user;
    const struct tally_host *host = order->js->host;

    if (!order->failure && !is_stored(order, call)) {
        if (++order->looks < LOOKS_MAX &&
            host->timer(order->js->self, AGAIN_MS, look, order) != 0)
            return TALLY_PASS;
        order->failure = TALLY_E_FULL;
    }
    if (order->failure)
        answer_failure(order, order->failure);
    else
        answer_stored(order);
    end_order(order);
    return TALLY_PASS;
}

/* --- orders --- */

static int change(struct tally_call *call, void *user)
{
    struct order *order = user;
    struct js_text text = {0};

    if (!order->message)
        return TALLY_PASS;
    order->failure = carry_out(order, call, &text);
    js_text_finish(&text);
    return TALLY_PASS;
}

static struct order *free_place(struct js_documents *documents)
{
    for (unsigned i = 0; i < ORDERS_MAX; i++) {
        if (!documents->list[i].message)
            return &documents->list[i];
    }
    return NULL;
}

/* An order that changes something goes to a place of its own; false: there is
 * none. */
static bool begin_change(struct order *order)
{
    struct jsplugins *js = order->js;
    struct order *place = free_place(js->documents);

    if (!place)
        return false;
    *place = *order;
    order->message = NULL;
    if (js->host->post(js->self, change, place) == 0 &&
        js->host->post(js->self, look, place) == 0)
        return true;
    answer_failure(place, TALLY_E_NOT_HERE);
    end_order(place);
    return true;
}

static int begin(struct tally_call *call, void *user)
{
    struct order *order = user;

    if (!changes_something(order))
        answer_results(order, call);
    else if (!begin_change(order))
        answer_failure(order, TALLY_E_FULL);
    end_order(order);
    free(order);
    return TALLY_PASS;
}

void js_documents_order(struct jsplugins *js, cJSON *message)
{
    struct order *order = calloc(1, sizeof(*order));

    if (!order)
        abort();
    *order = (struct order){
        .js = js, .process = atomic_load(&js->process), .message = message};
    int failure = js->host->post(js->self, begin, order);
    if (failure) {
        answer_failure(order, failure);
        end_order(order);
        free(order);
    }
}
