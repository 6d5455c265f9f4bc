/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does a path's outer header look like, and how many bytes does it cost?
 * The daemon's half of an encapsulation: the datapath stamps what this builds.
 */
#ifndef OVERLAID_OUTER_OUTER_H
#define OVERLAID_OUTER_OUTER_H

#include "abi/table.h"
#include "model/model.h"

/*
 * Fills kind, family, header_bytes, header, ip_sum, remote and local of *ret
 * and leaves the rest alone.  local and peer->address are of one family.
 * 0, or -EOPNOTSUPP for a kind that this version does not speak.
 */
int outer_build(const struct underlay *underlay, const struct peer *peer,
		const struct address *local, struct table_peer *ret);

/*
 * The one MTU formula: bytes of the outer IP packet that are not the inner IP
 * packet, for an untagged inner frame: VXLAN costs 50 over IPv4, 70 over IPv6.  A tag that is carried costs 4 more.
 */
unsigned int outer_overhead(enum encap_kind kind, int family);
#define OUTER_TAG_BYTES 4u

/* The largest inner IP packet through a path of this MTU; 0 when nothing fits. */
unsigned int outer_limit(enum encap_kind kind, int family, unsigned int path_mtu, bool tagged);
/* The underlay MTU that a VM MTU wants. */
unsigned int outer_wanted_mtu(enum encap_kind kind, int family, unsigned int vm_mtu, bool tagged);

#endif
