/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has one watcher not read yet?  A bounded queue of text with the stream
 * that empties it.
 */
#ifndef OVERLAID_API_WATCHER_H
#define OVERLAID_API_WATCHER_H

#include "api/request.h"

/* Bytes that a watcher may be behind: some 50,000 events.  Beyond it is cut off. */
#define WATCHER_QUEUE_MAX (8u << 20)

struct watcher {
	struct stream stream;
	struct watcher *next, *previous;		  /* in the hub's list */
	void (*left)(struct watcher *watcher, void *hub); /* called before it is freed */
	void *hub;
	struct budget *budget;
	char *queue;
	size_t start, length, room;
	bool ended; /* no line will follow */
	bool cut;   /* it fell too far behind */
};

/* NULL: no memory. */
struct watcher *watcher_new(struct budget *budget);
/* Appends the line, or cuts the watcher off when there is no room for it. */
void watcher_push(struct watcher *watcher, const char *line, size_t length);
/* The client gets what is queued, then the end. */
void watcher_end(struct watcher *watcher);

#endif
