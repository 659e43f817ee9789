#include "metrics/user_table.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "metrics/identity.h"
#include "metrics/property.h"
#include "metrics/user_scan.h"

enum { NAME_SIZE = 64, NUMBER_DIGITS = 9 };

enum order {
    ORDER_UID,
    ORDER_LS,
    ORDER_FS,
    ORDER_SC,
    ORDER_TSD,
    ORDER_LAC,
    ORDER_NAME,
    ORDERS,
};

static const char *const orders[ORDERS] = {"uid", "ls",  "fs",  "sc",
                                           "tsd", "lac", "name"};

/* A user in the order asked for. Names are compared by their first bytes. */
struct row {
    uint64_t number;
    char name[NAME_SIZE];
    uint32_t ordinal;
};

struct user_table {
    const struct catalog *catalog;
    uint32_t app;
    char *app_key;
    struct user_query *query;
    enum order order;
    bool descends;
    size_t start;
    size_t length;
    struct text search; /* lower case */
    char needle[USER_TABLE_SEARCH_MAX];
    struct text echo;
    /* A heap: the row that goes first when a better one comes is on top. */
    struct row *rows;
    size_t count;
    size_t room;
    uint64_t found;
};

static bool read_number(struct text text, size_t *number)
{
    size_t read = 0;

    if (text.len == 0 || text.len > NUMBER_DIGITS)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        read = read * 10 + (size_t)(text.at[i] - '0');
    }
    *number = read;
    return true;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static void read_search(struct user_table *table, struct text search)
{
    size_t len =
        search.len < USER_TABLE_SEARCH_MAX ? search.len : USER_TABLE_SEARCH_MAX;

    for (size_t i = 0; i < len; i++)
        table->needle[i] = lower(search.at[i]);
    table->search = (struct text){table->needle, len};
}

static const char *read_order(struct user_table *table,
                              const struct params *params)
{
    struct text column = params_text(params, "iSortCol_0");
    size_t order = ORDER_LS;

    table->descends = !params_has(params, "iSortCol_0");
    if (params_has(params, "sSortDir_0"))
        table->descends = text_is(params_text(params, "sSortDir_0"), "desc");
    if (column.len > 0 && !read_number(column, &order)) {
        order = 0;
        while (order < ORDERS && !text_is(column, orders[order]))
            order++;
    }
    if (order >= ORDERS)
        return "Unsupported sort column";
    table->order = (enum order)order;
    return NULL;
}

/* A length of -1 is as many as there may be. */
static const char *read_page(struct user_table *table,
                             const struct params *params)
{
    struct text start = params_text(params, "iDisplayStart");
    struct text length = params_text(params, "iDisplayLength");

    table->length = USER_TABLE_LENGTH;
    if (start.len > 0 && (!read_number(start, &table->start) ||
                          table->start > USER_TABLE_START_MAX))
        return "Unsupported page start";
    if (text_is(length, "-1"))
        table->length = USER_TABLE_LENGTH_MAX;
    else if (length.len > 0 && !read_number(length, &table->length))
        return "Unsupported page length";
    if (table->length > USER_TABLE_LENGTH_MAX)
        table->length = USER_TABLE_LENGTH_MAX;
    return NULL;
}

enum tally_err user_table_create(struct tally *tally, const struct app *app,
                                 const struct params *params,
                                 struct user_table **table,
                                 char reason[static USER_QUERY_REASON_SIZE])
{
    struct user_table *created = memory_alloc(sizeof(*created));
    const char *refusal = read_order(created, params);

    if (!refusal)
        refusal = read_page(created, params);
    if (refusal) {
        snprintf(reason, USER_QUERY_REASON_SIZE, "%s", refusal);
        free(created);
        return TALLY_ERR_INVALID;
    }
    enum tally_err err = user_query_create(
        tally, app, params_text(params, "query"), &created->query, reason);
    if (err) {
        free(created);
        return err;
    }
    created->catalog = tally->catalog;
    created->app = app->number;
    created->app_key = memory_alloc(strlen(app->key) + 1);
    memcpy(created->app_key, app->key, strlen(app->key));
    created->echo = params_text(params, "sEcho");
    read_search(created, params_text(params, "sSearch"));
    *table = created;
    return TALLY_OK;
}

void user_table_destroy(struct user_table *table)
{
    if (!table)
        return;

    user_query_destroy(table->query);
    free(table->app_key);
    free(table->rows);
    free(table);
}

/* Searching. */

static bool contains(struct text text, struct text needle)
{
    for (size_t at = 0; at + needle.len <= text.len; at++) {
        size_t i = 0;
        while (i < needle.len && lower(text.at[at + i]) == needle.at[i])
            i++;
        if (i == needle.len)
            return true;
    }
    return false;
}

static bool has_words(const struct user_table *table,
                      const struct properties *properties)
{
    static const char *const names[] = {"name", "email", "username"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct property property = {names[i], false};
        const cJSON *value = property_find(properties, &property);
        if (contains(text_of(cJSON_GetStringValue(value)), table->search))
            return true;
    }
    return false;
}

static enum tally_err search(const struct user_table *table,
                             struct portrait *portrait, bool *found)
{
    struct properties properties;
    char uid[IDENTITY_UID_SIZE];
    enum tally_err err = portrait_need_profile(portrait);

