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
 * Fills flags (all but PEER_IN_USE, which it clears), kind, accepts, family,
 * header_bytes, header, ip_sum, remote and local of *ret and leaves the rest
 * alone.  local and peer->address are of one family.  Does not ask whether the
 * kind is spoken.  0, -EOPNOTSUPP for a kind that there is not, or -EMSGSIZE.
 */
int outer_build(const struct underlay *underlay, const struct peer *peer,
		const struct address *local, struct table_peer *ret);

/*
 * The one MTU formula: bytes of the outer IP packet that are not the inner IP
 * packet, for an untagged inner frame: VXLAN costs 50 over IPv4, 70 over IPv6,
 * Geneve as much and its options, GRE 42 and 62 and its fields.  A tag that is
 * carried costs 4 more.  STT's is that of a frame in one piece.
 */
unsigned int outer_overhead(const struct peer *peer);
#define OUTER_TAG_BYTES 4u

/*
 * The largest inner IP packet through a path of this MTU; 0 when nothing fits.
 * A kind that cuts frames itself takes what its own header can describe.
 */
unsigned int outer_limit(const struct peer *peer, unsigned int path_mtu, bool tagged);
/*
 * The underlay MTU that a VM MTU wants.  A kind that cuts frames itself wants
 * room for a header and a piece.
 */
unsigned int outer_wanted_mtu(const struct peer *peer, unsigned int vm_mtu, bool tagged);
#define OUTER_PIECE_MIN 64u

#endif
