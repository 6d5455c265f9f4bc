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

/* A kind without a row is not spoken; abi/encap_kind.h says so too. */
static const struct outer_kind *const kinds[N_ENCAP_KINDS] = {
	[ENCAP_VXLAN] = &outer_vxlan,
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

int outer_build(const struct underlay *underlay, const struct peer *peer,
		const struct address *local, struct table_peer *ret)
{
	const struct outer_kind *kind = find_kind(peer->encapsulation);
	int family = address_family(&peer->address);

	if (!kind)
		return -EOPNOTSUPP;
	ret->kind = peer->encapsulation;
	ret->header_bytes = ip_bytes(family) + kind->tunnel_bytes;
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

unsigned int outer_overhead(enum encap_kind kind, int family)
{
	const struct outer_kind *row = find_kind(kind);

	return row ? ip_bytes(family) + row->tunnel_bytes + ETH_HLEN : 0;
}

unsigned int outer_limit(enum encap_kind kind, int family, unsigned int path_mtu, bool tagged)
{
	unsigned int cost = outer_overhead(kind, family) + (tagged ? OUTER_TAG_BYTES : 0);

	return path_mtu > cost ? path_mtu - cost : 0;
}

unsigned int outer_wanted_mtu(enum encap_kind kind, int family, unsigned int vm_mtu, bool tagged)
{
	return vm_mtu + outer_overhead(kind, family) + (tagged ? OUTER_TAG_BYTES : 0);
}
