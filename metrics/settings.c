#include "metrics/settings.h"

const struct settings settings_default = {
    .metric_limit = 1000,
    .session_cooldown = 15,
    .session_duration_limit = 86400,
    .requests_kept = 100,
    .country_data = true,
    .city_data = true,
    .prevent_duplicate_requests = true,
};
