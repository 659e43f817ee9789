/*
 * Documents of apps and members: what can be read is the same when it is
 * written again.
 */
#include "metrics/document.h"

#include "metrics/app.h"
#include "metrics/member.h"
#include "target.h"

enum { OUT = 1 << 20 };

typedef bool (*rewrite_fn)(struct text document, struct json *json);

static bool rewrite_tree(struct text document, struct json *json)
{
    cJSON *tree = document_parse(document);
    bool is_good = tree != NULL;

    if (is_good)
        document_write(json, tree);
    cJSON_Delete(tree);
    return is_good;
}

static bool rewrite_app(struct text document, struct json *json)
{
    struct app app;

    if (app_parse(document, &app) != TALLY_OK)
        return false;
    app_write(json, &app);
    app_finish(&app);
    return true;
}

static bool rewrite_member(struct text document, struct json *json)
{
    struct member member;

    if (member_parse(document, &member) != TALLY_OK)
        return false;
    struct permission_source source = {.old = member.permission};
    if (permission_is_valid(&source))
        member_write(json, &member, &source);
    else
        member_write(json, &member, &(struct permission_source){0});
    member_finish(&member);
    return true;
}

static void check(struct text document, rewrite_fn rewrite)
{
    struct buffer first, second;
    struct json json;

    buffer_init(&first, OUT);
    buffer_init(&second, OUT);
    json_init(&json, &first, JSON_PLAIN);
    if (rewrite(document, &json) && buffer_is_whole(&first) &&
        first.len <= DOCUMENT_SIZE_MAX) {
        json_init(&json, &second, JSON_PLAIN);
        TARGET_REQUIRE(rewrite(buffer_text(&first), &json));
        TARGET_REQUIRE(text_equal(buffer_text(&first), buffer_text(&second)));
    }
    buffer_finish(&first);
    buffer_finish(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text document = {(const char *)bytes, len};

    check(document, rewrite_tree);
    check(document, rewrite_app);
    check(document, rewrite_member);
    return 0;
}
