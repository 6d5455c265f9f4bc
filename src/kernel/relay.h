/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The relay: a veth pair of our own in which a plain frame starts over, to be
 * put in another envelope than its first copy, or is cut by the kernel into
 * segments that an envelope can hold (abi/relay.h).  Made when host->relay.wanted;
 * stays when the daemon goes, and a new one takes it over untouched.
 *
 * Never fails the caller: without it floods over several envelopes and the
 * super-frames of a few are lost; host->relay.complaint says why then.
 */
#ifndef OVERLAID_KERNEL_RELAY_H
#define OVERLAID_KERNEL_RELAY_H

#include "kernel/host.h"

#define RELAY_NEAR_DEVICE "ovl-relay0"
#define RELAY_FAR_DEVICE  "ovl-relay1"

/* As anchor_ensure: true when the ifindex in the settings has changed. */
bool relay_ensure(struct host *host, bool retry);
/* An earlier daemon's: it is wanted until it is known whether it is needed. */
void relay_want_present(struct host *host);
/* Takes it away when it is not wanted any more; the settings must not name it. */
void relay_forget(struct host *host);
/* For `datapath unload`.  0 also when there is none. */
int relay_remove(struct host *host);

/* For the settings: 0 unless both programs are in place. */
uint32_t relay_ifindex(const struct host *host);
bool relay_is_named(const char *device);

#endif
