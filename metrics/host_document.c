/*
 * Documents of plugins' own.
 */
#include "metrics/call.h"
#include "metrics/host.h"

static int host_document_get(struct tally_call *call, struct tally_text app_id,
                             const char *collection, struct tally_text id,
                             struct tally_text *json)
{
    (void)call;
    (void)app_id;
    (void)collection;
    (void)id;
    (void)json;
    return TALLY_E_NOT_HERE;
}

static int host_document_put(struct tally_call *call, struct tally_text app_id,
                             const char *collection, struct tally_text id,
                             struct tally_text json)
{
    (void)call;
    (void)app_id;
    (void)collection;
    (void)id;
    (void)json;
    return TALLY_E_NOT_HERE;
}

static int host_document_erase(struct tally_call *call,
                               struct tally_text app_id, const char *collection,
                               struct tally_text id)
{
    (void)call;
    (void)app_id;
    (void)collection;
    (void)id;
    return TALLY_E_NOT_HERE;
}

static int host_document_each(struct tally_call *call, struct tally_text app_id,
                              const char *collection, struct tally_text prefix,
                              struct tally_text after, tally_document_fn fn,
                              void *user)
{
    (void)call;
    (void)app_id;
    (void)collection;
    (void)prefix;
    (void)after;
    (void)fn;
    (void)user;
    return TALLY_E_NOT_HERE;
}

static int host_app_each(struct tally_call *call, tally_document_fn fn,
                         void *user)
{
    const struct app *app;

    for (unsigned i = 0;
         (app = registry_app_at(call->tally->registry, i)) != NULL; i++) {
        if (fn(user, host_tally_text(text_of(app->id)),
               (struct tally_text){NULL, 0}) != 0)
            break;
    }
    return 0;
}

void host_add_document(struct tally_host *host)
{
    host->document_get = host_document_get;
    host->document_put = host_document_put;
    host->document_erase = host_document_erase;
    host->document_each = host_document_each;
    host->app_each = host_app_each;
}
