/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which flow does the frame belong to?  One number for every packet of a flow,
 * from the inner addresses and ports, of what is not IP from MAC addresses and
 * type: the outer source port, the flow label and the choice of a next hop come
 * from it.
 *
 * A hash that a socket or NIC has left is used.  The kernel's own dissector
 * would cost as much as the rest of the walk, so the number is also put into
 * the skb, or the device's queue selection asks the dissector after all.
 */
#ifndef OVERLAID_DATAPATH_STEP_HASH_H
#define OVERLAID_DATAPATH_STEP_HASH_H

#include "datapath/step/parse.h"

/* Odd, with well spread bits: 2^64 divided by the golden ratio, and splitmix64's first. */
#define HASH_MULTIPLY 0x9e3779b97f4a7c15ull
#define HASH_FINISH   0xbf58476d1ce4e5b9ull

__step __u64 hash_words(const __u32 *words, __u32 n)
{
	__u64 hash = 0;

	for (__u32 i = 0; i < n; i += 2) {
		hash = (hash ^ ((__u64)words[i] << 32 | words[i + 1])) * HASH_MULTIPLY;
		hash ^= hash >> 29;
	}
	return hash;
}

__step __u64 hash_eth(const struct packet *packet)
{
	__u32 words[4] = {[3] = packet->ethertype};

	__builtin_memcpy(words, packet->macs, sizeof(packet->macs));
	return hash_words(words, 4);
}

/* No fragment has ports, not even the first, so that all of a packet go one way. */
__step __u32 hash_ports(struct __sk_buff *skb, const struct packet *packet)
{
	const __u32 *ports;

	if (packet->later_fragment || packet->more_fragments)
		return 0;
	if (packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_UDP)
		return 0;
	ports = frame_at(skb, packet->l3_offset + packet->l3_header, sizeof(*ports));
	return ports ? *ports : 0;
}

__step __u32 flow_hash(struct __sk_buff *skb, const struct packet *packet)
{
	const __u32 *addresses;
	__u64 hash;

	if (skb->hash)
		return skb->hash;
	if (packet->ip_version == 4) {
		addresses = frame_at(skb, packet->l3_offset + 12, 8);
		hash = addresses ? hash_words(addresses, 2) : 0;
	} else if (packet->ip_version == 6) {
		addresses = frame_at(skb, packet->l3_offset + 8, 32);
		hash = addresses ? hash_words(addresses, 8) : 0;
	} else {
		hash = hash_eth(packet);
	}
	hash = (hash ^ hash_ports(skb, packet) ^ packet->protocol) * HASH_FINISH;
	hash = hash >> 32 ?: 1; /* 0 is the kernel's word for none */
	bpf_set_hash(skb, hash);
	return hash;
}

#endif
