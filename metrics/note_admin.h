/*
 * note_admin.h - calls that save and delete notes (spec E.6): manage.h.
 */
#ifndef METRICS_NOTE_ADMIN_H
#define METRICS_NOTE_ADMIN_H

#include <cjson/cJSON.h>

#include "metrics/manage.h"

/* The app that a note is for: args name it, or the parameter app_id. */
struct text note_admin_app(const struct manage *call, const cJSON *args);

int note_admin_save(struct manage *call, const cJSON *args,
                    const struct pass *pass);
int note_admin_delete(struct manage *call, const cJSON *args,
                      const struct pass *pass);

#endif
