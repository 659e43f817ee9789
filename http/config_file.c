#include "http/config_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 1 << 20 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct text trim(struct text text)
{
    while (text.len > 0 && is_blank(text.at[0])) {
        text.at++;
        text.len--;
    }
    while (text.len > 0 && is_blank(text.at[text.len - 1]))
        text.len--;
    return text;
}

/* A `#` begins a comment where a word may begin. */
static struct text without_comment(struct text line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.at[i] == '#' && (i == 0 || is_blank(line.at[i - 1])))
            line.len = i;
    }
    return trim(line);
}

static enum tally_err read_line(struct config *config, struct text line,
                                char reason[static CONFIG_REASON_SIZE])
{
    const char *equal = line.len > 0 ? memchr(line.at, '=', line.len) : NULL;

    if (line.len == 0)
        return TALLY_OK;
    if (!equal) {
        snprintf(reason, CONFIG_REASON_SIZE, "a line must be `key = value`");
        return TALLY_ERR_INVALID;
    }

    size_t before = (size_t)(equal - line.at);
    struct text name = trim((struct text){line.at, before});
    struct text value = trim((struct text){equal + 1, line.len - before - 1});

    if (text_is(name, "config")) {
        snprintf(reason, CONFIG_REASON_SIZE, "a file cannot name another one");
        return TALLY_ERR_INVALID;
    }
    return config_set(config, name, value, CONFIG_FILE, reason);
}

static enum tally_err read_lines(struct config *config, struct text content,
                                 char reason[static CONFIG_REASON_SIZE])
{
    char cause[CONFIG_REASON_SIZE];

    for (unsigned number = 1; content.len > 0; number++) {
        const char *end = memchr(content.at, '\n', content.len);
        size_t len = end ? (size_t)(end - content.at) : content.len;
        struct text line = {content.at, len};
        enum tally_err err = read_line(config, without_comment(line), cause);

        if (err) {
            snprintf(reason, CONFIG_REASON_SIZE, "%.200s:%u: %.280s",
                     config->file, number, cause);
            return err;
        }
        len += end != NULL;
        content.at += len;
        content.len -= len;
    }
    return TALLY_OK;
}

static enum tally_err load_file(const char *path, struct buffer *content)
{
    enum tally_err err = TALLY_OK;
    char part[4096];
    size_t len;
    FILE *file = fopen(path, "re");

    if (!file)
        return TALLY_ERR_IO;
    while ((len = fread(part, 1, sizeof(part), file)) > 0)
        buffer_add(content, part, len);
    if (ferror(file))
        err = TALLY_ERR_IO;
    else if (!buffer_is_whole(content))
        err = TALLY_ERR_TOO_BIG;
    fclose(file);
    return err;
}

enum tally_err config_file_read(struct config *config,
                                char reason[static CONFIG_REASON_SIZE])
{
    struct buffer content;

    if (config->file[0] == '\0')
        return TALLY_OK;
    buffer_init(&content, FILE_MAX);
    enum tally_err err = load_file(config->file, &content);

    if (err)
        snprintf(reason, CONFIG_REASON_SIZE, "%.300s: %.180s", config->file,
                 err == TALLY_ERR_IO ? strerror(errno) : tally_err_text(err));
    else
        err = read_lines(config, buffer_text(&content), reason);
    buffer_finish(&content);
    return err;
}
