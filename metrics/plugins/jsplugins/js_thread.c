#include "metrics/plugins/jsplugins/js_thread.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "js_files.h"
#include "metrics/plugins/jsplugins/js_ear.h"
#include "metrics/plugins/jsplugins/js_message.h"

enum {
    GREET_MS = 8000, /* for the hello; less than a plugin has for its init */
    GRACE_MS = 1000, /* Node keeps time itself: it has that to say so */
    CHECK_MS = 100,
    QUIET_MS = 1000,
    SWEEP_MS = 60000,
    END_MS = 1500, /* for a process to end by itself */
    BACKOFF_MIN_MS = 1000,
    BACKOFF_MAX_MS = 60000,
    HEALTHY_MS = 60000, /* a process that lived so long starts the next soon */
};

/* --- the process --- */

static void forget_messages(struct jsplugins *js)
{
    js_text_finish(&js->writing);
    js->written = 0;
    js_queue_take(&js->queue, &js->writing);
    js_text_finish(&js->writing);
    js_reader_finish(&js->reader);
}

static bool start_process(struct jsplugins *js)
{
    forget_messages(js);
    js->started = js_now();
    js->pinged = 0;
    js->is_busy = false;
    js->is_lost = false;
    js->turn_plugin[0] = '\0';
    atomic_fetch_add(&js->process, 1);
    if (!js_child_start(&js->child, js->settings.node, js->settings.memory_mb,
                        js_boot)) {
        js_log(js, TALLY_LOG_ERROR, "Node cannot be started: %s",
               strerror(errno));
        return false;
    }
    js_message_boot(js, &js->writing);
    return true;
}

static void log_end(struct jsplugins *js, int status)
{
    const char *again = js->is_running ? "; it is started again" : "";

    if (WIFSIGNALED(status))
        js_log(js, TALLY_LOG_ERROR, "Node was ended by signal %d%s",
               WTERMSIG(status), again);
    else if (WEXITSTATUS(status) == 127)
        js_log(js, TALLY_LOG_ERROR, "there is no program %s",
               js->settings.node);
    else
        js_log(js, TALLY_LOG_ERROR, "Node ended with status %d%s",
               WEXITSTATUS(status), again);
}

static void give_up(struct jsplugins *js, int64_t now, enum js_fate fate)
{
    struct js_job job;

    while (js_jobs_give_up(&js->jobs, now, fate, &job)) {
        if (fate == JS_FATE_LATE)
            js_log(js, TALLY_LOG_ERROR, "nobody answered at %s in %u ms",
                   job.hook->path, js->settings.timeout_ms);
        js_ear_wake(js, &job);
    }
}

/* The process has ended or shall: requests go on without it. */
static void lose_process(struct jsplugins *js)
{
    int64_t now = js_now();

    atomic_store(&js->is_up, false);
    if (js->is_lost)
        kill(js->child.pid, SIGKILL);
    log_end(js, js_child_end(&js->child, END_MS));
    give_up(js, INT64_MAX, JS_FATE_DEAD);
    if (js->backoff_ms == 0 || now - js->started > HEALTHY_MS)
        js->backoff_ms = BACKOFF_MIN_MS;
    js->start_at = now + js->backoff_ms;
    js->backoff_ms = js->backoff_ms * 2 < BACKOFF_MAX_MS ? js->backoff_ms * 2
                                                         : BACKOFF_MAX_MS;
}

/* --- the socket --- */

static bool has_something(struct jsplugins *js)
{
    if (js->written < js->writing.len)
        return true;
    js->written = 0;
    js_queue_take(&js->queue, &js->writing);
    return js->writing.len > 0;
}

