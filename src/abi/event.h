/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does the datapath tell the daemon?  Records in the ring buffer
 * `events`.  Losing one is harmless: the daemon treats them as hints and the
 * maps as the truth.
 */
#ifndef OVERLAID_ABI_EVENT_H
#define OVERLAID_ABI_EVENT_H

#include <linux/types.h>

#define EVENT_KINDS(X)                                                                             \
	X(LEARNED, 1, "learned")   /* a new dynamic FDB entry */                                   \
	X(MOVED, 2, "moved")	   /* a dynamic FDB entry changed its path */                      \
	X(REFUSED, 3, "refused")   /* a limit or a full table kept a MAC from being learned */     \
	X(AGED, 4, "aged")	   /* sent by the daemon itself, never by the datapath */          \
	X(PATH_MTU, 5, "path-mtu") /* a router answered our outer packet with "too big" */

enum event_kind {
#define X(symbol, number, name) EVENT_##symbol = number,
	EVENT_KINDS(X)
#undef X
};

/*
 * path and old_path are port or peer slots as in struct table_fdb.
 * EVENT_PATH_MTU: path is the peer, mtu the one in the ICMP message (0 from
 * old routers).  EVENT_REFUSED is thinned out: the counters have them all.
 */
struct event {
	__u32 kind; /* enum event_kind */
	__u32 vni;
	__u8 mac[6];
	__u8 path_kind;
	__u8 old_path_kind;
	__u32 path;
	__u32 old_path;
	__u32 mtu;
	__u32 reserved;
};

_Static_assert(sizeof(struct event) == 32, "struct event is shared by two compilers");

#endif
