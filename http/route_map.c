/*
 * /o/langmap, /o/sources: names that never change, for anybody (spec D.12);
 * /o/keywords: what users of an app searched for.
 */
#include "http/read.h"
#include "http/route.h"
#include "metrics/keywords.h"
#include "metrics/language.h"
#include "metrics/source.h"

static void answer_map(struct exchange *exchange,
                       void (*write)(struct json *json))
{
    struct json json;

    json_init(&json, exchange->out, JSON_DATA);
    write(&json);
    exchange_answer(exchange, 200, 0);
}

void route_languages(struct service *service, struct exchange *exchange)
{
    (void)service;
    answer_map(exchange, language_write_all);
}

void route_sources(struct service *service, struct exchange *exchange)
{
    (void)service;
    answer_map(exchange, source_write_all);
}

static enum tally_err write_keywords(struct read *read)
{
    return keywords_write(read->question, read->reader, &read->json);
}

static enum tally_err read_keywords(struct read *read)
{
    enum tally_err err = read_open(read);
    if (err)
        return err;

    struct keywords *asked = read_question(read, sizeof(*asked));
    *asked = (struct keywords){read->app->number, &read->period};
    keywords_capture(asked, read->reader);
    read->run = write_keywords;
    return TALLY_OK;
}

static const struct reading keywords = {"keywords", "core", read_keywords};

void route_keywords(struct service *service, struct exchange *exchange)
{
    read_start(service, exchange, &keywords, "");
}
