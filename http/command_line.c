#include "http/command_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "http/config_key.h"

/* The arguments that are left, and where the reason goes. */
struct line {
    int count;
    char *const *texts;
    char *reason;
};

/* How many of the texts are the command's words; 0 when not all of them are
 * there. */
static int match(const struct command *command, int count, char *const texts[])
{
    const char *at = command->words;
    int matched = 0;

    while (matched < count) {
        size_t len = strcspn(at, " ");

        if (strlen(texts[matched]) != len ||
            memcmp(texts[matched], at, len) != 0)
            return 0;
        matched++;
        if (at[len] == '\0')
            return matched;
        at += len + 1;
    }
    return 0;
}

const struct command *command_line_find(int count, char *const texts[],
                                        int *words)
{
    for (const struct command *at = command_table; at->words; at++) {
        int matched = match(at, count, texts);

        if (matched > 0) {
            *words = matched;
            return at;
        }
    }
    return NULL;
}

__attribute__((format(printf, 2, 3))) static enum tally_err
refuse(const struct line *line, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    vsnprintf(line->reason, COMMAND_LINE_REASON_SIZE, format, values);
    va_end(values);
    return TALLY_ERR_INVALID;
}

static int find_option(const struct command *command, struct text name)
{
    for (int i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name; i++) {
        if (text_is(name, command->options[i].name))
            return i;
    }
    return -1;
}

/* The value of a flag: behind its `=`, or the next argument. */
static enum tally_err take_value(struct line *line, struct text name,
                                 const char **value)
{
    const char *text = line->texts[-1];

    if (text[2 + name.len] == '=') {
        *value = text + 2 + name.len + 1;
        return TALLY_OK;
    }
    if (line->count == 0)
        return refuse(line, "--%.*s needs a value", (int)name.len, name.at);
    *value = line->texts[0];
    line->texts++;
    line->count--;
    return TALLY_OK;
}

static enum tally_err read_option(struct command_call *call, struct line *line,
                                  struct text name, int at)
{
    const struct command_option *option = &call->command->options[at];

    if (call->values[at])
        return refuse(line, "--%s is given twice", option->name);
    if (option->value)
        return take_value(line, name, &call->values[at]);
    if (line->texts[-1][2 + name.len] == '=')
        return refuse(line, "--%s takes no value", option->name);
    call->values[at] = "";
    return TALLY_OK;
}

/* Short flags for keys of the configuration. */
static const struct {
    const char *name;
    const char *key;
    const char *value; /* NULL: it takes one */
} short_flags[] = {
    {"plugins", "plugins.dir", NULL},
    {"plugins-optional", "plugins.optional", "true"},
};

/* The key that a flag is for; `value` is what a short one stands for. */
static struct text key_of(struct text flag, const char **value)
{
    for (size_t i = 0; i < sizeof(short_flags) / sizeof(short_flags[0]); i++) {
        if (text_is(flag, short_flags[i].name)) {
            *value = short_flags[i].value;
            return text_of(short_flags[i].key);
        }
    }
    *value = NULL;
    return flag;
}

static enum tally_err read_key(struct command_call *call, struct line *line,
                               struct text name)
{
    char cause[CONFIG_REASON_SIZE];
    const char *value;
    struct text key = key_of(name, &value);
    bool is_known = call->command->config != COMMAND_WITHOUT_CONFIG &&
                    (config_setting_is_name(key) ||
                     config_key_find(key) < config_key_count);

    if (!is_known)
        return refuse(line, "there is no flag --%.100s of this command",
                      line->texts[-1] + 2);
    if (value && line->texts[-1][2 + name.len] == '=')
        return refuse(line, "--%.*s takes no value", (int)name.len, name.at);

    enum tally_err err = value ? TALLY_OK : take_value(line, name, &value);

    if (err)
        return err;
    err = config_set(&call->config, key, text_of(value), CONFIG_FLAG, cause);
    return err ? refuse(line, "--%s", cause) : TALLY_OK;
}

static enum tally_err read_flag(struct command_call *call, struct line *line)
{
    const char *text = line->texts[-1] + 2;
    struct text name = {text, strcspn(text, "=")};
    int at = find_option(call->command, name);

    return at >= 0 ? read_option(call, line, name, at)
                   : read_key(call, line, name);
}

static enum tally_err read_operand(struct command_call *call,
                                   const struct line *line)
{
    const char *text = line->texts[-1];

    if (text[0] == '-' && text[1] != '\0')
        return refuse(line, "there is no flag %.100s; flags begin with --",
                      text);
    if (!call->command->operand || call->operand)
        return refuse(line, "\"%.100s\" is too much", text);
    call->operand = text;
    return TALLY_OK;
}

static enum tally_err check(const struct command_call *call,
                            const struct line *line)
{
    const struct command *command = call->command;

    if (command->operand && !call->operand)
        return refuse(line, "%s is missing", command->operand);
    for (int i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name; i++) {
        if (command->options[i].is_required && !call->values[i])
            return refuse(line, "--%s is missing", command->options[i].name);
    }
    return TALLY_OK;
}

enum tally_err command_line_read(struct command_call *call, int count,
                                 char *const texts[], bool *wants_help,
                                 char reason[static COMMAND_LINE_REASON_SIZE])
{
    struct line line = {count, texts, reason};

    while (line.count > 0) {
        const char *text = *line.texts++;
        enum tally_err err;

        line.count--;
        if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0) {
            *wants_help = true;
            return TALLY_OK;
        }
        if (strncmp(text, "--", 2) == 0)
            err = read_flag(call, &line);
        else
            err = read_operand(call, &line);
        if (err)
            return err;
    }
    return check(call, &line);
}
