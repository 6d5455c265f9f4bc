/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVGRE's part of an outer header, RFC 7637 section 3.2: GRE with a key and
 * nothing else.  VSID and flow ID are the datapath's.
 */
#include "outer/kind.h"
#include "wire/gre.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static unsigned int nvgre_bytes(const struct peer *peer)
{
	(void)peer;
	return sizeof(struct gre_keyed);
}

static void nvgre_build(const struct underlay *underlay, const struct peer *peer, void *tunnel)
{
	struct gre_keyed *to = tunnel;

	(void)underlay;
	(void)peer;
	to->base.flags_be = htons(GRE_FLAG_KEY);
	to->base.protocol_be = htons(GRE_PROTOCOL_ETHERNET);
}

const struct outer_kind outer_nvgre = {
	.ip_protocol = IPPROTO_GRE,
	.tunnel_bytes = nvgre_bytes,
	.build = nvgre_build,
};
