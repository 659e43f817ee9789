#include "metrics/settings.h"

const struct settings settings_default = {
    .metric_limit = 1000,
    .event_limit = 500,
    .event_segmentation_limit = 100,
    .event_segmentation_value_limit = 1000,
    .session_cooldown = 15,
    .session_duration_limit = 86400,
    .array_list_limit = 10,
    .requests_kept = 100,
    .online_window_s = 120,
    .country_data = true,
    .city_data = true,
    .prevent_duplicate_requests = true,
    .login_tries = 3,
    .login_wait = 300,
};
