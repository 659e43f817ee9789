#include "metrics/plugins/jsplugins/js_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SOCKET_FD = 3, STEP_MS = 5, NANOSECONDS_PER_MS = 1000000 };

/* In the child: the socket becomes number 3, everything else is closed, and
 * what it prints goes where the log goes. */
static void run(int fd, pid_t parent, char *const arguments[])
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    if (dup2(fd, SOCKET_FD) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        _exit(1);
    if (fd == SOCKET_FD)
        fcntl(fd, F_SETFD, 0);
    close(STDIN_FILENO);
    open("/dev/null", O_RDONLY);
    close_range(SOCKET_FD + 1, ~0U, 0);
    execvp(arguments[0], arguments);
    _exit(127);
}

bool js_child_start(struct js_child *child, const char *node,
                    unsigned memory_mb, const char *script)
{
    char heap[64];
    char *const arguments[] = {(char *)node, heap, "-e", (char *)script, NULL};
    pid_t parent = getpid();
    int pair[2];

    snprintf(heap, sizeof(heap), "--max-old-space-size=%u", memory_mb);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    pid_t pid = fork();
    if (pid == 0)
        run(pair[1], parent, arguments);
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return false;
    }
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    *child = (struct js_child){pid, pair[0]};
    return true;
}

static bool has_ended(pid_t pid, int *status, int flags)
{
    pid_t got = waitpid(pid, status, flags);

    return got == pid || (got < 0 && errno != EINTR);
}

int js_child_end(struct js_child *child, unsigned patience_ms)
{
    const struct timespec step = {0, STEP_MS * NANOSECONDS_PER_MS};
    int status = 0;

    if (child->pid == 0)
        return 0;
    close(child->fd);
    for (unsigned waited = 0; waited < patience_ms; waited += STEP_MS) {
        if (has_ended(child->pid, &status, WNOHANG)) {
            child->pid = 0;
            return status;
        }
        nanosleep(&step, NULL);
    }
    kill(child->pid, SIGKILL);
    while (!has_ended(child->pid, &status, 0))
        ;
    child->pid = 0;
    return status;
}
