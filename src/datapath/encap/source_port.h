/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outer UDP header of the kinds that have one: the source port spreads
 * flows over paths (RFC 7348 section 5, RFC 8926 section 3.3).
 */
#ifndef OVERLAID_DATAPATH_ENCAP_SOURCE_PORT_H
#define OVERLAID_DATAPATH_ENCAP_SOURCE_PORT_H

#include "datapath/frame_tc.h"

/* From 49152 to 65535, by the flow. */
#define SOURCE_PORT_FIRST 49152
#define SOURCE_PORT_MASK  0x3fff

/* length: from the UDP header on. */
__step void source_port_stamp(struct udphdr *udp, __u32 hash, __u32 length)
{
	udp->source = bpf_htons(SOURCE_PORT_FIRST + (hash & SOURCE_PORT_MASK));
	udp->len = bpf_htons(length);
}

#endif
