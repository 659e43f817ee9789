#include "metrics/collection.h"

static const struct {
    const char *method;
    const char *collection;
} renamed[] = {
    {"sessions", "users"},
    {"locations", "users"},
    {"countries", "users"},
    {"app_versions", "device_details"},
};

enum { RENAMED = sizeof(renamed) / sizeof(renamed[0]) };

const char *collection_of_method(const struct catalog *catalog,
                                 struct text method)
{
    const struct metric *metric;

    for (size_t i = 0; i < RENAMED; i++) {
        if (text_is(method, renamed[i].method))
            return renamed[i].collection;
    }
    for (size_t at = 0; (metric = catalog_next(catalog, &at));) {
        if (text_is(method, metric->collection))
            return metric->collection;
    }
    return NULL;
}

/* Metrics share collections. */
static bool is_first_of_collection(const struct metric_list *list, unsigned at)
{
    for (unsigned i = 0; i < at; i++) {
        if (strcmp(list->at[i]->collection, list->at[at]->collection) == 0)
            return false;
    }
    return true;
}

void collection_each_method(const struct catalog *catalog, text_fn each,
                            void *user)
{
    struct metric_list list = catalog_list(catalog, NULL);

    for (size_t i = 0; i < RENAMED; i++)
        each(user, text_of(renamed[i].method));
    for (unsigned i = 0; i < list.count; i++) {
        if (is_first_of_collection(&list, i))
            each(user, text_of(list.at[i]->collection));
    }
}
