#include "metrics/login.h"

/* Usernames and emails are names to log in with. */
static const struct member *find_member(const struct registry *registry,
                                        struct text name)
{
    const struct member *member = registry_member_by_username(registry, name);

    return member ? member : registry_member_by_email(registry, name);
}

/* Counts the try; 0, or the status of a refusal. */
static int begin(struct manage *call, const struct member *member,
                 struct text name)
{
    call->wait = logins_begin(call->logins, call->settings, member, name,
                              call->address, call->now, &call->login_try);
    if (call->wait == 0)
        return 0;
    return answer_write(call->out,
                        (struct answer){429, "Too many tries, wait"});
}

/* Compared with the password that counts now, not one that was changed while
 * the comparison ran. */
static bool is_compared(const struct password_job *job,
                        const struct member *member)
{
    return job->work == PASSWORD_COMPARE && job->done &&
           strcmp(job->hash, member->password) == 0;
}

static bool is_password(struct text text)
{
    return text.len > 0 && text.len <= PASSWORD_MAX &&
           !memchr(text.at, '\0', text.len);
}

int login_compare(struct manage *call, const struct member *member,
                  struct text password, struct answer wrong)
{
    int status;

    if (!is_password(password) || member->password[0] == '\0')
        return answer_write(call->out, wrong);
    if (!is_compared(&call->job, member)) {
        status = begin(call, member, (struct text){0});
        if (status != 0)
            return status;
        password_want_match(&call->job, password, member->password);
        return MANAGE_WAITS;
    }
    if (!call->job.matches)
        return answer_write(call->out, wrong);
    logins_succeed(call->logins, &call->login_try);
    return ANSWER_OK;
}

static int refuse_key(struct manage *call)
{
    buffer_clear(call->out);
    buffer_add_string(call->out, "-1");
    return 401;
}

int login_read_key(struct manage *call, struct text action)
{
    const struct member *found =
        find_member(call->claim.registry, call->username);
    const struct member *member = found && found->password[0] ? found : NULL;
    struct password_job *job = &call->job;
    int status;

    (void)action;
    if (call->username.len == 0 || !is_password(call->password))
        return refuse_key(call);
    if (!job->done) {
        status = begin(call, found, call->username);
        if (status != 0)
            return status;
        if (member)
            password_want_match(job, call->password, member->password);
        else
            password_want_hash(job, call->password);
        return MANAGE_WAITS;
    }
    if (!member || member->locked || !is_compared(job, member) || !job->matches)
        return refuse_key(call);
    logins_succeed(call->logins, &call->login_try);
    buffer_add_string(call->out, member->api_key);
    return ANSWER_OK;
}

int login_reset_ban(struct manage *call, const cJSON *args,
                    const struct pass *pass)
{
    struct text name = params_text(call->claim.params, "username");

    (void)args;
    (void)pass;
    if (name.len == 0)
        return answer_write(
            call->out, (struct answer){400, "Missing parameter \"username\""});
    logins_forgive(call->logins, find_member(call->claim.registry, name), name);
    buffer_add_string(call->out, "true");
    return ANSWER_OK;
}
