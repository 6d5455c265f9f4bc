/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of control/ share: the state behind struct control.  Not for
 * anybody else.
 */
#ifndef OVERLAID_CONTROL_STATE_H
#define OVERLAID_CONTROL_STATE_H

#include "control/control.h"
#include "control/debounce.h"
#include "control/finding_log.h"
#include "control/learning.h"
#include "kernel/host.h"

struct control {
	struct control_options options;
	sd_event *event;
	struct host *host;
	struct model running;  /* in force */
	struct model declared; /* the configuration file as it was last read */
	bool unsaved;	       /* they differ */
	uint64_t started_ns;

	sd_event_source *netlink_source, *slow_timer, *heartbeat;
	unsigned int changes;	      /* enum host_change, waiting for follow */
	struct debounce *follow;      /* the kernel's changes */
	struct debounce *look_around; /* findings to be logged */
	struct finding_log finding_log;
	struct learning *learning;

	event_listener listener; /* NULL: nobody watches */
	void *listener_arg;

	/* FDB entries by peer slot; one walk serves a whole list of peers */
	uint32_t *entries_by_peer;
	uint64_t entries_counted_ns;
};

/* change.c */
const struct model *control_running(void *self);
const struct model *control_declared(void *self);
int control_change(void *self, struct model *want, struct problem *problem);
int control_parse(void *self, const char *name, const char *text, size_t length, struct model *ret,
		  struct problem *problem);
int control_save(void *self, struct problem *problem);
void control_compare(struct control *control);

/* view.c */
int control_view_status(void *self, struct status_view *ret);
int control_view_segment(void *self, const char *name, struct segment_view *ret);
int control_view_port(void *self, const char *device, struct port_view *ret);
int control_view_peer(void *self, const struct address *address, struct peer_view *ret);
int control_view_datapath(void *self, struct datapath_view *ret);

/* view_path.c: what slots and VNIs mean to people. */
void control_view_path(const struct control *control, unsigned int kind, uint32_t slot,
		       struct path_view *ret);
const char *control_segment_name(const struct control *control, uint32_t vni); /* "": none */

/* fdb.c */
int control_fdb_each(void *self, const struct fdb_filter *filter, fdb_visit visit, void *arg);
int control_fdb_flush(void *self, const struct fdb_filter *filter);

/* drops.c */
int control_drops_each(void *self, drop_visit visit, void *arg);
int control_counters_reset(void *self);

/* finding.c */
int control_findings(void *self, finding_visit visit, void *arg);

#endif
