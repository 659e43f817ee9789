#include "metrics/host_metric.h"

#include "metrics/draft.h"
#include "metrics/host.h"
#include "metrics/value.h"

/* Texts that are made here live in the arena; one without room is empty. */
static struct tally_text kept(const struct tally_metrics *metrics,
                              struct text text)
{
    const char *copy = arena_strndup(metrics->arena, text.at, text.len);

    return copy ? (struct tally_text){copy, text.len}
                : (struct tally_text){NULL, 0};
}

static struct tally_text host_metric_of(const struct tally_metrics *metrics,
                                        const char *key)
{
    struct value_raw raw;

    if (!value_read(metrics->metrics, key, &raw))
        return (struct tally_text){NULL, 0};
    return raw.text.at == raw.number ? kept(metrics, raw.text)
                                     : host_tally_text(raw.text);
}

static struct tally_text host_metric_os(const struct tally_metrics *metrics)
{
    struct draft code = {.len = 0};

    value_draft_os(metrics->metrics, &code);
    return kept(metrics, (struct text){code.bytes, code.len});
}

static int host_metric_is_web(const struct tally_metrics *metrics)
{
    return metrics->is_web;
}

static void host_metric_is_fallback(const struct tally_metrics *metrics)
{
    *metrics->is_fallback = true;
}

void host_add_metric(struct tally_host *host)
{
    host->metric_of = host_metric_of;
    host->metric_is_web = host_metric_is_web;
    host->metric_is_fallback = host_metric_is_fallback;
    host->metric_os = host_metric_os;
}
