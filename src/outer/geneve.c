/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Geneve's part of an outer header: UDP, the Geneve header and the peer's
 * options, RFC 8926 sections 3.3 to 3.5.  Source port, UDP length and VNI are
 * the datapath's.  The UDP checksum stays zero: inner traffic has its own
 * checks (section 4.3.1).
 */
#include "wire/geneve.h"
#include "outer/kind.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <string.h>

struct geneve_tunnel {
	struct udphdr udp;
	struct geneve_header geneve;
	uint8_t options[];
};

_Static_assert(MODEL_GENEVE_OPTIONS_MAX == GENEVE_OPTIONS_MAX, "one limit");

static unsigned int geneve_bytes(const struct peer *peer)
{
	return sizeof(struct geneve_tunnel) + peer->n_geneve_options;
}

/* RFC 8926 section 3.4: C is set exactly when an option is critical. */
static bool any_critical(const struct peer *peer)
{
	struct geneve_option option;
	size_t at = 0;

	while (at + sizeof(option) <= peer->n_geneve_options) {
		memcpy(&option, peer->geneve_options + at, sizeof(option));
		if (option.type & GENEVE_OPTION_CRITICAL)
			return true;
		at += sizeof(option) + 4 * (option.length & GENEVE_OPTION_LENGTH_MASK);
	}
	return false;
}

static void geneve_build(const struct underlay *underlay, const struct peer *peer, void *tunnel)
{
	struct geneve_tunnel *to = tunnel;

	to->udp.dest = htons(underlay->geneve_port);
	to->geneve.version_length = peer->n_geneve_options / 4;
	to->geneve.flags = any_critical(peer) ? GENEVE_FLAG_CRITICAL : 0;
	to->geneve.protocol_be = htons(ETH_P_TEB);
	memcpy(to->options, peer->geneve_options, peer->n_geneve_options);
}

const struct outer_kind outer_geneve = {
	.ip_protocol = IPPROTO_UDP,
	.tunnel_bytes = geneve_bytes,
	.build = geneve_build,
};
