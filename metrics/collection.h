/*
 * collection.h - the methods of /o that read a collection (spec D.2): those of
 * its name, and `sessions`, `locations`, `countries` and `app_versions`, which
 * read another.
 */
#ifndef METRICS_COLLECTION_H
#define METRICS_COLLECTION_H

#include "engine/text.h"
#include "metrics/catalog.h"

/* NULL when the method reads no collection; it lives as long as the
 * catalogue. */
const char *collection_of_method(const struct catalog *catalog,
                                 struct text method);

/* Tells each such method. */
void collection_each_method(const struct catalog *catalog, text_fn each,
                            void *user);

#endif