    if (err)
        return err;
    identity_uid(portrait->ordinal, uid);
    *found = contains(text_of(uid), table->search) ||
             contains(portrait->profile.did, table->search);
    if (*found || portrait->profile.details.len == 0)
        return TALLY_OK;
    err = properties_read(&properties, portrait->profile.details, 0);
    if (err)
        return err;
    *found = has_words(table, &properties);
    properties_finish(&properties);
    return TALLY_OK;
}

/* Ordering. */

static enum tally_err read_name(struct portrait *portrait, struct row *row)
{
    struct property property = {"name", false};
    struct properties properties;
    enum tally_err err = portrait_need_profile(portrait);

    if (err || portrait->profile.details.len == 0)
        return err;
    err = properties_read(&properties, portrait->profile.details, 0);
    if (err)
        return err;
    const char *name =
        cJSON_GetStringValue(property_find(&properties, &property));
    for (size_t i = 0; name && name[i] && i < NAME_SIZE; i++)
        row->name[i] = lower(name[i]);
    properties_finish(&properties);
    return TALLY_OK;
}

static uint64_t number_of(const struct portrait *portrait, enum order order)
{
    const struct user *user = &portrait->user;
    const uint64_t columns[] = {
        [ORDER_UID] = portrait->ordinal,
        [ORDER_LS] = user->ls,
        [ORDER_FS] = user->fs,
        [ORDER_SC] = user->sc,
        [ORDER_TSD] = user->tsd,
        [ORDER_LAC] = user->lac,
        [ORDER_NAME] = 0,
    };

    return columns[order];
}

/* Does a come before b? Of equal ones the older user does. */
static bool is_before(const struct user_table *table, const struct row *a,
                      const struct row *b)
{
    int order = memcmp(a->name, b->name, NAME_SIZE);

    if (order == 0)
        order = (a->number > b->number) - (a->number < b->number);
    if (order == 0)
        return a->ordinal < b->ordinal;
    return table->descends ? order > 0 : order < 0;
}

static void swap(struct row *a, struct row *b)
{
    struct row row = *a;

    *a = *b;
    *b = row;
}

static void sift_up(struct user_table *table, size_t at)
{
    struct row *rows = table->rows;

    while (at > 0 && is_before(table, &rows[(at - 1) / 2], &rows[at])) {
        swap(&rows[(at - 1) / 2], &rows[at]);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct user_table *table, size_t count)
{
    struct row *rows = table->rows;

    for (size_t at = 0;;) {
        size_t last = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++) {
            if (child < count && is_before(table, &rows[last], &rows[child]))
                last = child;
        }
        if (last == at)
            return;
        swap(&rows[at], &rows[last]);
        at = last;
    }
}

static void keep(struct user_table *table, const struct row *row)
{
    if (table->count < table->start + table->length) {
        table->rows = memory_one_more(table->rows, table->count, &table->room,
                                      sizeof(*row));
        table->rows[table->count++] = *row;
        sift_up(table, table->count - 1);
    } else if (table->count > 0 && is_before(table, row, &table->rows[0])) {
        table->rows[0] = *row;
        sift_down(table, table->count);
    }
}

/* The rows in order, out of the heap. */
static void sort(struct user_table *table)
{
    for (size_t count = table->count; count > 1; count--) {
        swap(&table->rows[0], &table->rows[count - 1]);
        sift_down(table, count - 1);
    }
}

static enum tally_err take_user(void *context, struct portrait *portrait)
{
    struct user_table *table = context;
    struct row row = {.number = number_of(portrait, table->order),
                      .ordinal = portrait->ordinal};
    bool found = true;
    enum tally_err err = TALLY_OK;

    if (table->search.len > 0)
        err = search(table, portrait, &found);
    if (!err && found && table->order == ORDER_NAME)
        err = read_name(portrait, &row);
    if (err || !found)
        return err;
    table->found++;
    keep(table, &row);
    return TALLY_OK;
}

static enum tally_err write_rows(struct user_table *table,
                                 struct portrait *portrait, struct json *json)
{
    enum tally_err err = TALLY_OK;

    json_key_string(json, "aaData");
    json_open_array(json);
    for (size_t i = table->start; !err && i < table->count; i++) {
        err = portrait_turn(portrait, table->rows[i].ordinal);
        if (!err)
            err = portrait_write(portrait, json);
        if (!err && !buffer_is_whole(json->out))
            err = TALLY_ERR_TOO_BIG;
    }
    json_close_array(json);
    return err;
}

enum tally_err user_table_write(struct user_table *table, struct reader *reader,
                                struct json *json)
{
    struct portrait portrait = {.reader = reader,
                                .catalog = table->catalog,
                                .app = table->app,
                                .app_key = text_of(table->app_key),
                                .arena = arena_create(PORTRAIT_ARENA)};
    uint64_t all;
    enum tally_err err =
        user_scan(&portrait, table->query, take_user, table, &all);

    if (!err) {
        sort(table);
        json_open_object(json);
        json_member_text(json, "sEcho", table->echo);
        json_member_int(json, "iTotalRecords", (int64_t)all);
        json_member_int(json, "iTotalDisplayRecords", (int64_t)table->found);
        err = write_rows(table, &portrait, json);
        json_close_object(json);
    }
    arena_destroy(portrait.arena);
    return err;
}
