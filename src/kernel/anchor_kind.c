/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's tunnel devices, a row for each: names, ports, and the attributes
 * that make one.
 */
#include "kernel/anchor_kind.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <string.h>

#define SOURCE_PORT_LOW	 49152
#define SOURCE_PORT_HIGH 65535

static int put_vxlan(struct nl_msg *request, uint16_t udp_port)
{
	/* RFC 7348 section 5: a source port from the dynamic range, by the flow's hash */
	const struct ifla_vxlan_port_range sources = {
		.low = htons(SOURCE_PORT_LOW),
		.high = htons(SOURCE_PORT_HIGH),
	};

	return nla_put_u8(request, IFLA_VXLAN_COLLECT_METADATA, 1) < 0 ||
			       nla_put_u8(request, IFLA_VXLAN_LEARNING, 0) < 0 ||
			       nla_put_u16(request, IFLA_VXLAN_PORT, htons(udp_port)) < 0 ||
			       nla_put(request, IFLA_VXLAN_PORT_RANGE, sizeof(sources), &sources) <
				       0 ||
			       nla_put_u8(request, IFLA_VXLAN_UDP_ZERO_CSUM6_RX, 1) < 0 ?
		       -ENOMEM :
		       0;
}

static int put_geneve(struct nl_msg *request, uint16_t udp_port)
{
	return nla_put_flag(request, IFLA_GENEVE_COLLECT_METADATA) < 0 ||
			       nla_put_u16(request, IFLA_GENEVE_PORT, htons(udp_port)) < 0 ||
			       nla_put_u8(request, IFLA_GENEVE_UDP_ZERO_CSUM6_RX, 1) < 0 ?
		       -ENOMEM :
		       0;
}

static int put_gre(struct nl_msg *request, uint16_t udp_port)
{
	return nla_put_flag(request, IFLA_GRE_COLLECT_METADATA) < 0 ? -ENOMEM : 0;
}

static uint16_t vxlan_port(const struct underlay *underlay)
{
	return underlay->vxlan_port;
}

static uint16_t geneve_port(const struct underlay *underlay)
{
	return underlay->geneve_port;
}

#define BOTH_GRE (1u << ENCAP_GRE | 1u << ENCAP_NVGRE)

const struct anchor_kind anchor_kinds[N_ANCHORS] = {
	[ANCHOR_VXLAN] = {.device = ANCHOR_VXLAN_DEVICE,
			  .link_kind = "vxlan",
			  .kinds = 1u << ENCAP_VXLAN,
			  .serves = {true, true},
			  .port_name = "underlay.vxlan-port",
			  .udp_port = vxlan_port,
			  .put_data = put_vxlan},
	[ANCHOR_GENEVE] = {.device = "ovl-geneve",
			   .link_kind = "geneve",
			   .kinds = 1u << ENCAP_GENEVE,
			   .serves = {true, true},
			   .port_name = "underlay.geneve-port",
			   .udp_port = geneve_port,
			   .put_data = put_geneve,
			   .waker = &anchor_kinds[ANCHOR_VXLAN]},
	[ANCHOR_GRE] = {.device = "ovl-gre",
			.link_kind = "gretap",
			.kinds = BOTH_GRE,
			.serves = {true, false},
			.put_data = put_gre},
	[ANCHOR_GRE6] = {.device = "ovl-gre6",
			 .link_kind = "ip6gretap",
			 .kinds = BOTH_GRE,
			 .serves = {false, true},
			 .put_data = put_gre},
};

bool anchor_kind_owns(const struct anchor_kind *kind, const struct link *link)
{
	return link->external && (!strcmp(link->kind, kind->link_kind) ||
				  (kind->waker && !strcmp(link->kind, kind->waker->link_kind)));
}
