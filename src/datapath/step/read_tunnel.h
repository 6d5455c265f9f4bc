/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does the tunnel header say: is it sound, which segment does it name,
 * and where does the inner frame begin?  One function per kind of envelope, in
 * encap/.  Then: which of the kernel's tunnel devices takes such packets?
 *
 * Ends in: admit, or a drop.
 */
#ifndef OVERLAID_DATAPATH_STEP_READ_TUNNEL_H
#define OVERLAID_DATAPATH_STEP_READ_TUNNEL_H

#include "datapath/encap/geneve.h"
#include "datapath/encap/gre.h"
#include "datapath/encap/nvgre.h"
#include "datapath/encap/stt.h"
#include "datapath/encap/vxlan.h"

/* Sets inner and vni of the outer packet, and gre_sum. */
__step verdict read_tunnel(struct __sk_buff *skb, const struct packet *packet,
			   const struct table_settings *settings, struct outer_packet *outer)
{
	switch (outer->kind) {
#define X(symbol, number, name, spoken)                                                            \
	case ENCAP_##symbol:                                                                       \
		return symbol##_READ(skb, packet, settings, outer);
		ENCAP_KINDS(X)
#undef X
	}
	return DROP_WRONG_ENCAPSULATION;
}

/* The device that would get packets of this kind; 0: there is none. */
__step __u32 anchor_of(const struct table_settings *settings, const struct outer_packet *outer)
{
	__u64 kind = outer->kind;

	PIN(kind);
	if (kind >= N_ENCAP_KINDS)
		return 0;
	return settings->anchors[kind][outer->family == 6 ? TABLE_ANCHOR6 : TABLE_ANCHOR4];
}

/* Of which kind is what this device has stripped?  GRE and NVGRE share theirs. */
__step enum encap_kind kind_of_anchor(const struct table_settings *settings, __u32 ifindex)
{
#define X(symbol, number, name, spoken)                                                            \
	if (settings->anchors[ENCAP_##symbol][TABLE_ANCHOR4] == ifindex ||                         \
	    settings->anchors[ENCAP_##symbol][TABLE_ANCHOR6] == ifindex)                           \
		return ENCAP_##symbol;
	ENCAP_KINDS(X)
#undef X
	return ENCAP_NONE;
}

#endif
