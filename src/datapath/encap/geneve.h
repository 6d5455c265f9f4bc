/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Geneve's bytes (RFC 8926 section 3): what of the prebuilt header varies per
 * frame, and what a received header must look like.
 */
#ifndef OVERLAID_DATAPATH_ENCAP_GENEVE_H
#define OVERLAID_DATAPATH_ENCAP_GENEVE_H

#include "datapath/encap/source_port.h"
#include "wire/geneve.h"

/* Without the peer's options, which follow. */
#define GENEVE_TUNNEL_BYTES (sizeof(struct udphdr) + sizeof(struct geneve_header))
#define GENEVE_HAS_REST	    1
#define GENEVE_GROW	    BPF_F_ADJ_ROOM_ENCAP_L4_UDP
#define GENEVE_STAMP	    geneve_stamp

/* tunnel: the GENEVE_TUNNEL_BYTES behind the outer IP header, prebuilt; length from UDP on. */
__step void geneve_stamp(void *tunnel, __u32 vni, __u32 hash, __u32 length)
{
	struct udphdr *udp = tunnel;
	struct geneve_header *geneve = (void *)(udp + 1);

	source_port_stamp(udp, hash, length);
	geneve->vni_be = bpf_htonl(vni << GENEVE_VNI_SHIFT);
}

#endif
