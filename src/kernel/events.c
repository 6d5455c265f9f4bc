/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libbpf's ring buffer reader, with an end to each turn.  Called by control/.
 */
#include "kernel/events.h"

#include "base/cleanup.h"
#include "kernel/datapath_state.h"

#include <bpf/libbpf.h>

#include <errno.h>

struct events {
	struct ring_buffer *ring;
	events_visit visit;
	void *arg;
	int n; /* in this turn */
};

/* An error ends libbpf's loop behind the record that returned it. */
static int take_sample(void *arg, void *data, size_t size)
{
	struct events *events = arg;

	if (size >= sizeof(struct event))
		events->visit(events->arg, data);
	return ++events->n == EVENTS_PER_CALL ? -EAGAIN : 0;
}

int events_open(const struct datapath *dp, events_visit visit, void *arg, struct events **ret)
{
	_cleanup_free_ struct events *events = calloc(1, sizeof(*events));

	if (!events)
		return -ENOMEM;
	events->visit = visit;
	events->arg = arg;
	events->ring = ring_buffer__new(datapath_fd(dp, MAP_EVENTS), take_sample, events, NULL);
	if (!events->ring)
		return -errno;
	*ret = TAKE_PTR(events);
	return 0;
}

int events_fd(const struct events *events)
{
	return ring_buffer__epoll_fd(events->ring);
}

int events_consume(struct events *events)
{
	int r;

	events->n = 0;
	r = ring_buffer__consume(events->ring);
	return r < 0 && r != -EAGAIN ? r : events->n;
}

void events_close(struct events *events)
{
	if (!events)
		return;
	ring_buffer__free(events->ring);
	free(events);
}
