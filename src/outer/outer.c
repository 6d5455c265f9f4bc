/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds the outer headers that the datapath stamps, and knows what they cost.
 * The IP part is here; what is behind it is each kind's own file.
 */
#include "outer/outer.h"

#include "outer/kind.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <string.h>

#define IP_DONT_FRAGMENT 0x4000

static const struct outer_kind *const kinds[N_ENCAP_KINDS] = {
	[ENCAP_VXLAN] = &outer_vxlan, [ENCAP_GENEVE] = &outer_geneve, [ENCAP_NVGRE] = &outer_nvgre,
	[ENCAP_GRE] = &outer_gre,     [ENCAP_STT] = &outer_stt,
};

static const struct outer_kind *find_kind(enum encap_kind kind)
{
	return kind > ENCAP_NONE && kind < N_ENCAP_KINDS ? kinds[kind] : NULL;
}

static unsigned int ip_bytes(int family)
{
	return family == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
}

static uint32_t sum_words(const void *data, size_t bytes)
{
	uint32_t sum = 0;
	uint16_t word;

	for (size_t i = 0; i + sizeof(word) <= bytes; i += sizeof(word)) {
		memcpy(&word, (const char *)data + i, sizeof(word));
		sum += word;
	}
	return sum;
}

static void build_ip4(const struct underlay *underlay, const struct outer_kind *kind,
		      struct table_peer *to)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = 5,
		.frag_off = htons(IP_DONT_FRAGMENT),
		.ttl = underlay->ttl,
		.protocol = kind->ip_protocol,
	};

	memcpy(&ip.saddr, to->local.bytes + 12, sizeof(ip.saddr));
	memcpy(&ip.daddr, to->remote.bytes + 12, sizeof(ip.daddr));
	memcpy(to->header, &ip, sizeof(ip));
	to->ip_sum = sum_words(&ip, sizeof(ip));
	to->family = 4;
}

static void build_ip6(const struct underlay *underlay, const struct outer_kind *kind,
		      struct table_peer *to)
{
	struct ipv6hdr ip = {
		.version = 6,
		.nexthdr = kind->ip_protocol,
		.hop_limit = underlay->ttl,
	};

	memcpy(&ip.saddr, to->local.bytes, sizeof(ip.saddr));
	memcpy(&ip.daddr, to->remote.bytes, sizeof(ip.daddr));
	memcpy(to->header, &ip, sizeof(ip));
	to->ip_sum = 0;
	to->family = 6;
}

static uint16_t peer_flags(const struct peer *peer)
{
	bool is_gre = peer->encapsulation == ENCAP_GRE;

	return (peer->zero_checksum6 ? PEER_ZERO_CHECKSUM6 : 0) |
	       (is_gre && peer->gre_checksum ? PEER_GRE_CHECKSUM : 0) |
	       (is_gre && peer->gre_sequence ? PEER_GRE_SEQUENCE : 0);
}

int outer_build(const struct underlay *underlay, const struct peer *peer,
		const struct address *local, struct table_peer *ret)
{
	const struct outer_kind *kind = find_kind(peer->encapsulation);
	int family = address_family(&peer->address);
	unsigned int bytes;

	if (!kind)
		return -EOPNOTSUPP;
	bytes = ip_bytes(family) + kind->tunnel_bytes(peer);
	if (bytes > sizeof(ret->header))
		return -EMSGSIZE;
	ret->flags = peer_flags(peer);
	ret->accepts = (uint16_t)peer_accepts(peer);
	ret->kind = peer->encapsulation;
	ret->header_bytes = bytes;
	memset(ret->header, 0, sizeof(ret->header));
	memcpy(ret->remote.bytes, peer->address.bytes, sizeof(ret->remote.bytes));
	memcpy(ret->local.bytes, local->bytes, sizeof(ret->local.bytes));
	if (family == AF_INET)
		build_ip4(underlay, kind, ret);
	else
		build_ip6(underlay, kind, ret);
	kind->build(underlay, peer, ret->header + ip_bytes(family));
	return 0;
}

unsigned int outer_overhead(const struct peer *peer)
{
	const struct outer_kind *kind = find_kind(peer->encapsulation);

	return kind ? ip_bytes(address_family(&peer->address)) + kind->tunnel_bytes(peer) +
			       ETH_HLEN :
		      0;
}

static unsigned int cost(const struct peer *peer, bool tagged)
{
	return outer_overhead(peer) + (tagged ? OUTER_TAG_BYTES : 0);
}

unsigned int outer_limit(const struct peer *peer, unsigned int path_mtu, bool tagged)
{
	const struct outer_kind *kind = find_kind(peer->encapsulation);
	unsigned int bytes = cost(peer, tagged);

	if (!kind || path_mtu <= bytes)
		return 0;
	if (kind->largest_frame)
		return kind->largest_frame - ETH_HLEN - (tagged ? OUTER_TAG_BYTES : 0);
	return path_mtu - bytes;
}

unsigned int outer_wanted_mtu(const struct peer *peer, unsigned int vm_mtu, bool tagged)
{
	const struct outer_kind *kind = find_kind(peer->encapsulation);

	return cost(peer, tagged) + (kind && kind->largest_frame ? OUTER_PIECE_MIN : vm_mtu);
}
