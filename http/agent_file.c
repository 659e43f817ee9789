#include "http/agent_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/buffer.h"

#define INSTALLED "/usr/share/uap-core/regexes.yaml"

enum { FILE_MAX = 16 << 20 };

static enum tally_err read_all(FILE *file, struct buffer *content)
{
    char part[4096];
    size_t len;

    while ((len = fread(part, 1, sizeof(part), file)) > 0)
        buffer_add(content, part, len);
    if (ferror(file))
        return TALLY_ERR_IO;
    return buffer_is_whole(content) ? TALLY_OK : TALLY_ERR_TOO_BIG;
}

static enum tally_err read_rules(FILE *file, struct agents **agents,
                                 char flaw[static AGENT_REASON_SIZE])
{
    struct buffer content;

    buffer_init(&content, FILE_MAX);
    enum tally_err err = read_all(file, &content);
    if (err)
        snprintf(flaw, AGENT_REASON_SIZE, "%s",
                 err == TALLY_ERR_IO ? strerror(errno) : tally_err_text(err));
    else
        err = agents_create(buffer_text(&content), agents, flaw);
    buffer_finish(&content);
    return err;
}

enum tally_err agent_file_read(const char *path, struct agents **agents,
                               char reason[static AGENT_FILE_REASON_SIZE])
{
    const char *chosen = path[0] ? path : INSTALLED;
    enum tally_err err = TALLY_ERR_IO;
    char flaw[AGENT_REASON_SIZE];
    FILE *file = fopen(chosen, "re");

    if (!file && !path[0]) {
        *agents = NULL;
        return TALLY_OK;
    }
    snprintf(flaw, sizeof(flaw), "%s", file ? "" : strerror(errno));
    if (file) {
        err = read_rules(file, agents, flaw);
        fclose(file);
    }
    if (err)
        snprintf(reason, AGENT_FILE_REASON_SIZE, "%.200s: %s", chosen, flaw);
    return err;
}
