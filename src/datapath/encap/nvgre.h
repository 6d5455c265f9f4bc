/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVGRE's bytes (RFC 7637 section 3.2): what of the prebuilt header varies per
 * frame, and what a received header must look like.
 */
#ifndef OVERLAID_DATAPATH_ENCAP_NVGRE_H
#define OVERLAID_DATAPATH_ENCAP_NVGRE_H

#include "datapath/frame_tc.h"
#include "wire/gre.h"

#define NVGRE_TUNNEL_BYTES sizeof(struct gre_keyed)
#define NVGRE_HAS_REST	   0
#define NVGRE_GROW	   BPF_F_ADJ_ROOM_ENCAP_L4_GRE
#define NVGRE_STAMP	   nvgre_stamp
#define NVGRE_READ	   nvgre_read

#define NVGRE_FLOW_MASK 0xff

/* tunnel: the NVGRE_TUNNEL_BYTES behind the outer IP header, prebuilt. */
__step void nvgre_stamp(void *tunnel, __u32 vni, __u32 hash, __u32 length)
{
	struct gre_keyed *gre = tunnel;

	gre->key_be = bpf_htonl(vni << NVGRE_VSID_SHIFT | (hash & NVGRE_FLOW_MASK));
}

/* key: as read in host order.  The flow ID says nothing to a receiver. */
__step verdict nvgre_read_key(__u32 key, __u32 *ret_vni)
{
	*ret_vni = key >> NVGRE_VSID_SHIFT;
	if (*ret_vni < NVGRE_VSID_FIRST || *ret_vni > NVGRE_VSID_LAST)
		return DROP_RESERVED_VSID;
	return NEXT;
}

__step verdict nvgre_read(struct __sk_buff *skb, const struct packet *packet,
			  const struct table_settings *settings, struct outer_packet *outer)
{
	const struct gre_keyed *gre = frame_at(skb, outer->l4_offset, sizeof(*gre));
	__u16 flags;

	outer->inner = outer->l4_offset + sizeof(*gre);
	if (!gre || outer->end < outer->inner)
		return DROP_TRUNCATED_TUNNEL_HEADER;
	flags = bpf_ntohs(gre->base.flags_be);
	if (flags & GRE_VERSION_MASK)
		return DROP_GRE_VERSION;
	if ((flags & ~GRE_FLAGS_IGNORED) != GRE_FLAG_KEY)
		return DROP_NVGRE_FLAGS;
	if (gre->base.protocol_be != bpf_htons(GRE_PROTOCOL_ETHERNET))
		return DROP_GRE_PROTOCOL;
	return nvgre_read_key(bpf_ntohl(gre->key_be), &outer->vni);
}

/* RFC 7637 section 3.3: no frame with a tag, in either direction, whatever the segment says. */
__step verdict nvgre_check_tag(const struct packet *packet, __u8 kind)
{
	return kind == ENCAP_NVGRE && packet->tagged ? DROP_INNER_VLAN : NEXT;
}

#endif
