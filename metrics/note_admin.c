#include "metrics/note_admin.h"

#include "metrics/document.h"
#include "metrics/note.h"

static int answer(struct manage *call, int status, const char *message)
{
    return answer_write(call->out, (struct answer){status, message});
}

struct text note_admin_app(const struct manage *call, const cJSON *args)
{
    const char *app_id = document_string(args, "app_id");

    return app_id ? text_of(app_id) : params_text(call->claim.params, "app_id");
}

static int edit(struct manage *call, cJSON *notes, const cJSON *args,
                const struct pass *pass)
{
    cJSON *note = note_find(notes, text_of(document_string(args, "_id")));

    if (!note || !note_may_change(note, pass->app, pass->member))
        return answer(call, 403, "Not allow to edit note");
    note_edit(note, args, call->now * 1000);
    if (!note_put(call->batch, pass->app, notes))
        return answer(call, 503, "Save note failed");
    return answer(call, ANSWER_OK, "Success");
}

static int insert(struct manage *call, cJSON *notes, const cJSON *args,
                  const struct pass *pass)
{
    if (!note_add(notes, args, pass->member, call->now * 1000) ||
        !note_put(call->batch, pass->app, notes))
        return answer(call, 503, "Insert Note failed.");
    return answer(call, ANSWER_OK, "Success");
}

int note_admin_save(struct manage *call, const cJSON *args,
                    const struct pass *pass)
{
    const char *flaw = note_flaw(args);
    cJSON *notes = NULL;
    int status;

    if (flaw)
        return answer(call, 400, flaw);
    if (note_load(call->engine, pass->app, &notes) != TALLY_OK)
        return answer(call, 500, "Stored data cannot be read");
    if (document_find(args, "_id"))
        status = edit(call, notes, args, pass);
    else
        status = insert(call, notes, args, pass);
    cJSON_Delete(notes);
    return status;
}

int note_admin_delete(struct manage *call, const cJSON *args,
                      const struct pass *pass)
{
    cJSON *notes = NULL;
    int status = ANSWER_OK;

    (void)args;
    if (note_load(call->engine, pass->app, &notes) != TALLY_OK)
        return answer(call, 500, "Stored data cannot be read");
    cJSON *note = note_find(notes, params_text(call->claim.params, "note_id"));
    if (!note || !note_may_change(note, pass->app, pass->member)) {
        status = answer(call, 403, "Not allow to delete this note");
    } else {
        cJSON_Delete(cJSON_DetachItemViaPointer(
            cJSON_GetObjectItemCaseSensitive(notes, "notes"), note));
        status = note_put(call->batch, pass->app, notes)
                     ? answer(call, ANSWER_OK, "Success")
                     : answer(call, 503, "Save note failed");
    }
    cJSON_Delete(notes);
    return status;
}
