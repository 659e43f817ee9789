#include "http/demand.h"

#include <stdio.h>

#include "engine/engine.h"
#include "http/route.h"
#include "metrics/answer.h"
#include "metrics/document.h"

enum { REASON_MAX = 4096 };

void demand_refuse(struct service *service, struct exchange *exchange,
                   int status, const char *message)
{
    exchange_answer_message(exchange, status, message,
                            engine_lsn(service->engine));
}

/* A text that is put together: `first`, a parameter as it was sent. */
static void refuse_text(struct service *service, struct exchange *exchange,
                        const char *first, struct text rest)
{
    struct buffer message;

    buffer_init(&message, REASON_MAX);
    buffer_add_string(&message, first);
    buffer_add_text(&message, rest);
    buffer_add_byte(&message, '\0');
    demand_refuse(service, exchange, 400,
                  buffer_is_whole(&message) ? message.at : first);
    buffer_finish(&message);
}

bool demand_parameters(struct service *service, struct exchange *exchange,
                       const char *const *names)
{
    char message[64];

    for (; *names; names++) {
        if (params_has(&exchange->params, *names))
            continue;
        snprintf(message, sizeof(message), "Missing parameter \"%s\"", *names);
        demand_refuse(service, exchange, 400, message);
        return false;
    }
    return true;
}

cJSON *demand_tree(struct service *service, struct exchange *exchange,
                   const char *name, const char *empty)
{
    struct text text = params_text(&exchange->params, name);
    cJSON *tree = document_parse(text);
    char first[64];

    if (!tree) {
        snprintf(first, sizeof(first),
                 "Could not parse parameter \"%s\": ", name);
        refuse_text(service, exchange, first, text);
    } else if (!tree->child) {
        demand_refuse(service, exchange, 400, empty);
        cJSON_Delete(tree);
        tree = NULL;
    }
    return tree;
}

bool demand_right(struct service *service, struct exchange *exchange,
                  enum permission_action right, struct pass *pass)
{
    struct claim claim = route_claim(service, exchange, &service->tally->batch);
    struct answer answer =
        route_pay(service, right_feature(&claim, right, "core", pass));

    if (answer.status == ANSWER_OK)
        return true;
    demand_refuse(service, exchange, answer.status, answer.message);
    return false;
}

struct text demand_rest(struct text path, const char *prefix)
{
    size_t len = strlen(prefix) + 1;

    if (path.len < len)
        return (struct text){NULL, 0};
    return (struct text){path.at + len, path.len - len};
}
