#include "http/plugin_file.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "http/config_list.h"
#include "http/journal.h"
#include "http/plugin_runtime.h"

enum { MS_PER_S = 1000, NS_PER_MS = 1000000 };

static bool refuse(char reason[static PLUGIN_REASON_SIZE], const char *text)
{
    snprintf(reason, PLUGIN_REASON_SIZE, "%s", text);
    return false;
}

bool plugin_file_open(const char *path, void **library,
                      const struct tally_plugin_description **description,
                      char reason[static PLUGIN_REASON_SIZE])
{
    void *opened = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (!opened)
        return refuse(reason, dlerror());
    const struct tally_plugin_description *found =
        dlsym(opened, "tally_plugin");
    bool is_good = found ? plugin_is_valid(found, reason)
                         : refuse(reason, "it has no symbol tally_plugin");

    if (!is_good) {
        dlclose(opened);
        return false;
    }
    *library = opened;
    *description = found;
    return true;
}

bool plugin_file_is_disabled(const struct tally_plugin_description *description,
                             const struct config *config)
{
    struct text list = text_of(config->plugins.disabled);
    struct text name;

    while (config_list_next(&list, &name)) {
        if (text_is(name, description->name))
            return true;
    }
    return false;
}

/* --- trying --- */

enum stage { STAGE_LOAD, STAGE_INIT, STAGE_CLOSE, STAGE_REFUSED, STAGE_DONE };

static const char *const stages[] = {
    [STAGE_LOAD] = "loading it",
    [STAGE_INIT] = "its init",
    [STAGE_CLOSE] = "its close",
};

/* Where the child says how far it is; in memory that both have. */
struct trial {
    enum stage stage;
    char reason[PLUGIN_REASON_SIZE];
};

static void try_here(const char *path, struct config *config,
                     struct trial *trial)
{
    struct plugin_runtime runtime;
    struct plugins_runtime table;
    const struct tally_plugin_description *description;
    void *library;
    bool is_good =
        plugin_file_open(path, &library, &description, trial->reason);

    if (is_good && !plugin_file_is_disabled(description, config)) {
        plugin_runtime_init(&runtime, config, &table);
        struct plugins *plugins = plugins_create(&table);

        trial->stage = STAGE_INIT;
        is_good =
            plugins_add(plugins, description, NULL, trial->reason) == TALLY_OK;
        if (is_good) {
            trial->stage = STAGE_CLOSE;
            plugins_destroy(plugins);
        }
    }
    trial->stage = is_good ? STAGE_DONE : STAGE_REFUSED;
}

_Noreturn static void run_child(const char *path, struct config *config,
                                struct trial *trial, FILE *log)
{
    static const struct rlimit no_core = {0, 0};

    /* Should the parent be gone, it ends all the same. */
    alarm(PLUGIN_FILE_TRY_MS / MS_PER_S + 1);
    setrlimit(RLIMIT_CORE, &no_core);
    journal_set_output(log);
    try_here(path, config, trial);
    _exit(0);
}

/* The child's status; false when it was too slow, and has been killed. */
static bool wait_for(pid_t child, int *status)
{
    static const struct timespec pause = {.tv_nsec = NS_PER_MS};
    struct timespec now;
    struct timespec start;

    clock_gettime(CLOCK_MONOTONIC, &start);
    while (waitpid(child, status, WNOHANG) == 0) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        if ((now.tv_sec - start.tv_sec) * MS_PER_S +
                (now.tv_nsec - start.tv_nsec) / NS_PER_MS >
            PLUGIN_FILE_TRY_MS) {
            kill(child, SIGKILL);
            waitpid(child, status, 0);
            return false;
        }
        nanosleep(&pause, NULL);
    }
    return true;
}

static bool judge(const struct trial *trial, bool is_in_time, int status,
                  char reason[static PLUGIN_REASON_SIZE])
{
    enum stage stage = trial->stage;

    if (is_in_time && WIFEXITED(status) && stage == STAGE_DONE)
        return true;
    if (stage == STAGE_REFUSED)
        return refuse(reason, trial->reason);
    const char *what = (unsigned)stage <= STAGE_CLOSE ? stages[stage] : "it";
    if (!is_in_time)
        snprintf(reason, PLUGIN_REASON_SIZE, "%s took more than %d seconds",
                 what, PLUGIN_FILE_TRY_MS / MS_PER_S);
    else if (WIFSIGNALED(status))
        snprintf(reason, PLUGIN_REASON_SIZE, "%s crashed: signal %d, %s", what,
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(reason, PLUGIN_REASON_SIZE,
                 "%s ended the process with status %d", what,
                 WEXITSTATUS(status));
    return false;
}

static void show_log(FILE *log)
{
    char part[1024];
    size_t len;

    rewind(log);
    while ((len = fread(part, 1, sizeof(part), log)) > 0)
        fwrite(part, 1, len, stderr);
}

static bool try_in_child(const char *path, struct config *config,
                         struct trial *trial, FILE *log,
                         char reason[static PLUGIN_REASON_SIZE])
{
    int status = 0;

    fflush(NULL);
    pid_t child = fork();
    if (child < 0)
        return refuse(reason, strerror(errno));
    if (child == 0)
        run_child(path, config, trial, log);
    bool is_in_time = wait_for(child, &status);
    trial->reason[PLUGIN_REASON_SIZE - 1] = '\0';
    return judge(trial, is_in_time, status, reason);
}

bool plugin_file_try(const char *path, struct config *config,
                     char reason[static PLUGIN_REASON_SIZE])
{
    struct trial *trial = mmap(NULL, sizeof(*trial), PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (trial == MAP_FAILED)
        return refuse(reason, strerror(errno));
    FILE *log = tmpfile();
    bool is_good = log ? try_in_child(path, config, trial, log, reason)
                       : refuse(reason, strerror(errno));
    if (log && !is_good)
        show_log(log);
    if (log)
        fclose(log);
    munmap(trial, sizeof(*trial));
    return is_good;
}
