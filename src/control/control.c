/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running switch: birth, the events it follows, and death.  The table of
 * what can be asked of it is at the end.
 */
#include "control/control.h"

#include "base/log.h"
#include "base/problem.h"
#include "control/state.h"
#include "kernel/apply.h"
#include "kernel/fdb.h"
#include "kernel/follow.h"
#include "kernel/maps.h"
#include "model/check.h"

#include <errno.h>
#include <string.h>

#define FOLLOW_DELAY_US	  5000u	    /* lets a burst of netlink events arrive */
#define FINDINGS_DELAY_US 1000000u  /* what ends within a second is no complaint */
#define SLOW_PERIOD_US	  30000000u /* path MTUs, and what failed */

static void on_follow(void *arg)
{
	struct control *control = arg;
	unsigned int changes = control->changes;
	int error;

	control->changes = 0;
	error = follow_changes(control->host, &control->running, changes);
	if (error)
		log_warning("a change of the network cannot be followed: %s", strerror(-error));
	debounce_poke(control->look_around);
}

static int on_netlink(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	struct control *control = arg;
	int error = host_read_events(control->host, &control->changes);

	if (error)
		log_warning("changes of the network cannot be read: %s", strerror(-error));
	if (control->changes)
		debounce_poke(control->follow);
	return 0;
}

static void on_look_around(void *arg)
{
	struct control *control = arg;

	finding_log_begin(&control->finding_log);
	(void)control_findings(control, finding_log_note, &control->finding_log);
	finding_log_end(&control->finding_log);
}

static int on_slow_timer(sd_event_source *source, uint64_t scheduled_us, void *arg)
{
	struct control *control = arg;
	int error = follow_slow(control->host, &control->running);

	if (error)
		log_debug("the slow round met an error: %s", strerror(-error));
	on_look_around(control);
	(void)sd_event_source_set_time_relative(source, SLOW_PERIOD_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* While it beats, the datapath trusts the MAC addresses of next hops. */
static int on_heartbeat(sd_event_source *source, uint64_t scheduled_us, void *arg)
{
	struct control *control = arg;
	int error = maps_put_heartbeat(control->host->datapath,
				       fdb_now_ns() + TABLE_HEARTBEAT_LASTS_NS);

	if (error)
		log_debug("the datapath is without a heartbeat: %s", strerror(-error));
	(void)sd_event_source_set_time_relative(source, TABLE_HEARTBEAT_NS / 1000);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int open_sources(struct control *control)
{
	int error = debounce_open(control->event, FOLLOW_DELAY_US, on_follow, control,
				  &control->follow);

	if (error >= 0)
		error = debounce_open(control->event, FINDINGS_DELAY_US, on_look_around, control,
				      &control->look_around);
	if (error >= 0)
		error = sd_event_add_io(control->event, &control->netlink_source,
					netlink_event_fd(&control->host->netlink), EPOLLIN,
					on_netlink, control);
	if (error >= 0)
		error = sd_event_add_time_relative(control->event, &control->slow_timer,
						   CLOCK_MONOTONIC, SLOW_PERIOD_US,
						   /* accuracy= */ 1000000, on_slow_timer, control);
	if (error >= 0)
		error = sd_event_add_time_relative(control->event, &control->heartbeat,
						   CLOCK_MONOTONIC, 0, /* accuracy= */ 100000,
						   on_heartbeat, control);
	if (error >= 0)
		error = learning_open(control, &control->learning);
	return error < 0 ? error : 0;
}

static void close_sources(struct control *control)
{
	learning_close(TAKE_PTR(control->learning));
	if (control->heartbeat)
		(void)maps_put_heartbeat(control->host->datapath, 0);
	control->heartbeat = sd_event_source_disable_unref(control->heartbeat);
	control->slow_timer = sd_event_source_disable_unref(control->slow_timer);
	control->netlink_source = sd_event_source_disable_unref(control->netlink_source);
	debounce_close(TAKE_PTR(control->look_around));
	debounce_close(TAKE_PTR(control->follow));
}

int control_open(sd_event *event, const struct control_options *options, uint32_t fdb_entries,
		 struct control **ret, struct problem *problem)
{
	const struct datapath_options datapath = {
		.directory = options->pin_directory,
		.fdb_entries = fdb_entries,
	};
	struct control *control = calloc(1, sizeof(*control));
	int error;

	if (!control)
		return problem_set(problem, PROBLEM_SYSTEM, ENOMEM, NULL, "no memory");
	control->options = *options;
	control->started_ns = fdb_now_ns();
	error = host_open(&datapath, &control->host, problem);
	if (error) {
		free(control);
		return error;
	}
	control->event = sd_event_ref(event);
	*ret = control;
	return 0;
}

/* A hypervisor with a full disk still wants its daemon: changes are refused until there is room. */
static void keep_first(struct control *control)
{
	struct problem problem = {0};
	char text[sizeof(problem.file) + sizeof(problem.message)];

	if (!control->options.keep(control->options.arg, &control->running, &problem))
		return;
	problem_format(&problem, text, sizeof(text));
	log_warning("what runs is not kept for the next start: %s", text);
}

int control_start(struct control *control, struct model *want, struct model *declared,
		  struct problem *problem)
{
	int error;

	control->running = *want;
	control->declared = *declared;
	memset(want, 0, sizeof(*want));
	memset(declared, 0, sizeof(*declared));
	error = apply_check(control->host, &control->running, problem);
	if (!error)
		keep_first(control);
	if (!error)
		error = apply_first(control->host, &control->running, problem);
	if (error)
		return error;
	control_compare(control);
	error = open_sources(control);
	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL,
				   "the event loop refuses: %s", strerror(-error));
	/* between the first dump and now much may have happened */
	debounce_poke(control->follow);
	on_look_around(control);
	return 0;
}

void control_close(struct control *control)
{
	if (!control)
		return;
	close_sources(control);
	finding_log_clear(&control->finding_log);
	host_close(control->host);
	model_clear(&control->running);
	model_clear(&control->declared);
	free(control->entries_by_peer);
	sd_event_unref(control->event);
	free(control);
}

static void control_listen(void *self, event_listener listener, void *arg)
{
	struct control *control = self;

	control->listener = listener;
	control->listener_arg = arg;
}

static int control_unload(void *self, struct problem *problem)
{
	struct control *control = self;
	int error;

	close_sources(control);
	error = apply_unload(control->host, problem);
	log_info("the datapath is unloaded; the daemon ends");
	(void)sd_event_exit(control->event, 0);
	return error;
}

const struct switch_ops control_ops = {
	.running = control_running,
	.declared = control_declared,
	.change = control_change,
	.parse = control_parse,
	.save = control_save,
	.status = control_view_status,
	.segment = control_view_segment,
	.port = control_view_port,
	.peer = control_view_peer,
	.datapath = control_view_datapath,
	.findings = control_findings,
	.fdb_each = control_fdb_each,
	.fdb_flush = control_fdb_flush,
	.drops_each = control_drops_each,
	.counters_reset = control_counters_reset,
	.listen = control_listen,
	.unload = control_unload,
};
