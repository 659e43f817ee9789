/*
 * /i/backup, through the control socket alone: copies the base into a new
 * directory. First a checkpoint brings everything applied so far into the
 * base; between that and the next one the snapshot is opened, and copied on
 * another thread.
 */
#include <stdlib.h>

#include "engine/memory.h"
#include "engine/snapshot.h"
#include "http/route.h"

enum { POLL_MS = 20, PATH_SIZE = 4096 };

struct backup {
    uv_work_t work;
    uv_timer_t timer;
    struct service *service;
    struct exchange *exchange;
    struct snapshot *snapshot;
    uint64_t lsn;
    enum tally_err err;
    char dir[PATH_SIZE];
};

static void backup_on_timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void answer(struct backup *backup)
{
    struct exchange *exchange = backup->exchange;
    uint64_t lsn = engine_lsn(backup->service->engine);

    backup->service->is_copied = false;
    snapshot_close(backup->snapshot);
    if (backup->err == TALLY_OK)
        exchange_answer_message(exchange, 200, "Success", lsn);
    else if (backup->err == TALLY_ERR_EXISTS)
        exchange_answer_message(exchange, 400, "The directory exists already",
                                lsn);
    else
        exchange_answer_message(exchange, 500, "The copy cannot be written",
                                lsn);
    uv_close((uv_handle_t *)&backup->timer, backup_on_timer_closed);
}

static void backup_on_copy(uv_work_t *work)
{
    struct backup *backup = work->data;

    backup->err = snapshot_copy(backup->snapshot, backup->dir);
}

static void backup_on_copied(uv_work_t *work, int status)
{
    (void)status;
    answer(work->data);
}

static void backup_on_timer(uv_timer_t *timer)
{
    struct backup *backup = timer->data;
    struct engine *engine = backup->service->engine;

    backup->err = snapshot_open(engine, backup->lsn, &backup->snapshot);
    if (backup->err == TALLY_ERR_FULL && !backup->service->draining) {
        engine_checkpoint(engine);
        return;
    }
    uv_timer_stop(timer);
    backup->work.data = backup;
    if (backup->err || uv_queue_work(backup->service->loop, &backup->work,
                                     backup_on_copy, backup_on_copied) != 0)
        answer(backup);
}

/* The directory's absolute path, from args; false when there is none. */
static bool read_dir(struct exchange *exchange, char dir[static PATH_SIZE])
{
    struct params args = {0};
    struct text path = {NULL, 0};

    if (params_add_json(&args, exchange->arena,
                        params_text(&exchange->params, "args")) == TALLY_OK)
        path = params_text(&args, "dir");
    if (path.len == 0 || path.len >= PATH_SIZE || path.at[0] != '/')
        return false;
    memcpy(dir, path.at, path.len);
    dir[path.len] = '\0';
    return strlen(dir) == path.len;
}

static void start(struct service *service, struct exchange *exchange,
                  struct backup *backup)
{
    backup->service = service;
    backup->exchange = exchange;
    backup->lsn = engine_lsn(service->engine);
    service->is_copied = true;
    uv_timer_init(service->loop, &backup->timer);
    backup->timer.data = backup;
    engine_checkpoint(service->engine);
    uv_timer_start(&backup->timer, backup_on_timer, 0, POLL_MS);
}

void route_backup(struct service *service, struct exchange *exchange)
{
    uint64_t lsn = engine_lsn(service->engine);
    struct backup *backup = memory_alloc(sizeof(*backup));

    if (!exchange->is_local)
        exchange_answer_message(exchange, 400, "Invalid path", lsn);
    else if (service->is_copied)
        exchange_answer_message(exchange, 400, "A backup is under way", lsn);
    else if (service->compactor.runs)
        exchange_answer_message(exchange, 400, "A compaction is under way",
                                lsn);
    else if (!read_dir(exchange, backup->dir))
        exchange_answer_message(exchange, 400, "dir is an absolute path", lsn);
    else {
        start(service, exchange, backup);
        return;
    }
    free(backup);
}
