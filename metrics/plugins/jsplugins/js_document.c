#include "metrics/plugins/jsplugins/js_document.h"

#include <stdlib.h>
#include <string.h>

#include "metrics/plugins/jsplugins/js_op.h"

enum {
    ORDERS_MAX = 1024, /* that change something, at once */
    AGAIN_MS = 1500,   /* later than a second attempt */
    LOOKS_MAX = 40,    /* for one that is not stored */
};

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

static const cJSON *ops_of(const struct order *order)
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

static void answer_results(const struct order *order, struct tally_call *call)
{
    struct js_text text = {0};

    open_answer(order, &text);
    int failure = js_ops_carry_out(order->js->host, ops_of(order), call, &text);
    if (failure) {
        js_text_finish(&text);
        answer_failure(order, failure);
        return;
    }
    close_answer(order, &text);
}

/* --- what is stored --- */

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

    if (!order->failure &&
        !js_ops_are_stored(order->js->host, ops_of(order), call)) {
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
    order->failure =
        js_ops_carry_out(order->js->host, ops_of(order), call, &text);
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

    if (!js_ops_change(ops_of(order)))
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
