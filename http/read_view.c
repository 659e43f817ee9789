#include "http/read_view.h"

#include "metrics/view_object.h"
#include "metrics/view_sums.h"
#include "metrics/view_table.h"

static enum tally_err write_table(struct read *read)
{
    return view_table_write(read->question, read->reader, &read->json);
}

/* A number of at most nine digits; `fallback` for anything else. */
static uint32_t number_of(const struct read *read, const char *name,
                          uint32_t fallback)
{
    struct text text = read_param(read, name);
    uint32_t number = 0;

    if (text.len == 0 || text.len > 9)
        return fallback;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return fallback;
        number = number * 10 + (uint32_t)(text.at[i] - '0');
    }
    return number;
}

static enum tally_err begin_table(struct read *read)
{
    struct view_table *table = read_question(read, sizeof(*table));
    uint32_t length = number_of(read, "iDisplayLength", VIEW_TABLE_PAGE);
    uint32_t column = number_of(read, "iSortCol_0", VIEW_VISITS + 1);

    *table = (struct view_table){
        .app = read->app->number,
        .period = &read->period,
        .echo = read_param(read, "sEcho"),
        .search = read_param(read, "sSearch"),
        .column = column <= VIEW_NUMBERS ? column : VIEW_VISITS + 1,
        .ascending = text_is(read_param(read, "sSortDir_0"), "asc"),
        .start = number_of(read, "iDisplayStart", 0),
        .length = length < VIEW_TABLE_PAGE_MAX ? length : VIEW_TABLE_PAGE_MAX};
    view_table_capture(table, read->reader);
    read->run = write_table;
    return TALLY_OK;
}

static enum tally_err write_object(struct read *read)
{
    return view_object_write(read->question, read->reader, &read->json);
}

static enum tally_err begin_object(struct read *read)
{
    struct view_object *object = read_question(read, sizeof(*object));
    bool refresh = text_is(read_param(read, "action"), "refresh");

    *object = (struct view_object){.app = read->app->number,
                                   .view = read_param(read, "view"),
                                   .mode = refresh ? TIMEOBJECT_REFRESH
                                                   : TIMEOBJECT_PERIOD,
                                   .period = &read->period};
    view_object_capture(object, read->reader);
    read->run = write_object;
    return TALLY_OK;
}

enum tally_err read_views(struct read *read)
{
    enum tally_err err = read_open(read);

    if (err)
        return err;
    return text_is(read_param(read, "action"), "getTable") ? begin_table(read)
                                                           : begin_object(read);
}
