#include "bench/begin.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench/message.h"
#include "engine/memory.h"

enum { MODELS = 1000 };

struct begin {
    struct template phones[PHONES];
};

struct begin *begin_create(const char *host, const char *app_key)
{
    struct begin *begin = memory_alloc(sizeof(*begin));

    for (unsigned i = 0; i < PHONES; i++) {
        struct message message = {host, app_key, STEP_BEGIN, i};
        message_add(&begin->phones[i], &message, FORM_GET);
        if (!buffer_is_whole(&begin->phones[i].text)) {
            fprintf(stderr, "the app key or the host is too long\n");
            exit(2);
        }
    }
    return begin;
}

void begin_destroy(struct begin *begin)
{
    for (unsigned i = 0; begin && i < PHONES; i++)
        template_finish(&begin->phones[i]);
    free(begin);
}

size_t begin_write(const struct begin *begin, uint64_t device, uint64_t ms,
                   char *out)
{
    char serial[SERIAL_DIGITS];
    char time[TIME_DIGITS];
    struct filling filling = {.device = device,
                              .model = (unsigned)(device % MODELS),
                              .serial = serial,
                              .time = time};

    template_write_digits(serial, SERIAL_DIGITS, ms);
    template_write_digits(time, TIME_DIGITS, ms);
    return template_write(&begin->phones[device % PHONES], &filling, out);
}
