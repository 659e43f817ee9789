#include "http/serve.h"

#include <stdbool.h>
#include <stdlib.h>

#include "http/service.h"

int serve(struct config *config, const char *admin_key)
{
    struct service service;
    enum tally_err err = service_open(&service, config, admin_key);
    bool good = !err && service_run(&service);

    /* After a failure reads may be under way and the disk may not answer:
     * there is nothing to wait for. */
    if (!service.failed)
        service_close(&service);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
