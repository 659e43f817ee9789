#include "metrics/view_table.h"

#include <stdlib.h>

#include "engine/memory.h"
#include "metrics/view_sums.h"

enum { IDS_MAX = 1 << 22, NAMES_BYTES_MAX = 256 << 20 };

struct row {
    struct text name;
    const struct view_sums *sums;
    uint32_t id;
};

struct rows {
    struct row *list;
    size_t count;
    size_t room;
    size_t all; /* before the search */
};

void view_table_capture(const struct view_table *table, struct reader *reader)
{
    view_sums_capture(reader, table->app, &table->period->current);
}

/* Searching. */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool has_at(struct text name, size_t at, struct text search)
{
    size_t i = 0;

    while (i < search.len && lower(name.at[at + i]) == lower(search.at[i]))
        i++;
    return i == search.len;
}

static bool matches(struct text name, struct text search)
{
    if (search.len == 0)
        return true;
    for (size_t at = 0; at + search.len <= name.len; at++) {
        if (has_at(name, at, search))
            return true;
    }
    return false;
}

static void collect(const struct view_table *table,
                    const struct view_names *names,
                    const struct view_list *list, struct rows *rows)
{
    for (size_t id = 1; id < names->room && id < list->room; id++) {
        const struct view_sums *sums = &list->sums[id];
        if (names->list[id].len == 0 || view_sums_is_zero(sums))
            continue;
        rows->all++;
        if (!matches(names->list[id], table->search))
            continue;
        rows->list = memory_one_more(rows->list, rows->count, &rows->room,
                                     sizeof(*rows->list));
        rows->list[rows->count++] =
            (struct row){names->list[id], sums, (uint32_t)id};
    }
}

/* Sorting; rows that are the same in it are in the order of their names. */
static int compare_rows(const void *a, const void *b, void *user)
{
    const struct view_table *table = user;
    const struct row *x = a;
    const struct row *y = b;
    int names = text_compare(x->name, y->name);
    int order = names;

    if (table->column > 0) {
        int64_t p = x->sums->at[table->column - 1];
        int64_t q = y->sums->at[table->column - 1];
        order = (p > q) - (p < q);
    }
    if (order == 0)
        return names;
    return table->ascending ? order : -order;
}

static void write_page(const struct view_table *table, const struct rows *rows,
                       struct json *json)
{
    json_key_string(json, "aaData");
    json_open_array(json);
    for (size_t i = table->start;
         i < rows->count && i - table->start < table->length; i++) {
        json_open_object(json);
        json_member_int(json, "_id", rows->list[i].id);
        json_member_text(json, "view", rows->list[i].name);
        view_sums_write(rows->list[i].sums, true, json);
        json_close_object(json);
    }
    json_close_array(json);
}

static void write_rows(const struct view_table *table, struct rows *rows,
                       struct json *json)
{
    if (rows->count > 0)
        qsort_r(rows->list, rows->count, sizeof(*rows->list), compare_rows,
                (void *)(uintptr_t)table);
    json_open_object(json);
    json_member_text(json, "sEcho", table->echo);
    json_member_int(json, "iTotalRecords", (int64_t)rows->all);
    json_member_int(json, "iTotalDisplayRecords", (int64_t)rows->count);
    write_page(table, rows, json);
    json_close_object(json);
}

enum tally_err view_table_write(const struct view_table *table,
                                struct reader *reader, struct json *json)
{
    struct arena *arena = arena_create(NAMES_BYTES_MAX);
    struct view_names names = {0};
    struct view_list list = {0};
    struct rows rows = {0};
    enum tally_err err =
        view_names_read(reader, table->app, arena, IDS_MAX, &names);

    if (!err)
        err =
            view_sums_read(reader, table->app, &table->period->current, &list);
    if (!err) {
        collect(table, &names, &list, &rows);
        write_rows(table, &rows, json);
    }
    free(rows.list);
    view_list_finish(&list);
    view_names_finish(&names);
    arena_destroy(arena);
    return err;
}
