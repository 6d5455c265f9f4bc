/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GRE's part of an outer header, RFC 2784 section 2 and RFC 2890: always a
 * key, and the checksum and sequence fields that the peer asks for.  What
 * stands in the fields is the datapath's.
 */
#include "wire/gre.h"
#include "outer/kind.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static unsigned int gre_bytes(const struct peer *peer)
{
	return sizeof(struct gre_keyed) + (peer->gre_checksum ? GRE_FIELD_BYTES : 0) +
	       (peer->gre_sequence ? GRE_FIELD_BYTES : 0);
}

static void gre_build(const struct underlay *underlay, const struct peer *peer, void *tunnel)
{
	struct gre_base *to = tunnel;

	(void)underlay;
	to->flags_be = htons(GRE_FLAG_KEY | (peer->gre_checksum ? GRE_FLAG_CHECKSUM : 0) |
			     (peer->gre_sequence ? GRE_FLAG_SEQUENCE : 0));
	to->protocol_be = htons(GRE_PROTOCOL_ETHERNET);
}

const struct outer_kind outer_gre = {
	.ip_protocol = IPPROTO_GRE,
	.tunnel_bytes = gre_bytes,
	.build = gre_build,
};