static bool write_all(struct jsplugins *js)
{
    while (has_something(js)) {
        ssize_t sent =
            send(js->child.fd, js->writing.at + js->written,
                 js->writing.len - js->written, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN;
        js->is_busy = true;
        js->written += (size_t)sent;
    }
    return true;
}

static bool read_all(struct jsplugins *js)
{
    bool is_broken = false;
    cJSON *message;

    if (!js_reader_fill(&js->reader, js->child.fd))
        return false;
    while ((message = js_reader_next(&js->reader, &is_broken)) != NULL)
        js_ear_hear(js, message);
    js->is_lost |= is_broken;
    return !is_broken;
}

static void turn(struct jsplugins *js, int timeout_ms)
{
    bool has_child = js->child.pid != 0;
    short wishes = js->written < js->writing.len ? POLLIN | POLLOUT : POLLIN;
    struct pollfd fds[] = {
        {.fd = js->queue.wake, .events = POLLIN},
        {.fd = has_child ? js->child.fd : -1, .events = wishes},
    };
    eventfd_t count;

    poll(fds, sizeof(fds) / sizeof(fds[0]), timeout_ms);
    if (fds[0].revents)
        eventfd_read(js->queue.wake, &count);
    if (!has_child)
        return;
    bool is_good =
        !fds[1].revents || !(fds[1].revents & ~POLLOUT) || read_all(js);
    if (!is_good || !write_all(js))
        lose_process(js);
}

/* --- time --- */

/* It has not even answered a ping: a handler does not let go. */
static void lose_blocked(struct jsplugins *js, int64_t now)
{
    unsigned patience = js->settings.timeout_ms + GRACE_MS;
    bool is_late = js->pinged != 0 && now - js->pinged > patience;
    bool is_silent = !atomic_load(&js->is_up) && now - js->started > GREET_MS;

    if (!is_late && !is_silent)
        return;
    if (is_late) {
        js_log(js, TALLY_LOG_ERROR,
               "%s held Node for more than %u ms at %s: it is ended",
               js->turn_plugin, js->settings.timeout_ms, js->turn_hook);
        js_ear_blame(js, js->turn_plugin);
    }
    js->is_lost = true;
    lose_process(js);
}

static void ping(struct jsplugins *js, int64_t now)
{
    if (!js->is_busy || js->pinged != 0 || !atomic_load(&js->is_up))
        return;
    js_message_ping(js);
    js->is_busy = false;
    js->pinged = now;
    write_all(js);
    js->is_busy = false;
}

static void check(struct jsplugins *js)
{
    int64_t now = js_now();
    struct js_member *member;

    if (now - js->checked < CHECK_MS)
        return;
    js->checked = now;
    give_up(js, now - GRACE_MS, JS_FATE_LATE);
    js_jobs_sweep(&js->jobs, now - SWEEP_MS);
    while ((member = js_members_return(&js->members, now)) != NULL) {
        js_log(js, TALLY_LOG_INFO, "%s is called again", member->name);
        js_message_suspend(js, member->name, false);
    }
    if (js->child.pid != 0) {
        ping(js, now);
        lose_blocked(js, now);
    } else if (now >= js->start_at) {
        if (!start_process(js))
            js->start_at = now + BACKOFF_MAX_MS;
    }
}

/* How long to sleep when nothing comes. */
static int patience(struct jsplugins *js)
{
    bool is_quiet = js->child.pid != 0 && atomic_load(&js->is_up) &&
                    js->pinged == 0 && !js->is_busy &&
                    js_jobs_are_none(&js->jobs);

    return is_quiet ? QUIET_MS : CHECK_MS;
}

static void *run(void *user)
{
    struct jsplugins *js = user;

    while (!atomic_load(&js->is_ending)) {
        turn(js, patience(js));
        check(js);
    }
    return NULL;
}

/* --- from the beginning to the end --- */

bool js_thread_greet(struct jsplugins *js)
{
    if (!start_process(js))
        return false;
    while (!js->hello && js->child.pid != 0 &&
           js_now() - js->started < GREET_MS)
        turn(js, CHECK_MS);
    if (!js->hello && js->child.pid != 0)
        js_log(js, TALLY_LOG_ERROR, "Node said nothing in %d ms", GREET_MS);
    return js->hello != NULL && js->child.pid != 0;
}

/* Signals are for other threads. */
void js_thread_start(struct jsplugins *js)
{
    sigset_t all;
    sigset_t before;

    if (js->is_running)
        return;
    js->is_running = true;
    js_message_go(js);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&js->thread, NULL, run, js) != 0)
        abort();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void js_thread_stop(struct jsplugins *js)
{
    if (js->is_running) {
        atomic_store(&js->is_ending, true);
        js_queue_wake(&js->queue);
        pthread_join(js->thread, NULL);
        js->is_running = false;
    }
    js_child_end(&js->child, END_MS);
}
