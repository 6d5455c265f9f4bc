/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own tunnel devices in external mode, one for each envelope that
 * is in use.  Their sockets switch tunnel GRO on, they strip frames that the
 * kernel merged cleanly and carry frames that BPF cannot encapsulate.  They
 * stay when the daemon goes; a new daemon takes them over untouched.
 *
 * Never fails the caller: without one the switch still works, only slower and
 * not for every frame; host->anchors[].complaint says why then.
 */
#ifndef OVERLAID_KERNEL_ANCHOR_H
#define OVERLAID_KERNEL_ANCHOR_H

#include "kernel/host.h"

/*
 * Makes the anchors in host->wanted_anchors right: made, attached and up, or
 * adopted.  What failed before is tried again only with `retry`: attempts make
 * events.  True when an ifindex has changed, which the settings must then follow.
 */
bool anchor_ensure(struct host *host, bool retry);
/* An earlier daemon's: they are wanted until it is known which are needed. */
void anchor_want_present(struct host *host);
/* Takes away what is not wanted any more; the settings must not name it. */
void anchor_forget(struct host *host);
/* Takes all away, for `datapath unload`.  0 also when there is none. */
int anchor_remove(struct host *host);

/* Bits 1 << enum host_anchor_row of the devices that a peer sent this kind needs. */
uint32_t anchor_rows(enum encap_kind kind, int family);
/* For the settings: 0 where there is none, or none that can carry frames. */
uint32_t anchor_ifindex(const struct host *host, enum encap_kind kind, int family);
/* Is it the name of one of the devices that the switch makes itself? */
bool anchor_is_named(const char *device);

#endif
