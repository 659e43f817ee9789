#include "metrics/builtin.h"

#include "metrics/params.h"
#include "metrics/source.h"
#include "metrics/value.h"

/* On the web it is the page that the visitor came from, or there is none. */
static bool name_page(const struct params *metrics, struct value *value)
{
    const struct param *store = params_find(metrics, "_store");
    struct draft draft = {.len = 0};

    if (!store || store->kind != PARAM_TEXT)
        return false;
    source_draft_page(store->value, &draft);
    return value_source((struct text){draft.bytes, draft.len}, value);
}

/* Elsewhere sources fall back to the system as long as the user has none
 * (B.7.3). */
static bool name_source(const struct metric *metric,
                        const struct params *metrics, bool is_web,
                        struct value *value, bool *is_fallback)
{
    if (is_web)
        return name_page(metrics, value);
    *is_fallback = !value_of(metrics, metric->key, value);
    return !*is_fallback || value_source(params_text(metrics, "_os"), value);
}

static bool name_browser_version(const struct metric *metric,
                                 const struct params *metrics, bool is_web,
                                 struct value *value, bool *is_fallback)
{
    (void)is_fallback;
    return is_web ? value_web_browser(metrics, value)
                  : value_of(metrics, metric->key, value);
}

/* usage.c tells of the SDK, it is no part of the metrics. */
const struct metric_definition builtin_metrics[] = {
    {.db = "langs",
     .name = "_lang",
     .set = "langs",
     .short_code = "la",
     .alias = "languages",
     .tracks_changes = true},
    {.db = "density",
     .name = "_density",
     .set = "density",
     .short_code = "dnst",
     .alias = "densities",
     .tracks_changes = true},
    {.db = "browser",
     .name = "_browser",
     .set = "browser",
     .short_code = "brw",
     .alias = "browsers",
     .tracks_changes = true},
    {.db = "browser",
     .name = "_browser_version",
     .set = "browser_version",
     .short_code = "brwv",
     .tracks_changes = true,
     .value = name_browser_version},
    {.db = "sources",
     .name = "_store",
     .set = "sources",
     .short_code = "src",
     .tracks_changes = true,
     .value = name_source},
    {.db = "sdks", .set = "sdks", .short_code = "sdk", .tracks_changes = true},
};

const size_t builtin_metric_count =
    sizeof(builtin_metrics) / sizeof(builtin_metrics[0]);
