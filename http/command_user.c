#include "http/command_user.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "http/enquiry.h"
#include "metrics/password.h"

enum { LINE_SIZE = PASSWORD_MAX + 3 }; /* with its end, and one too many */

static const char *const fields[] = {
    "_id",     "full_name",    "username", "email",
    "api_key", "global_admin", "locked",   NULL,
};

/* The first line of stdin without its end; NULL when there is none or it is
 * too long. */
static const char *read_password(char line[static LINE_SIZE])
{
    if (!fgets(line, LINE_SIZE, stdin))
        return NULL;

    size_t len = strcspn(line, "\r\n");

    line[len] = '\0';
    return len > PASSWORD_MAX ? NULL : line;
}

static void add_text(cJSON *args, const char *name, const char *value)
{
    if (value)
        cJSON_AddStringToObject(args, name, value);
}

static int create(const struct command_call *call, const char *password)
{
    const char *full_name = command_value(call, "full-name");
    const char *username = command_value(call, "username");
    cJSON *args = cJSON_CreateObject();
    cJSON *member = NULL;

    add_text(args, "full_name", full_name ? full_name : username);
    add_text(args, "username", username);
    add_text(args, "email", command_value(call, "email"));
    add_text(args, "password", password);
    add_text(args, "api_key", command_value(call, "api-key"));
    cJSON_AddBoolToObject(args, "global_admin",
                          command_has(call, "global-admin"));

    int code = enquiry_make(call, "/i/users/create", args, &member);

    if (code == COMMAND_DONE)
        code = command_has(call, "json") ? enquiry_print_json(member)
                                         : enquiry_print_fields(member, fields);
    cJSON_Delete(member);
    cJSON_Delete(args);
    return code;
}

int command_user_create(struct command_call *call)
{
    char line[LINE_SIZE];
    const char *password = command_value(call, "password");

    if (command_has(call, "password-stdin") == (password != NULL)) {
        command_fail("give one of --password and --password-stdin", NULL);
        return COMMAND_MISUSED;
    }
    if (!password)
        password = read_password(line);
    if (!password)
        return command_fail("there is no password on stdin, or a longer one "
                            "than 128 bytes",
                            NULL);

    int code = create(call, password);

    sodium_memzero(line, sizeof(line));
    return code;
}

int command_user_list(struct command_call *call)
{
    static const char *const titles[] = {"ID",    "USERNAME",     "FULL NAME",
                                         "EMAIL", "GLOBAL ADMIN", "LOCKED"};
    enum { COLUMNS = sizeof(titles) / sizeof(titles[0]) };
    static const char *const columns[COLUMNS] = {
        "_id", "username", "full_name", "email", "global_admin", "locked"};
    cJSON *members = NULL;
    const cJSON *member;
    int code = enquiry_make(call, "/o/users/all", NULL, &members);

    if (code == COMMAND_DONE && command_has(call, "json")) {
        code = enquiry_print_json(members);
    } else if (code == COMMAND_DONE) {
        struct grid *grid = grid_create(titles, COLUMNS);

        cJSON_ArrayForEach(member, members)
        {
            for (int i = 0; i < COLUMNS; i++)
                enquiry_add_cell(grid, member, columns[i]);
        }
        grid_write(grid, stdout);
        grid_destroy(grid);
    }
    cJSON_Delete(members);
    return code;
}
