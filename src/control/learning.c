/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does the datapath learn, and when is it forgotten?  A pass over the FDB
 * begins as often as the shortest aging time asks for; between its steps the
 * event loop does other work.
 */
#include "control/learning.h"

#include "base/log.h"
#include "control/state.h"
#include "kernel/events.h"
#include "kernel/fdb.h"
#include "kernel/follow.h"
#include "kernel/slots.h"

#include <errno.h>
#include <string.h>

#define STEP_ENTRIES	 8192
#define STEP_PAUSE_US	 2000u
#define PASSES_PER_AGING 10u /* an entry outlives its time by a tenth at most */
#define PASS_MIN_SECONDS 1u
#define PASS_MAX_SECONDS 15u

struct learning {
	struct control *control;
	struct events *events;
	sd_event_source *events_source, *aging_timer;
	struct fdb_cursor cursor;
	uint64_t lifetime_ns[TABLE_MAX_SEGMENTS]; /* by slot; 0: for ever.  Of this pass */
	uint32_t shortest_seconds;
};

static void tell(struct control *control, const struct event *event)
{
	struct event_view view = {.kind = event->kind, .vni = event->vni, .mtu = event->mtu};

	if (!control->listener)
		return;
	snprintf(view.segment, sizeof(view.segment), "%s",
		 control_segment_name(control, event->vni));
	memcpy(view.mac.bytes, event->mac, sizeof(view.mac.bytes));
	control_view_path(control, event->path_kind, event->path, &view.path);
	control_view_path(control, event->old_path_kind, event->old_path, &view.old_path);
	control->listener(control->listener_arg, &view);
}

static void on_path_mtu(struct control *control, const struct event *event)
{
	const struct host_peer *peer = host_peer_by_slot(control->host, event->path);
	uint32_t before = peer ? peer->path_mtu : 0;
	char text[ADDRESS_TEXT_MAX];
	int error = follow_path_mtu(control->host, &control->running, event->path, event->mtu);

	if (error)
		log_warning("a path MTU cannot be written to the datapath: %s", strerror(-error));
	if (!peer || peer->path_mtu == before)
		return;
	log_info("path to peer %s: a router says that its MTU is %u, it was %u",
		 address_format(&peer->address, text), peer->path_mtu, before);
	debounce_poke(control->look_around);
}

static void on_event(void *arg, const struct event *event)
{
	struct learning *learning = arg;

	if (event->kind == EVENT_PATH_MTU)
		on_path_mtu(learning->control, event);
	tell(learning->control, event);
}

static int on_events(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	struct learning *learning = arg;
	int n = events_consume(learning->events);

	if (n < 0)
		log_warning("events of the datapath cannot be read: %s", strerror(-n));
	return 0;
}

static uint64_t lifetime(void *arg, uint32_t segment)
{
	const struct learning *learning = arg;

	return segment < TABLE_MAX_SEGMENTS ? learning->lifetime_ns[segment] : 0;
}

static void on_aged(void *arg, const struct table_fdb_key *key, const struct table_fdb *value)
{
	struct learning *learning = arg;
	struct event event = {
		.kind = EVENT_AGED,
		.vni = key->vni,
		.path_kind = value->path_kind,
		.path = value->path,
	};

	memcpy(event.mac, key->mac, sizeof(event.mac));
	tell(learning->control, &event);
}

static void read_lifetimes(struct learning *learning)
{
	const struct control *control = learning->control;

	learning->shortest_seconds = UINT32_MAX;
	memset(learning->lifetime_ns, 0, sizeof(learning->lifetime_ns));
	for (size_t i = 0; i < control->running.n_segments; i++) {
		const struct segment *segment = &control->running.segments[i];
		const struct host_segment *known = host_segment(control->host, segment->vni);

		if (!known || segment->aging_seconds == 0)
			continue;
		learning->lifetime_ns[known->slot] = segment->aging_seconds * 1000000000ull;
		if (segment->aging_seconds < learning->shortest_seconds)
			learning->shortest_seconds = segment->aging_seconds;
	}
}

static uint64_t pause_between_passes(uint32_t shortest_seconds)
{
	uint32_t seconds = shortest_seconds / PASSES_PER_AGING;

	if (seconds < PASS_MIN_SECONDS)
		seconds = PASS_MIN_SECONDS;
	if (seconds > PASS_MAX_SECONDS)
		seconds = PASS_MAX_SECONDS;
	return seconds * 1000000ull;
}

static void schedule(struct learning *learning, uint64_t pause_us)
{
	(void)sd_event_source_set_time_relative(learning->aging_timer, pause_us);
	(void)sd_event_source_set_enabled(learning->aging_timer, SD_EVENT_ONESHOT);
}

static int on_aging_timer(sd_event_source *source, uint64_t scheduled_us, void *arg)
{
	struct learning *learning = arg;
	const struct fdb_aging aging = {.lifetime_ns = lifetime, .aged = on_aged, .arg = learning};
	int result;

	if (!learning->cursor.started)
		read_lifetimes(learning);
	result =
		fdb_age(learning->control->host->datapath, &learning->cursor, STEP_ENTRIES, &aging);
	if (result < 0)
		log_warning("the FDB cannot be aged: %s", strerror(-result));
	schedule(learning,
		 result == 0 ? STEP_PAUSE_US : pause_between_passes(learning->shortest_seconds));
	return 0;
}

void learning_reschedule(struct learning *learning)
{
	if (learning)
		schedule(learning, PASS_MIN_SECONDS * 1000000ull);
}

int learning_open(struct control *control, struct learning **ret)
{
	struct learning *learning = calloc(1, sizeof(*learning));
	int error;

	if (!learning)
		return -ENOMEM;
	learning->control = control;
	error = events_open(control->host->datapath, on_event, learning, &learning->events);
	if (error >= 0)
		error = sd_event_add_io(control->event, &learning->events_source,
					events_fd(learning->events), EPOLLIN, on_events, learning);
	if (error >= 0)
		error = sd_event_add_time_relative(control->event, &learning->aging_timer,
						   CLOCK_MONOTONIC, STEP_PAUSE_US,
						   /* accuracy= */ 1000, on_aging_timer, learning);
	if (error < 0) {
		learning_close(learning);
		return error;
	}
	*ret = learning;
	return 0;
}

void learning_close(struct learning *learning)
{
	if (!learning)
		return;
	sd_event_source_disable_unref(learning->events_source);
	sd_event_source_disable_unref(learning->aging_timer);
	events_close(learning->events);
	free(learning);
}
