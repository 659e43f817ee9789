/*
 * format.h - the versions of what is on disk. Another version is refused.
 */
#ifndef ENGINE_FORMAT_H
#define ENGINE_FORMAT_H

enum {
    FORMAT_LOG = 2,
    FORMAT_BASE = 1,
};

#endif
