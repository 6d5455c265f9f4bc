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

#define NVGRE_FLOW_MASK 0xff

/* tunnel: the NVGRE_TUNNEL_BYTES behind the outer IP header, prebuilt. */
__step void nvgre_stamp(void *tunnel, __u32 vni, __u32 hash, __u32 length)
{
	struct gre_keyed *gre = tunnel;

	gre->key_be = bpf_htonl(vni << NVGRE_VSID_SHIFT | (hash & NVGRE_FLOW_MASK));
}

#endif
