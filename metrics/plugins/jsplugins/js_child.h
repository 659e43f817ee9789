/*
 * js_child.h - the process that runs Node, with one socket to it.
 *
 * It ends with the socket, and with the thread that started it, whatever
 * becomes of this process: nothing of it is left behind.
 */
#ifndef METRICS_PLUGINS_JSPLUGINS_JS_CHILD_H
#define METRICS_PLUGINS_JSPLUGINS_JS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct js_child {
    pid_t pid; /* 0: there is none */
    int fd;    /* does not block */
};

/* Starts `node` with a script and a heap of so many MB. False: errno says
 * why. A program that is not there is one that ends at once. */
bool js_child_start(struct js_child *child, const char *node,
                    unsigned memory_mb, const char *script);

/* Closes the socket, waits for the process and ends it if need be. Returns its
 * wait status; without a process that is 0. */
int js_child_end(struct js_child *child, unsigned patience_ms);

#endif
