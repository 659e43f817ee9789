#include "metrics/ranking.h"

#include <stdlib.h>

#include "engine/arena.h"
#include "metrics/breakdown.h"
#include "metrics/host.h"

static struct breakdown_question question_of(const struct ranking *ranking)
{
    return (struct breakdown_question){
        .app = ranking->app, .set = ranking->set, .period = ranking->period};
}

void ranking_capture(const struct ranking *ranking, struct reader *reader)
{
    struct breakdown_question question = question_of(ranking);

    breakdown_capture(&question, reader);
}

/* Leaves the rows that have another name, under that. */
static enum tally_err rename_rows(tally_rename_fn rename,
                                  struct breakdown *breakdown)
{
    size_t kept = 0;

    for (size_t i = 0; i < breakdown->count; i++) {
        struct breakdown_row row = breakdown->rows[i];
        char name[TALLY_VALUE_MAX];

        row.name.len = rename(host_tally_text(row.name), name);
        if (row.name.len == 0 || row.name.len > sizeof(name))
            continue;
        row.name.at = arena_strndup(breakdown->names, name, row.name.len);
        if (!row.name.at)
            return TALLY_ERR_TOO_BIG;
        breakdown->rows[kept++] = row;
    }
    breakdown->count = kept;
    return TALLY_OK;
}

static int compare_names(const void *a, const void *b)
{
    return text_compare(((const struct breakdown_row *)a)->name,
                        ((const struct breakdown_row *)b)->name);
}

/* What has got one name is one. */
static void merge_names(struct breakdown *breakdown)
{
    size_t kept = 0;

    qsort(breakdown->rows, breakdown->count, sizeof(*breakdown->rows),
          compare_names);
    for (size_t i = 1; i < breakdown->count; i++) {
        struct breakdown_row *last = &breakdown->rows[kept];
        if (text_equal(last->name, breakdown->rows[i].name))
            last->t += breakdown->rows[i].t;
        else
            breakdown->rows[++kept] = breakdown->rows[i];
    }
    if (breakdown->count > 0)
        breakdown->count = kept + 1;
}

static void write_rows(const struct breakdown *breakdown, struct json *json)
{
    json_open_array(json);
    for (size_t i = 0; i < breakdown->count; i++) {
        json_open_object(json);
        json_member_text(json, "_id", breakdown->rows[i].name);
        json_member_int(json, "t", breakdown->rows[i].t);
        json_close_object(json);
    }
    json_close_array(json);
}

enum tally_err ranking_write(const struct ranking *ranking,
                             struct reader *reader, struct json *json)
{
    struct breakdown_question question = question_of(ranking);
    struct breakdown breakdown;
    enum tally_err err = breakdown_read(&question, reader, &breakdown);
    if (err)
        return err;

    if (ranking->rename)
        err = rename_rows(ranking->rename, &breakdown);
    if (!err) {
        merge_names(&breakdown);
        breakdown_sort(&breakdown, BREAKDOWN_T);
        write_rows(&breakdown, json);
    }
    breakdown_finish(&breakdown);
    return err;
}
