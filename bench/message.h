/*
 * message.h - what a phone's SDK tells a server, in the forms it is sent in.
 */
#ifndef BENCH_MESSAGE_H
#define BENCH_MESSAGE_H

#include "bench/template.h"

enum { PHONES = 64 }; /* that differ in more than their model */

enum step { STEP_BEGIN, STEP_EXTEND, STEP_END, STEPS };

enum form {
    FORM_GET,  /* parameters in the query */
    FORM_POST, /* in a form body */
    FORM_BULK, /* many messages in one form body */
};

struct message {
    const char *host;    /* the Host header */
    const char *app_key; /* may hold a blank */
    enum step step;      /* begin has 8 metrics */
    unsigned phone;      /* 0..PHONES-1 */
};

/* Adds a whole request; of FORM_BULK only the item, percent-encoded. */
void message_add(struct template *template, const struct message *message,
                 enum form form);

/* Adds the start of a POST request up to its body. `length` is its
 * Content-Length, in digits. */
void message_add_post(struct template *template, const char *host,
                      const char *path, const char *length);

/* Adds a GET request. */
void message_add_get(struct template *template, const char *host,
                     const char *target);

#endif
