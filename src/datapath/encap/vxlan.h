/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VXLAN's bytes (RFC 7348 section 5): what of the prebuilt header varies per
 * frame, and what a received header must look like.
 */
#ifndef OVERLAID_DATAPATH_ENCAP_VXLAN_H
#define OVERLAID_DATAPATH_ENCAP_VXLAN_H

#include "datapath/encap/source_port.h"
#include "wire/vxlan.h"

#define VXLAN_TUNNEL_BYTES (sizeof(struct udphdr) + sizeof(struct vxlan_header))
#define VXLAN_HAS_REST	   0
#define VXLAN_GROW	   BPF_F_ADJ_ROOM_ENCAP_L4_UDP
#define VXLAN_STAMP	   vxlan_stamp
#define VXLAN_READ	   vxlan_read

/* tunnel: the VXLAN_TUNNEL_BYTES behind the outer IP header, prebuilt; length from UDP on. */
__step void vxlan_stamp(void *tunnel, __u32 vni, __u32 hash, __u32 length)
{
	struct udphdr *udp = tunnel;
	struct vxlan_header *vxlan = (void *)(udp + 1);

	source_port_stamp(udp, hash, length);
	vxlan->vni_be = bpf_htonl(vni << VXLAN_VNI_SHIFT);
}

/*
 * Reads the header behind UDP.  Where reserved bits are ignored they are
 * cleared in super-frames, because those go on to the kernel's own receiver,
 * which drops them; their UDP checksum does not cover the payload yet.
 */
__step verdict vxlan_read(struct __sk_buff *skb, const struct packet *packet,
			  const struct table_settings *settings, struct outer_packet *outer)
{
	struct udphdr *udp = frame_at(skb, outer->l4_offset, VXLAN_TUNNEL_BYTES);
	struct vxlan_header *vxlan;
	__u32 flags, vni;

	outer->inner = outer->l4_offset + VXLAN_TUNNEL_BYTES;
	if (!udp || outer->end < outer->inner)
		return DROP_TRUNCATED_TUNNEL_HEADER;
	vxlan = (void *)(udp + 1);
	flags = bpf_ntohl(vxlan->flags_be);
	vni = bpf_ntohl(vxlan->vni_be);
	if (!(flags & VXLAN_FLAG_VNI))
		return DROP_VNI_NOT_VALID;
	outer->vni = vni >> VXLAN_VNI_SHIFT;
	if (likely(!(flags & VXLAN_RESERVED_FLAGS) && !(vni & VXLAN_RESERVED_VNI)))
		return NEXT;
	if (settings->flags & SETTING_STRICT_RESERVED)
		return DROP_RESERVED_BITS;
	if (packet->gso_size) {
		vxlan->flags_be = bpf_htonl(VXLAN_FLAG_VNI);
		vxlan->vni_be = bpf_htonl(vni & ~VXLAN_RESERVED_VNI);
	}
	return NEXT;
}

#endif
