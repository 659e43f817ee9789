#include "metrics/answer.h"

#include "metrics/json.h"

enum { MESSAGE_MAX = 1024 };

static void write_result(struct buffer *out, struct text message)
{
    struct json json;

    json_init(&json, out, JSON_MESSAGE);
    json_open_object(&json);
    json_member_text(&json, "result", message);
    json_close_object(&json);
}

int answer_write(struct buffer *out, struct answer answer)
{
    write_result(out, text_of(answer.message));
    return answer.status;
}

int answer_write_joined(struct buffer *out, int status, const char *first,
                        struct text rest)
{
    struct buffer message;

    buffer_init(&message, MESSAGE_MAX);
    buffer_add_string(&message, first);
    buffer_add_text(&message, rest);
    write_result(out, buffer_text(&message));
    buffer_finish(&message);
    return status;
}
