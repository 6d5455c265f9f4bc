/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Geneve's bytes (RFC 8926 section 3): what of the prebuilt header varies per
 * frame, and what a received header must look like.
 *
 * No option is known here.  All of a received packet are walked nevertheless,
 * also where the header's C bit says that none is critical: section 3.5 has a
 * packet dropped for the option, whatever the header says.
 */
#ifndef OVERLAID_DATAPATH_ENCAP_GENEVE_H
#define OVERLAID_DATAPATH_ENCAP_GENEVE_H

#include "datapath/encap/source_port.h"
#include "wire/geneve.h"
#include "wire/gre.h"

/* Without the peer's options, which follow. */
#define GENEVE_TUNNEL_BYTES (sizeof(struct udphdr) + sizeof(struct geneve_header))
#define GENEVE_HAS_REST	    1
#define GENEVE_GROW	    BPF_F_ADJ_ROOM_ENCAP_L4_UDP
#define GENEVE_STAMP	    geneve_stamp
#define GENEVE_READ	    geneve_read

/* tunnel: the GENEVE_TUNNEL_BYTES behind the outer IP header, prebuilt; length from UDP on. */
__step void geneve_stamp(void *tunnel, __u32 vni, __u32 hash, __u32 length)
{
	struct udphdr *udp = tunnel;
	struct geneve_header *geneve = (void *)(udp + 1);

	source_port_stamp(udp, hash, length);
	geneve->vni_be = bpf_htonl(vni << GENEVE_VNI_SHIFT);
}

/* Ethernet, a tag and IPv6, the inner headers that the steps read. */
#define GENEVE_INNER_HEADERS 58

struct geneve_walk {
	__u32 at, end;
	verdict verdict;
};

/* One option of those in scratch. */
static long geneve_option(__u32 index, struct geneve_walk *walk)
{
	const struct scratch *scratch = frame_scratch();
	const struct geneve_option *option;
	/* changes nothing, but the verifier sees that it cannot grow without end */
	__u64 at = walk->at & GENEVE_OPTIONS_MASK;

	PIN(at);
	if (!scratch || walk->at >= walk->end)
		return 1;
	option = (const void *)(scratch->bytes + (at & GENEVE_OPTIONS_MASK));
	if (option->type & GENEVE_OPTION_CRITICAL) {
		walk->verdict = DROP_UNKNOWN_CRITICAL_OPTION;
		return 1;
	}
	walk->at = at + sizeof(*option) + (option->length & GENEVE_OPTION_LENGTH_MASK) * 4;
	if (walk->at > walk->end) {
		walk->verdict = DROP_BAD_GENEVE_OPTIONS;
		return 1;
	}
	return 0;
}

/* May a frame with these options come in?  They stand at the start of scratch; n: bytes. */
__step verdict geneve_check_options(__u32 n)
{
	struct geneve_walk walk = {.end = n};

	bpf_loop(GENEVE_OPTIONS_MAX / sizeof(struct geneve_option), geneve_option, &walk, 0);
	return walk.verdict;
}

/* n: at least one word.  Bounds that arithmetic gives survive Linux 6.1's spills, a test's do not. */
__step verdict geneve_read_options(struct __sk_buff *skb, __u32 offset, __u64 n)
{
	struct scratch *scratch = frame_scratch();

	if (!scratch)
		return NEXT;
	n -= sizeof(struct geneve_option);
	PIN(n);
	n = (n & GENEVE_OPTIONS_MASK) + sizeof(struct geneve_option);
	if (bpf_skb_load_bytes(skb, offset, scratch->bytes, n))
		return DROP_TRUNCATED_TUNNEL_HEADER;
	return geneve_check_options(n);
}

/* Reads the header behind UDP.  Reserved bits are ignored. */
__step verdict geneve_read(struct __sk_buff *skb, const struct packet *packet,
			   const struct table_settings *settings, struct outer_packet *outer)
{
	__u32 offset = outer->l4_offset + sizeof(struct udphdr), options;
	const struct geneve_header *geneve = frame_at(skb, offset, sizeof(*geneve));

	if (!geneve || outer->end < offset + sizeof(*geneve))
		return DROP_TRUNCATED_TUNNEL_HEADER;
	if (GENEVE_VERSION(geneve->version_length))
		return DROP_GENEVE_VERSION;
	options = (geneve->version_length & GENEVE_WORDS_MASK) * 4;
	outer->inner = offset + sizeof(*geneve) + options;
	if (outer->end < outer->inner)
		return DROP_TRUNCATED_TUNNEL_HEADER;
	if (geneve->flags & GENEVE_FLAG_CONTROL)
		return DROP_CONTROL_PACKET;
	if (geneve->protocol_be != bpf_htons(GRE_PROTOCOL_ETHERNET))
		return DROP_PROTOCOL_TYPE;
	outer->vni = bpf_ntohl(geneve->vni_be) >> GENEVE_VNI_SHIFT;
	if (likely(!options))
		return NEXT;
	frame_pull_bytes(skb, outer->inner + GENEVE_INNER_HEADERS);
	return geneve_read_options(skb, offset + sizeof(*geneve), options);
}

#endif
