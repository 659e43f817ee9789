#include "http/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { READ_SIZE = 256 * 1024 };

enum tally_err lines_open(struct lines *lines, const char *path,
                          uint64_t offset, size_t max)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return TALLY_ERR_IO;
    if (lseek(fd, (off_t)offset, SEEK_SET) != (off_t)offset) {
        close(fd);
        return TALLY_ERR_IO;
    }
    *lines = (struct lines){.fd = fd, .end = offset};
    buffer_init(&lines->pile, max + READ_SIZE);
    return TALLY_OK;
}

void lines_close(struct lines *lines)
{
    close(lines->fd);
    buffer_finish(&lines->pile);
}

static void drop_used(struct lines *lines)
{
    struct buffer *pile = &lines->pile;

    if (lines->used == 0)
        return;
    memmove(pile->at, pile->at + lines->used, pile->len - lines->used);
    pile->len -= lines->used;
    lines->used = 0;
}

/* Reads on; false at the end of the file, or when the line is too long. */
static enum tally_err read_more(struct lines *lines, size_t *got)
{
    struct buffer *pile = &lines->pile;
    ssize_t count;

    drop_used(lines);
    if (!buffer_reserve(pile, READ_SIZE))
        return TALLY_ERR_TOO_BIG;
    do {
        count = read(lines->fd, pile->at + pile->len, READ_SIZE);
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        return TALLY_ERR_IO;
    pile->len += (size_t)count;
    *got = (size_t)count;
    return TALLY_OK;
}

/* Bytes up to the end of the line, which is no part of them; `has_end` is
 * false for the last line of a file that has none. */
static enum tally_err find_end(struct lines *lines, size_t *len, bool *has_end)
{
    struct buffer *pile = &lines->pile;
    enum tally_err err = TALLY_OK;
    size_t looked = 0;
    size_t got = 1;

    *has_end = false;
    while (!err && got > 0 && !*has_end) {
        size_t left = pile->len - lines->used;
        const char *from = pile->at + lines->used;
        const char *end =
            left > looked ? memchr(from + looked, '\n', left - looked) : NULL;
        looked = end ? (size_t)(end - from) : left;
        *has_end = end != NULL;
        if (!end)
            err = read_more(lines, &got);
    }
    *len = looked;
    return err;
}

/* Forgets a line that is too long, up to its end. */
static enum tally_err skip(struct lines *lines, struct line *line)
{
    enum tally_err err = TALLY_ERR_TOO_BIG;
    bool has_end = false;
    size_t len = 0;

    buffer_clear(&lines->pile);
    while (err == TALLY_ERR_TOO_BIG) {
        lines->end += lines->pile.len;
        buffer_clear(&lines->pile);
        lines->used = 0;
        err = find_end(lines, &len, &has_end);
    }
    lines->used = len + has_end;
    lines->end += lines->used;
    *line = (struct line){.is_too_long = true, .end = lines->end};
    return err;
}

enum tally_err lines_next(struct lines *lines, struct line *line)
{
    bool has_end;
    size_t len;
    enum tally_err err = find_end(lines, &len, &has_end);

    if (err == TALLY_ERR_TOO_BIG) {
        lines->end += lines->pile.len;
        return skip(lines, line);
    }
    if (err)
        return err;
    if (len == 0 && !has_end)
        return TALLY_ERR_NOT_FOUND;
    struct text text = {lines->pile.at + lines->used, len};
    lines->used += len + has_end;
    lines->end += len + has_end;
    if (text.len > 0 && text.at[text.len - 1] == '\r')
        text.len--;
    *line = (struct line){.text = text, .end = lines->end};
    return TALLY_OK;
}
