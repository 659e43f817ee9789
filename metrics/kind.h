/*
 * kind.h - the kinds of documents that are kept in the engine.
 *
 * Numbers are stored: append, never reorder.
 */
#ifndef METRICS_KIND_H
#define METRICS_KIND_H

enum kind {
    KIND_APP = 1,      /* named by the app's _id, see app.h */
    KIND_MEMBER = 2,   /* named by the member's _id, see member.h */
    KIND_SETTING = 3,  /* named by the setting */
    KIND_EVENTS = 4,   /* named by the app's _id, see event_plan.h */
    KIND_TOKEN = 5,    /* named by the token, see token.h */
    KIND_NOTE = 6,     /* named by the app's _id, see note.h */
    KIND_DELETION = 7, /* named by the number of an app, see departure.h */
    KIND_ONLINE = 8,   /* named by the app's _id, see online.h */
    KIND_EXPORT = 9,   /* named like a file, see user_export.h */
    KIND_IMPORT = 10,  /* named by a file or an app's _id, see import.h */
    KIND_METRIC = 11,  /* named by collection and set, see definition.h */
    KIND_SHELF = 12,   /* named by plugin and collection: their number */
};

#endif
