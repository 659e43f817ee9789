#include "http/response.h"

#include <stdio.h>
#include <time.h>

#include "metrics/json.h"

enum { CALLBACK_MAX = 128 };

#define JSON_TYPE "application/json; charset=utf-8"

/* Stands in every answer: browsers must see errors too, else SDKs send the
 * same data again. */
#define COMMON_FIELDS                    \
    "Access-Control-Allow-Origin: *\r\n" \
    "X-Frame-Options: deny\r\n"          \
    "X-XSS-Protection: 1; mode=block\r\n"

#define NO_SNIFFING "X-Content-Type-Options: nosniff\r\n"

#define OK_JSON_HEAD      \
    "HTTP/1.1 200 OK\r\n" \
    "Content-Type: " JSON_TYPE "\r\n" COMMON_FIELDS NO_SNIFFING

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

static const char *reason_of(int status)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Other";
}

bool response_is_callback(struct text name)
{
    static const char others[] = "_.$";

    if (name.len == 0 || name.len > CALLBACK_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];
        bool is_alphanumeric = (byte >= '0' && byte <= '9') ||
                               (byte >= 'A' && byte <= 'Z') ||
                               (byte >= 'a' && byte <= 'z');
        if (!is_alphanumeric && !memchr(others, byte, sizeof(others) - 1))
            return false;
    }
    return true;
}

void response_update_date(struct response_date *date, int64_t now)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed",
                                   "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t second = now / 1000;
    struct tm tm;

    if (date->field[0] && date->second == second)
        return;
    date->second = second;
    gmtime_r(&second, &tm);
    snprintf(date->field, sizeof(date->field),
             "Date: %s, %02u %s %04u %02u:%02u:%02u GMT\r\n", days[tm.tm_wday],
             (unsigned)tm.tm_mday % 100, months[tm.tm_mon],
             (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)tm.tm_hour % 100,
             (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
}

static void write_head(struct buffer *out, const struct response *response)
{
    if (response->status == 200 && !response->content_type &&
        response->callback.len == 0) {
        buffer_add_text(out, TEXT(OK_JSON_HEAD));
        return;
    }
    buffer_add_string(out, "HTTP/1.1 ");
    buffer_add_int(out, response->status);
    buffer_add_byte(out, ' ');
    buffer_add_string(out, reason_of(response->status));
    buffer_add_string(out, "\r\nContent-Type: ");
    buffer_add_string(out, response->content_type ? response->content_type
                                                  : JSON_TYPE);
    buffer_add_string(out, "\r\n" COMMON_FIELDS);
    /* A browser runs no script that is called JSON when it may not sniff. */
    if (response->callback.len == 0)
        buffer_add_string(out, NO_SNIFFING);
}

static bool has_body(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

static void write_body(struct buffer *out, const struct response *response)
{
    if (response->callback.len == 0) {
        buffer_add_text(out, response->body);
        return;
    }
    buffer_add_text(out, response->callback);
    buffer_add_byte(out, '(');
    buffer_add_text(out, response->body);
    buffer_add_byte(out, ')');
}

void response_write(struct buffer *out, const struct response *response,
                    const struct response_date *date)
{
    size_t wrapping = response->callback.len ? response->callback.len + 2 : 0;

    write_head(out, response);
    buffer_add_string(out, date->field);
    buffer_add_text(out, response->fields);
    if (response->closes)
        buffer_add_string(out, "Connection: close\r\n");
    else if (response->keeps_alive)
        buffer_add_string(out, "Connection: keep-alive\r\n");
    if (response->end == RESPONSE_CHUNKS) {
        buffer_add_string(out, "Transfer-Encoding: chunked\r\n");
    } else if (response->end == RESPONSE_LENGTH && has_body(response->status)) {
        buffer_add_string(out, "Content-Length: ");
        buffer_add_int(out, (int64_t)(response->body.len + wrapping));
        buffer_add_string(out, "\r\n");
    }
    buffer_add_string(out, "\r\n");
    if (has_body(response->status) && !response->is_head)
        write_body(out, response);
}

void response_write_result(struct buffer *out, const char *message)
{
    struct json json;

    json_init(&json, out, JSON_MESSAGE);
    json_open_object(&json);
    json_member_string(&json, "result", message);
    json_close_object(&json);
}
