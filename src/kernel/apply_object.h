/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does one operation do?  One function per noun, for apply.c and
 * follow.c only.  Each is given the object before and after (NULL: there is
 * none), may be called with the two exchanged to undo it, and does nothing to
 * the kernel that apply_forget could not do later: a deletion only takes the
 * object out of the host's records.
 */
#ifndef OVERLAID_KERNEL_APPLY_OBJECT_H
#define OVERLAID_KERNEL_APPLY_OBJECT_H

#include "kernel/host.h"
#include "model/plan.h"

struct problem;

int apply_underlay(struct host *host, const struct underlay *before, const struct underlay *after,
		   struct problem *problem);
int apply_segment(struct host *host, const struct segment *before, const struct segment *after,
		  struct problem *problem);
int apply_peer(struct host *host, const struct peer *before, const struct peer *after,
	       struct problem *problem);
int apply_port(struct host *host, const struct port *before, const struct port *after,
	       struct problem *problem);
int apply_fdb(struct host *host, const struct fdb_record *before, const struct fdb_record *after,
	      struct problem *problem);

/* apply_underlay.c */
void apply_find_local(const struct host *host, const struct underlay *underlay,
		      struct address *ret /* MODEL_ADDRESSES_MAX */, size_t *ret_n);
int apply_put_local(struct host *host);
/* Puts our program on the device when it is there; false: nothing had to change. */
bool apply_attach(struct host *host, enum datapath_program program, struct host_device *device);
int apply_put_settings(struct host *host);

/*
 * apply_devices.c: the switch's own devices.  Those of before and what is always
 * there; those that one peer will need; those that all need and no others.
 */
int apply_devices_present(struct host *host);
int apply_devices_for(struct host *host, const struct host_peer *peer);
int apply_devices(struct host *host);

/* apply_port.c: record and index from the port's device as it is now. */
int apply_put_port(struct host *host, struct host_port *port, struct problem *problem);

/* apply_settle.c: members, flood lists and limits of the touched segments, from the whole model. */
int apply_settle(struct host *host, const struct model *model, struct problem *problem);
void apply_touch_segment(struct host *host, const char *name);
void apply_touch_peer(struct host *host, const struct peer *peer);

/* apply_member.c: what the datapath has, where that is not known; then what it should have. */
int apply_members_read(struct host *host);
int apply_members(struct host *host, struct host_segment *segment, const struct model *model,
		  struct problem *problem);

/* apply_flood.c: sets the flood lists of the touched segments, or of those without a record. */
int apply_flood(struct host *host);
int apply_flood_forget(struct host *host);

/* apply_forget.c: takes away what is in no record of the host; what cannot go is logged. */
void apply_forget(struct host *host);
/* Static FDB entries that an earlier daemon wrote and the model does not have. */
void apply_forget_static(struct host *host, const struct model *model);

#endif
