#include "http/plugin_param.h"

#include <sodium.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "http/form.h"
#include "http/plugin_door.h"

static void write_content(struct json *json, struct text content)
{
    size_t size =
        sodium_base64_ENCODED_LEN(content.len, sodium_base64_VARIANT_ORIGINAL);
    char *encoded = memory_alloc(size);

    sodium_bin2base64(encoded, size, (const unsigned char *)content.at,
                      content.len, sodium_base64_VARIANT_ORIGINAL);
    json_member_string(json, "data", encoded);
    free(encoded);
}

static void write_file(void *user, const struct form_file *file)
{
    struct json *json = user;

    json_key(json, file->field);
    json_open_object(json);
    json_member_text(json, "name", file->name);
    json_member_text(json, "type", file->type);
    json_member_int(json, "size", (int64_t)file->content.len);
    if (file->content.len <= DOOR_FILE_MAX)
        write_content(json, file->content);
    json_close_object(json);
}

static bool write_files(const struct exchange *exchange, struct json *json)
{
    json_open_object(json);
    if (exchange->upload.len > 0)
        form_each_file(exchange->content_type, exchange->upload, write_file,
                       json);
    json_close_object(json);
    return true;
}

/* The first of several is what header() gives. */
static void write_header(void *user, struct text name, struct text value)
{
    json_key(user, name);
    json_text(user, value);
}

static const char *const methods[] = {
    [EXCHANGE_GET] = "GET",         [EXCHANGE_HEAD] = "HEAD",
    [EXCHANGE_POST] = "POST",       [EXCHANGE_PUT] = "PUT",
    [EXCHANGE_OPTIONS] = "OPTIONS", [EXCHANGE_OTHER] = "",
};

/* What was asked for; `search` gets it from the `?` on. */
static struct text target_of(const struct exchange *exchange,
                             struct text *search)
{
    size_t len = exchange->query.len;

    *search = len > 0 ? (struct text){exchange->query.at - 1, len + 1}
                      : (struct text){NULL, 0};
    return (struct text){exchange->path.at, exchange->path.len + search->len};
}

static bool write_request(const struct exchange *exchange, struct json *json)
{
    struct text search;

    json_open_object(json);
    json_member_string(json, "method", methods[exchange->method]);
    json_member_text(json, "url", target_of(exchange, &search));
    json_key_string(json, "headers");
    json_open_object(json);
    exchange_each_header(exchange, write_header, json);
    json_close_object(json);
    json_close_object(json);
    return true;
}

static bool write_url_parts(const struct exchange *exchange, struct json *json)
{
    struct text search;
    struct text target = target_of(exchange, &search);

    json_open_object(json);
    json_member_text(json, "href", target);
    json_member_text(json, "path", target);
    json_member_text(json, "pathname", exchange->path);
    json_member_text(json, "search", search);
    json_member_text(json, "query", exchange->query);
    json_close_object(json);
    return true;
}

static const struct {
    const char *name;
    bool (*write)(const struct exchange *exchange, struct json *json);
} properties[] = {
    {"files", write_files},
    {"req", write_request},
    {"urlParts", write_url_parts},
};

bool plugin_param_write(const struct exchange *exchange, struct text name,
                        struct json *json)
{
    for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
        if (text_is(name, properties[i].name))
            return properties[i].write(exchange, json);
    }
    return false;
}
