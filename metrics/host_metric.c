#include "metrics/host_metric.h"

#include "metrics/host.h"

static struct tally_text host_metric_of(const struct tally_metrics *metrics,
                                        const char *key)
{
    const struct param *param = params_find(metrics->metrics, key);

    if (!param || (param->kind != PARAM_TEXT && param->kind != PARAM_NUMBER))
        return (struct tally_text){NULL, 0};
    return host_tally_text(param->value);
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
}
