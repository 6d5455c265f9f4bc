/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Out of the physical NIC, or into a local port.
 *
 * Ends in: SENT, or a drop that says why the path cannot take it.
 */
#ifndef OVERLAID_DATAPATH_STEP_SEND_H
#define OVERLAID_DATAPATH_STEP_SEND_H

#include "abi/relay.h"
#include "datapath/conclude.h"
#include "datapath/step/encapsulate.h"

#define AF_INET	 2
#define AF_INET6 10

/* May the frame go out of this port?  NEXT or a drop. */
__step verdict port_takes(const struct packet *packet, const struct table_port *port)
{
	__u32 most;

	if (!port || !(port->flags & PORT_UP))
		return DROP_PORT_DOWN;
	if (port->segment != packet->segment_slot)
		return DROP_PORT_MOVED;
	most = port->mtu + ETH_HLEN + (packet->tag_in_bytes ? VLAN_BYTES : 0);
	if (!packet->gso_size && packet->length > most)
		return DROP_EXCEEDS_PORT_MTU;
	return NEXT;
}

/*
 * bpf_redirect_peer saves a trip through the backlog, but hands the frame over
 * as it is: skb->protocol must be right already.
 */
__step verdict send_to_port(struct __sk_buff *skb, struct packet *packet)
{
	const struct table_port *port = bpf_map_lookup_elem(&ports, &packet->path);
	verdict verdict = port_takes(packet, port);
	long action;

	if (verdict)
		return verdict;
	if (port->flags & PORT_PEER_DEVICE && !packet->tagged &&
	    skb->protocol == bpf_htons(packet->ethertype))
		action = bpf_redirect_peer(port->ifindex, 0);
	else
		action = bpf_redirect(port->ifindex, 0);
	return action == TC_ACT_REDIRECT ? SENT : DROP_SEND_FAILED;
}

/* ECMP by the flow's upper bits: the lower ones make the source port. */
__step struct table_nexthop *choose_nexthop(const struct table_peer *peer, __u32 hash)
{
	__u32 n = peer->n_nexthops, index = peer->nexthop_first;

	if (!n)
		return NULL;
	if (n > 1)
		index += (hash >> 16) % n;
	return bpf_map_lookup_elem(&nexthops, &index);
}

/* Is the next hop's MAC known, and does anybody still watch over it? */
__step bool is_resolved(const struct table_nexthop *nexthop)
{
	__u32 zero = 0;
	const __u64 *until = bpf_map_lookup_elem(&heartbeat, &zero);

	return nexthop->flags & NEXTHOP_RESOLVED && until && *until > bpf_ktime_get_coarse_ns();
}

/* The outer Ethernet header of an encapsulated frame. */
__step verdict write_outer_eth(struct __sk_buff *skb, const struct table_nexthop *nexthop,
			       __u8 family)
{
	struct ethhdr *eth = frame_at(skb, 0, sizeof(*eth));

	if (!eth)
		return DROP_ENCAPSULATION_FAILED;
	__builtin_memcpy(eth->h_dest, nexthop->destination, ETH_ALEN);
	__builtin_memcpy(eth->h_source, nexthop->source, ETH_ALEN);
	eth->h_proto = family == 4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
	return NEXT;
}

/* The kernel resolves the next hop's MAC, keeps the frame until then, and probes what is stale. */
__step long redirect_neigh(const struct table_nexthop *nexthop)
{
	struct bpf_redir_neigh to = {};

	if (nexthop->family == 4) {
		to.nh_family = AF_INET;
		__builtin_memcpy(&to.ipv4_nh, nexthop->gateway.bytes + 12, sizeof(to.ipv4_nh));
	} else {
		to.nh_family = AF_INET6;
		__builtin_memcpy(to.ipv6_nh, nexthop->gateway.bytes, sizeof(to.ipv6_nh));
	}
	return bpf_redirect_neigh(nexthop->ifindex, &to, sizeof(to), 0);
}

/* An encapsulated frame. */
__step verdict send_to_nexthop(struct __sk_buff *skb, const struct table_nexthop *nexthop,
			       __u8 family)
{
	long action;

	if (!nexthop)
		return DROP_PEER_UNREACHABLE;
	/* also for the neighbour code, which takes no frame to a group */
	if (write_outer_eth(skb, nexthop, family))
		return DROP_ENCAPSULATION_FAILED;
	if (likely(is_resolved(nexthop)))
		action = bpf_redirect(nexthop->ifindex, 0);
	else
		action = redirect_neigh(nexthop);
	return action == TC_ACT_REDIRECT ? SENT : DROP_SEND_FAILED;
}

