#include "metrics/keywords.h"

#include <stdlib.h>

#include "engine/arena.h"
#include "metrics/breakdown.h"
#include "metrics/source.h"

static struct breakdown_question question_of(const struct keywords *keywords)
{
    return (struct breakdown_question){
        .app = keywords->app, .set = SET_SOURCES, .period = keywords->period};
}

void keywords_capture(const struct keywords *keywords, struct reader *reader)
{
    struct breakdown_question question = question_of(keywords);

    breakdown_capture(&question, reader);
}

/* Leaves the rows of searches, under their words. */
static enum tally_err keep_searches(struct breakdown *breakdown)
{
    size_t kept = 0;

    for (size_t i = 0; i < breakdown->count; i++) {
        struct breakdown_row row = breakdown->rows[i];
        struct draft words = {.len = 0};

        if (!source_draft_words(row.name, &words))
            continue;
        row.name.at = arena_strndup(breakdown->names, words.bytes, words.len);
        row.name.len = words.len;
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

/* The same words may come from many pages. */
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

enum tally_err keywords_write(const struct keywords *keywords,
                              struct reader *reader, struct json *json)
{
    struct breakdown_question question = question_of(keywords);
    struct breakdown breakdown;
    enum tally_err err = breakdown_read(&question, reader, &breakdown);
    if (err)
        return err;

    err = keep_searches(&breakdown);
    if (!err) {
        merge_names(&breakdown);
        breakdown_sort(&breakdown, BREAKDOWN_T);
        write_rows(&breakdown, json);
    }
    breakdown_finish(&breakdown);
    return err;
}
