#include "http/command_import.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/clock.h"
#include "http/lines.h"
#include "http/operator.h"
#include "metrics/id.h"
#include "metrics/import.h"

enum {
    FILES_MAX = 4096,
    PATH_SIZE = 4096,
    REPORT_MAX = 1 << 20,
    TERMINAL_MS = 200, /* between two looks at how far it is */
    LOG_MS = 5000,
    CHECKPOINT_MS = 600 * 1000,
};

struct entry {
    char *path;
    const char *name; /* its last part */
    const struct import_kind *kind;
    uint64_t size;
};

struct run {
    const char *dir;
    struct import import;
    struct entry entries[FILES_MAX];
    size_t count;
    uint64_t total; /* bytes of all files, each as often as it is read */
    uint64_t read;
    bool has_terminal;
    int64_t shown; /* when */
};

/* What there is. */

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;
    unsigned first = import_rank(x->kind);
    unsigned second = import_rank(y->kind);

    return first != second ? (first > second) - (first < second)
                           : strcmp(x->name, y->name);
}

static unsigned passes_of(const struct entry *entry)
{
    return entry->kind->passes[1] ? 2 : 1;
}

static void add_entry(struct run *run, const char *name)
{
    char path[PATH_SIZE];
    struct stat found;

    if (snprintf(path, sizeof(path), "%s/%s", run->dir, name) >= PATH_SIZE ||
        stat(path, &found) != 0 || !S_ISREG(found.st_mode))
        return;
    if (run->count == FILES_MAX) {
        printf("not imported: %s\n", name);
        return;
    }
    struct entry *entry = &run->entries[run->count++];
    entry->path = strdup(path);
    entry->name = strrchr(entry->path, '/') + 1;
    entry->size = (uint64_t)found.st_size;
}

static bool list_files(struct run *run)
{
    DIR *dir = opendir(run->dir);
    const struct dirent *found;

    if (!dir)
        return false;
    while ((found = readdir(dir))) {
        if (found->d_name[0] != '.')
            add_entry(run, found->d_name);
    }
    closedir(dir);
    return true;
}

/* Keeps those that are imported, in their order. */
static void sort_files(struct run *run, const struct catalog *catalog)
{
    size_t count = run->count;

    run->count = 0;
    for (size_t i = 0; i < count; i++) {
        struct entry entry = run->entries[i];
        entry.kind = import_kind_find(catalog, entry.name);
        if (!entry.kind) {
            printf("not imported: %s\n", entry.name);
            free(entry.path);
            continue;
        }
        run->entries[run->count++] = entry;
        run->total += entry.size * passes_of(&entry);
    }
    qsort(run->entries, run->count, sizeof(run->entries[0]), compare_entries);
}

/* How far it is. */

static void show_progress(struct run *run, uint64_t offset, bool is_last)
{
    int64_t now = clock_now_ms();
    uint64_t read = run->read + offset;
    double percent =
        run->total > 0 ? 100.0 * (double)read / (double)run->total : 100.0;

    if (!is_last &&
        now - run->shown < (run->has_terminal ? TERMINAL_MS : LOG_MS))
        return;
    run->shown = now;
    fprintf(stderr, "%s%s: %" PRIu64 " documents, %.1f of %.1f MB, %.0f %%%s",
            run->has_terminal ? "\r\033[K" : "", run->import.file.name,
            run->import.report.documents, (double)read / 1e6,
            (double)run->total / 1e6, percent,
            run->has_terminal && !is_last ? "" : "\n");
}

/* One file after the other. */

static enum tally_err take_lines(struct run *run, struct lines *lines)
{
    struct line line;
    enum tally_err err = lines_next(lines, &line);

