/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VXLAN's part of an outer header: UDP and the VXLAN header, RFC 7348 section
 * 5.  Source port, UDP length and VNI are the datapath's; the UDP checksum
 * stays zero, as section 5 recommends.
 */
#include "wire/vxlan.h"
#include "outer/kind.h"

#include <arpa/inet.h>
#include <linux/udp.h>
#include <netinet/in.h>

struct vxlan_tunnel {
	struct udphdr udp;
	struct vxlan_header vxlan;
};

static unsigned int vxlan_bytes(const struct peer *peer)
{
	(void)peer;
	return sizeof(struct vxlan_tunnel);
}

static void vxlan_build(const struct underlay *underlay, const struct peer *peer, void *tunnel)
{
	struct vxlan_tunnel *to = tunnel;

	(void)peer;
	*to = (struct vxlan_tunnel){
		.udp.dest = htons(underlay->vxlan_port),
		.vxlan.flags_be = htonl(VXLAN_FLAG_VNI),
	};
}

const struct outer_kind outer_vxlan = {
	.ip_protocol = IPPROTO_UDP,
	.tunnel_bytes = vxlan_bytes,
	.build = vxlan_build,
};
