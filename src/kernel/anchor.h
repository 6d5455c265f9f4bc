/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is the kernel's own tunnel device there?  The anchor, a `vxlan external`
 * device without addresses, makes the kernel merge tunnelled frames, strips
 * merged ones cleanly and carries frames that BPF cannot encapsulate.  It
 * stays when the daemon goes; a new daemon takes it over untouched.
 */
#ifndef OVERLAID_KERNEL_ANCHOR_H
#define OVERLAID_KERNEL_ANCHOR_H

#include "kernel/host.h"

#define ANCHOR_VXLAN_DEVICE "ovl-vxlan"

/*
 * Makes the anchor for host->underlay.vxlan_port right: made, attached and up,
 * or adopted.  Never fails the caller: without it the switch still works, only
 * slower and not for every frame; host->anchor.complaint says why then.
 * True when its ifindex has changed, which the settings must then follow.
 */
bool anchor_ensure(struct host *host);
/* Takes it away, for `datapath unload`.  0 also when there is none. */
int anchor_remove(struct host *host);

#endif