/* What the anchor's key is called on the wire. */
__step __u32 anchor_key(const struct __sk_buff *skb, const struct packet *packet,
			const struct table_peer *peer)
{
	__u32 vni = packet->segment->vni;

	return peer->kind == ENCAP_NVGRE ? vni << NVGRE_VSID_SHIFT | (skb->hash & NVGRE_FLOW_MASK) :
					   vni;
}

/* Geneve's options, which are behind the fixed part of the peer's header. */
__step int set_anchor_options(struct __sk_buff *skb, const struct table_peer *peer)
{
	__u32 fixed = outer_ip_bytes(peer) + GENEVE_TUNNEL_BYTES;
	__u64 rest = (__u64)peer->header_bytes - fixed - 1;

	PIN(rest);
	if (peer->kind != ENCAP_GENEVE || rest >= GENEVE_OPTIONS_MAX)
		return 0;
	return bpf_skb_set_tunnel_opt(skb, (void *)peer->header + fixed, rest + 1);
}

/*
 * Tells the anchor, the kernel's own tunnel device, where to send the plain
 * frame.  Returns its ifindex, 0: there is no way through it.
 */
__step __u32 address_anchor(struct __sk_buff *skb, const struct packet *packet,
			    const struct table_peer *peer)
{
	struct bpf_tunnel_key key = {
		.tunnel_id = anchor_key(skb, packet, peer),
		.tunnel_ttl = peer->family == 4 ? peer->header[8] : peer->header[7],
	};
	__u64 flags = BPF_F_ZERO_CSUM_TX;
	__u32 anchor = anchor_for(peer);

	if (!anchor)
		return 0;
	key.tunnel_tos = packet->segment->flags & SEGMENT_COPY_DSCP ? packet->tos & ~ECN_MASK :
								      packet->segment->dscp << 2;
	if (peer->family == 4) {
		key.remote_ipv4 = bpf_ntohl(*(const __be32 *)(peer->remote.bytes + 12));
		key.local_ipv4 = bpf_ntohl(*(const __be32 *)(peer->local.bytes + 12));
		if (packet->anchor != ANCHOR_FRAGMENTS)
			flags |= BPF_F_DONT_FRAGMENT;
	} else {
		flags |= BPF_F_TUNINFO_IPV6;
		__builtin_memcpy(key.remote_ipv6, peer->remote.bytes, sizeof(key.remote_ipv6));
		__builtin_memcpy(key.local_ipv6, peer->local.bytes, sizeof(key.local_ipv6));
	}
	if (bpf_skb_set_tunnel_key(skb, &key, sizeof(key), flags) || set_anchor_options(skb, peer))
		return 0;
	return anchor;
}

__step verdict send_through_anchor(struct __sk_buff *skb, const struct packet *packet,
				   const struct table_peer *peer)
{
	__u32 ifindex = address_anchor(skb, packet, peer);

	if (!ifindex)
		return DROP_NO_ANCHOR;
	COUNT_ONE(peer_traffic, packet->path, via_anchor);
	COUNT_ONE(segment_traffic, packet->segment_slot, via_anchor);
	return bpf_redirect(ifindex, 0) == TC_ACT_REDIRECT ? SENT : DROP_SEND_FAILED;
}

__step __u32 relay_device(void)
{
	const struct table_settings *settings = frame_settings();

	return settings ? settings->relay : 0;
}

__step __u32 relay_mark_to_peer(const struct packet *packet, __u32 peer)
{
	return RELAY_MARK | RELAY_TO_PEER | packet->segment_slot << RELAY_SEGMENT_SHIFT | peer;
}

/*
 * Nothing but the relay numbers and sums the segments of a super-frame one by
 * one, and finishes checksums left to a device that BPF does not find, behind
 * a tunnel's header of the VM's own.  The peer's other frames go there as well,
 * or they would overtake.  Without it they are sent as well as can be.
 */
__step bool wants_relay(const struct packet *packet, __u16 flags)
{
	return unlikely(flags & PEER_GRE_FIELDS) && (packet->gso_size || relay_device());
}

/* The plain frame, to be cut there if it is a super-frame. */
__step verdict send_to_relay(struct __sk_buff *skb, const struct packet *packet)
{
	__u32 ifindex = relay_device();

	if (!ifindex)
		return DROP_NO_RELAY;
	skb->mark = relay_mark_to_peer(packet, packet->path);
	return bpf_redirect(ifindex, 0) == TC_ACT_REDIRECT ? HANDED_ON : DROP_SEND_FAILED;
}

#endif
