/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has one watcher not read yet?  Called by hub.c with lines and by
 * connection.c with room for them.  Nobody waits for a watcher: one that falls
 * WATCHER_QUEUE_MAX behind is cut off.
 */
#include "api/watcher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_KEPT 65536u /* bytes of room that an empty queue keeps */

static void free_queue(struct watcher *watcher)
{
	free(watcher->queue);
	budget_return(watcher->budget, watcher->room);
	watcher->queue = NULL;
	watcher->start = watcher->length = watcher->room = 0;
}

static ssize_t watcher_read(struct stream *stream, char *buffer, size_t size)
{
	struct watcher *watcher = (struct watcher *)stream;

	if (watcher->cut)
		return -EPIPE;
	if (!watcher->length)
		return watcher->ended ? 0 : -EAGAIN;
	if (size > watcher->length)
		size = watcher->length;
	memcpy(buffer, watcher->queue + watcher->start, size);
	watcher->start += size;
	watcher->length -= size;
	if (!watcher->length) {
		watcher->start = 0;
		if (watcher->room > QUEUE_KEPT)
			free_queue(watcher);
	}
	return (ssize_t)size;
}

static void watcher_close(struct stream *stream)
{
	struct watcher *watcher = (struct watcher *)stream;

	if (watcher->left)
		watcher->left(watcher, watcher->hub);
	free_queue(watcher);
	free(watcher);
}

struct watcher *watcher_new(struct budget *budget)
{
	struct watcher *watcher = calloc(1, sizeof(*watcher));

	if (!watcher)
		return NULL;
	watcher->stream = (struct stream){.read = watcher_read, .close = watcher_close};
	watcher->budget = budget;
	return watcher;
}

/* Room for length more bytes behind what is queued. */
static bool make_room(struct watcher *watcher, size_t length)
{
	size_t room = watcher->room ? watcher->room : 4096;
	char *queue;

	if (watcher->length + length > WATCHER_QUEUE_MAX)
		return false;
	if (watcher->start) {
		memmove(watcher->queue, watcher->queue + watcher->start, watcher->length);
		watcher->start = 0;
	}
	while (room < watcher->length + length)
		room *= 2;
	if (room == watcher->room)
		return true;
	if (!budget_take(watcher->budget, room - watcher->room))
		return false;
	queue = realloc(watcher->queue, room);
	if (!queue) {
		budget_return(watcher->budget, room - watcher->room);
		return false;
	}
	watcher->queue = queue;
	watcher->room = room;
	return true;
}

void watcher_push(struct watcher *watcher, const char *line, size_t length)
{
	if (watcher->cut || watcher->ended)
		return;
	if (watcher->start + watcher->length + length > watcher->room &&
	    !make_room(watcher, length)) {
		watcher->cut = true;
		stream_drop(&watcher->stream);
		return;
	}
	memcpy(watcher->queue + watcher->start + watcher->length, line, length);
	watcher->length += length;
	stream_wake(&watcher->stream);
}

void watcher_end(struct watcher *watcher)
{
	watcher->ended = true;
	stream_wake(&watcher->stream);
}
