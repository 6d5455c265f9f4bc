/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's configuration has changed: what does the switch do about it?
 * Called by control/ when the events of a burst are in.
 */
#ifndef OVERLAID_KERNEL_FOLLOW_H
#define OVERLAID_KERNEL_FOLLOW_H

#include "kernel/host.h"

/*
 * Brings the datapath in line with the host's tables.  changes is a set of
 * enum host_change.  0, or the first -errno after everything was tried.
 */
int follow_changes(struct host *host, const struct model *model, unsigned int changes);

/*
 * For a timer: asks again for what the kernel does not announce (path MTUs it
 * has learned), and tries again what failed (programs on devices, the anchor).
 */
int follow_slow(struct host *host, const struct model *model);

/* A router said that a packet to this peer was too big for a path of this MTU (0: not said). */
int follow_path_mtu(struct host *host, const struct model *model, uint32_t peer_slot, uint32_t mtu);

#endif