    while (!err) {
        err = import_line(&run->import, line.is_too_long ? NULL : &line.text,
                          line.end);
        show_progress(run, line.end, false);
        if (!err)
            err = lines_next(lines, &line);
    }
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

static enum tally_err take_pass(struct run *run, const struct entry *entry,
                                bool *has_more)
{
    struct lines lines;
    enum tally_err err = lines_open(&lines, entry->path,
                                    run->import.file.offset, MONGO_LINE_MAX);

    if (err)
        return err;
    err = take_lines(run, &lines);
    lines_close(&lines);
    run->read += entry->size;
    return err ? err : import_end_pass(&run->import, has_more);
}

static enum tally_err take_file(struct run *run, const struct entry *entry)
{
    struct import *import = &run->import;
    bool has_more = true;
    enum tally_err err = import_open(import, entry->name, entry->size);

    if (!err && import->file.is_done)
        printf("imported before: %s\n", entry->name);
    if (!err && !import->file.is_done)
        run->read += entry->size * import->file.pass;
    while (!err && !import->file.is_done && has_more)
        err = take_pass(run, entry, &has_more);
    import_close(import);
    return err;
}

static const char *explain(enum tally_err err)
{
    return err == TALLY_ERR_MISMATCH
               ? "has changed since its import began, or that was for another "
                 "app and is not finished"
               : tally_err_text(err);
}

static int take_files(struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        enum tally_err err = take_file(run, &run->entries[i]);
        if (err)
            return command_fail(run->entries[i].name, explain(err));
    }
    struct engine *engine = run->import.tally->engine;
    enum tally_err err = engine_flush(engine);
    /* Into the base, so that the next start has nothing to replay; that it
     * would do otherwise. */
    if (!err && engine_checkpoint_wait(engine, CHECKPOINT_MS) == TALLY_ERR_IO)
        err = TALLY_ERR_IO;
    if (err)
        return command_fail("what was imported cannot be kept",
                            tally_err_text(err));
    if (run->count > 0)
        show_progress(run, 0, true);
    return COMMAND_DONE;
}

static int report(const struct run *run, int code)
{
    struct buffer out;

    buffer_init(&out, REPORT_MAX);
    import_report_write(&run->import.report, &out);
    int printed = command_print(&out);

    return code == COMMAND_DONE ? printed : code;
}

static int import_into(struct run *run, const struct config *config)
{
    struct engine *engine;
    struct tally *tally = NULL;
    char reason[CONFIG_REASON_SIZE];
    enum tally_err err = operator_open(config, &engine, reason);

    if (err == TALLY_ERR_IN_USE)
        return command_fail(config->data,
                            "a server has it: stop that, then import");
    if (err)
        return command_fail(reason, NULL);
    err = operator_load(config, engine, &tally, reason);
    run->import.tally = tally;
    run->import.now = clock_now_ms() / 1000;
    if (!err)
        sort_files(run, tally->catalog);
    int code = err ? command_fail(reason, NULL) : take_files(run);
    tally_close(tally);
    engine_close(engine);
    return err ? code : report(run, code);
}

/* Everything as it would be, in a directory that is removed again. */

static void remove_dir(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *found;

    while (dir && (found = readdir(dir))) {
        if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0)
            unlinkat(dirfd(dir), found->d_name, 0);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static int import_nowhere(struct run *run, const struct config *config)
{
    struct config elsewhere = *config;
    const char *base = getenv("TMPDIR");

    snprintf(elsewhere.data, sizeof(elsewhere.data), "%s/tallyd-dry-XXXXXX",
             base && base[0] ? base : "/tmp");
    if (!mkdtemp(elsewhere.data))
        return command_fail(elsewhere.data, "cannot be made");
    int code = import_into(run, &elsewhere);

    remove_dir(elsewhere.data);
    return code;
}

int command_import(struct command_call *call)
{
    static struct run run;
    const char *app = command_value(call, "app");
    int code;

    run = (struct run){.dir = call->operand,
                       .import = {.only = app},
                       .has_terminal = isatty(STDERR_FILENO)};
    if (app && !id_is_valid(text_of(app)))
        return command_fail(app, "is not the _id of an app");
    if (!list_files(&run))
        return command_fail(call->operand, "is no directory that can be read");
    code = command_has(call, "dry-run") ? import_nowhere(&run, &call->config)
                                        : import_into(&run, &call->config);
    for (size_t i = 0; i < run.count; i++)
        free(run.entries[i].path);
    return code;
}
