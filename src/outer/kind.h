/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must an encapsulation say about its header?  One struct per kind, one
 * file each, one table in outer.c.
 */
#ifndef OVERLAID_OUTER_KIND_H
#define OVERLAID_OUTER_KIND_H

#include "model/model.h"

struct outer_kind {
	uint8_t ip_protocol;
	/*
	 * The largest inner frame of a kind that cuts frames itself, so that no
	 * path MTU limits them; 0: each frame is one packet.
	 */
	unsigned int largest_frame;
	/* Bytes between the outer IP header and the inner Ethernet header. */
	unsigned int (*tunnel_bytes)(const struct peer *peer);
	/*
	 * Writes those bytes, which are zero, with everything that does not vary
	 * per frame; what the datapath patches stays zero.
	 */
	void (*build)(const struct underlay *underlay, const struct peer *peer, void *tunnel);
};

extern const struct outer_kind outer_vxlan;
extern const struct outer_kind outer_geneve;
extern const struct outer_kind outer_nvgre;
extern const struct outer_kind outer_gre;
extern const struct outer_kind outer_stt;

#endif
