#include "http/command_routes.h"

#include "http/route.h"

enum { LIST_MAX = 64 * 1024 };

static void add_line(void *user, struct text endpoint)
{
    buffer_add_text(user, endpoint);
    buffer_add_byte(user, '\n');
}

int command_routes(struct command_call *call)
{
    struct buffer out;

    (void)call;
    buffer_init(&out, LIST_MAX);
    route_each(add_line, &out);
    return command_print(&out);
}
