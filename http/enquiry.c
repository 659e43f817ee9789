#include "http/enquiry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/operator.h"
#include "metrics/answer.h"

enum { NAME_COLUMN = 14 };

/* Texts of {"result": text} or {"result": [texts]}. */
static void add_result(const cJSON *answer, struct buffer *line)
{
    const cJSON *result = cJSON_GetObjectItemCaseSensitive(answer, "result");
    const cJSON *item;

    if (cJSON_IsString(result))
        buffer_add_string(line, result->valuestring);
    cJSON_ArrayForEach(item, result)
    {
        if (!cJSON_IsString(item))
            continue;
        if (line->len > 0)
            buffer_add_string(line, "; ");
        buffer_add_string(line, item->valuestring);
    }
}

static int fail(const struct operator_call *call, const cJSON *answer)
{
    char status[32];
    struct buffer line;

    snprintf(status, sizeof(status), "status %d", call->status);
    buffer_init(&line, CONFIG_REASON_SIZE);
    add_result(answer, &line);
    buffer_add_byte(&line, '\0');
    command_fail(line.len > 1 ? line.at : status, NULL);
    buffer_finish(&line);
    return COMMAND_FAILED;
}

static int understand(const struct operator_call *call, cJSON **answer)
{
    cJSON *tree = call->out.len > 0
                      ? cJSON_ParseWithLength(call->out.at, call->out.len)
                      : NULL;

    if (call->status != ANSWER_OK) {
        fail(call, tree);
        cJSON_Delete(tree);
        return COMMAND_FAILED;
    }
    if (!tree)
        return command_fail("the answer is not JSON", NULL);
    *answer = tree;
    return COMMAND_DONE;
}

int enquiry_make(const struct command_call *call, const char *path,
                 const cJSON *args, cJSON **answer)
{
    char *text = args ? cJSON_PrintUnformatted(args) : NULL;
    struct operator_call asked = {
        .config = &call->config, .path = path, .args = text_of(text)};
    enum tally_err err = operator_ask(&asked);
    int code =
        err ? command_fail(asked.reason, NULL) : understand(&asked, answer);

    buffer_finish(&asked.out);
    cJSON_free(text);
    return code;
}

int enquiry_print_json(const cJSON *answer)
{
    char *text = cJSON_Print(answer);

    if (!text)
        return COMMAND_FAILED;
    printf("%s\n", text);
    cJSON_free(text);
    return fflush(stdout) == 0 ? COMMAND_DONE : COMMAND_FAILED;
}

/* What a value says in a cell; the text is the caller's to free. */
static char *text_of_value(const cJSON *value)
{
    if (!value || cJSON_IsNull(value))
        return strdup("");
    if (cJSON_IsString(value))
        return strdup(value->valuestring);
    if (cJSON_IsBool(value))
        return strdup(cJSON_IsTrue(value) ? "yes" : "no");
    return cJSON_PrintUnformatted(value);
}

void enquiry_add_cell(struct grid *grid, const cJSON *object, const char *name)
{
    char *text = text_of_value(cJSON_GetObjectItemCaseSensitive(object, name));

    grid_add(grid, text_of(text));
    free(text);
}

int enquiry_print_fields(const cJSON *object, const char *const names[])
{
    for (; *names; names++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, *names);

        if (!value)
            continue;

        char *text = text_of_value(value);

        printf("%-*s", NAME_COLUMN, *names);
        grid_write_text(text_of(text), stdout);
        putchar('\n');
        free(text);
    }
    return fflush(stdout) == 0 ? COMMAND_DONE : COMMAND_FAILED;
}
