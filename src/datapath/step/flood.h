/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nobody knows, or everybody: one copy to each other port of the segment, and,
 * for frames from a port, one to each peer of the segment (head-end
 * replication, RFC 8293 section 3.2).  Frames from peers never go back to
 * peers (split horizon).
 *
 * Peers of one shape (kind and family) share one encapsulation: a further copy
 * costs a new outer header.  Peers of another shape and peers whose next hop
 * is not resolved get theirs through the anchor, before the frame is grown.
 *
 * Ends in: CONSUMED, an answer to the sender, or a drop.
 */
#ifndef OVERLAID_DATAPATH_STEP_FLOOD_H
#define OVERLAID_DATAPATH_STEP_FLOOD_H

#include "datapath/step/fit.h"
#include "datapath/step/send.h"

/* One walk over a flood list; lives on the stack of the program. */
struct flood {
	struct __sk_buff *skb;
	struct packet *packet;
	struct outer_values outer;
	__u32 copies;
	__u16 shape; /* kind and family that is encapsulated here */
	bool second_walk;
};

__step __u16 shape_of(const struct table_peer *peer)
{
	return peer->kind << 8 | peer->family;
}

__step const __u32 *flood_entry(void *lists, __u32 segment, __u32 index)
{
	void *list = bpf_map_lookup_elem(lists, &segment);
	const __u32 *slot = list ? bpf_map_lookup_elem(list, &index) : NULL;

	return slot && *slot != TABLE_NO_SLOT ? slot : NULL;
}

/* The segment changed while the list was in use, or the device said no: counted, others go on. */
__step void flood_failed(const struct packet *packet, enum drop_reason reason,
			 enum table_path_kind kind, __u32 slot)
{
	count_drop(packet, reason, kind == PATH_PEER ? slot : packet->peer_in);
}

static long flood_to_port(__u32 index, struct flood *flood)
{
	struct packet *packet = flood->packet;
	const __u32 *slot = flood_entry(&flood_ports, packet->segment_slot, index);
	const struct table_port *port;
	verdict verdict;

	if (!slot)
		return 1;
	if (*slot == packet->port_in)
		return 0;
	port = bpf_map_lookup_elem(&ports, slot);
	verdict = port_takes(packet, port);
	if (!verdict && port && bpf_clone_redirect(flood->skb, port->ifindex, 0))
		verdict = DROP_SEND_FAILED;
	if (verdict) {
		if (verdict != DROP_PORT_DOWN)
			flood_failed(packet, verdict, PATH_PORT, *slot);
		return 0;
	}
	count_sent(packet, PATH_PORT, *slot);
	flood->copies++;
	return 0;
}

/* Which peers cannot be served by rewriting one encapsulated frame. */
__step bool is_apart(const struct flood *flood, const struct table_peer *peer,
		     const struct table_nexthop *nexthop)
{
	return flood->packet->anchor == ANCHOR_FRAGMENTS || shape_of(peer) != flood->shape ||
	       (nexthop && !is_resolved(nexthop));
}

__step verdict copy_through_anchor(struct flood *flood, const struct table_peer *peer)
{
	struct packet *packet = flood->packet;
	__u32 ifindex;

	/* the kernel fragments no tunnel's IPv6 packets */
	if (packet->anchor == ANCHOR_FRAGMENTS && peer->family == 6)
		return DROP_TOO_BIG;
	ifindex = address_anchor(flood->skb, packet, peer);

	if (!ifindex)
		return DROP_NO_ANCHOR;
	COUNT_ONE(segment_traffic, packet->segment_slot, via_anchor);
	return bpf_clone_redirect(flood->skb, ifindex, 0) ? DROP_SEND_FAILED : NEXT;
}

__step verdict copy_to_nexthop(struct flood *flood, const struct table_peer *peer,
			       const struct table_nexthop *nexthop)
{
	verdict verdict = stamp(flood->skb, peer, &flood->outer);

	if (!verdict)
		verdict = write_outer_eth(flood->skb, nexthop, peer->family);
	if (verdict)
		return verdict;
	return bpf_clone_redirect(flood->skb, nexthop->ifindex, 0) ? DROP_SEND_FAILED : NEXT;
}

/* Walked twice: for those apart while the frame is plain, then for the rest. */
static long flood_to_peer(__u32 index, struct flood *flood)
{
	struct packet *packet = flood->packet;
	const __u32 *slot = flood_entry(&flood_peers, packet->segment_slot, index);
	const struct table_peer *peer = slot ? bpf_map_lookup_elem(&peers, slot) : NULL;
	const struct table_nexthop *nexthop;
	verdict verdict;

	if (!slot || !peer)
		return 1;
	nexthop = choose_nexthop(peer, flood->outer.hash);
	if (is_apart(flood, peer, nexthop) == flood->second_walk)
		return 0;
	if (!nexthop)
		verdict = DROP_PEER_UNREACHABLE;
	else if (flood->second_walk && !packet->anchor)
		verdict = copy_to_nexthop(flood, peer, nexthop);
	else
		verdict = copy_through_anchor(flood, peer);
	if (verdict) {
		flood_failed(packet, verdict, PATH_PEER, *slot);
		return 0;
	}
	count_sent(packet, PATH_PEER, *slot);
	flood->copies++;
	return 0;
}

__step verdict flood_peers_of(struct flood *flood)
{
	struct packet *packet = flood->packet;
	const __u32 *slot = flood_entry(&flood_peers, packet->segment_slot, 0);
	const struct table_peer *first = slot ? bpf_map_lookup_elem(&peers, slot) : NULL;
	verdict verdict;

	if (!first)
		return NEXT;
	verdict = fit(flood->skb, packet, packet->segment->flood_limit);
	if (verdict)
		return verdict;
	flood->shape = shape_of(first);
	flood->outer.hash = flow_hash(flood->skb, packet);
	bpf_loop(TABLE_MAX_PEERS, flood_to_peer, flood, 0);
	if (packet->anchor)
		return NEXT;
	/* where the kernel refuses, the second walk goes through the anchor too */
	verdict = encapsulate(flood->skb, packet, first, &flood->outer);
	if (verdict)
		return verdict;
	flood->second_walk = true;
	bpf_loop(TABLE_MAX_PEERS, flood_to_peer, flood, 0);
	return NEXT;
}

/* From a port: to the other ports and, where the segment floods, to its peers. */
__step verdict flood_from_port(struct __sk_buff *skb, struct packet *packet)
{
	struct flood flood = {.skb = skb, .packet = packet};
	bool to_peers = packet->segment->flags & SEGMENT_FLOOD_PEERS;
	verdict verdict;

	COUNT_ONE(segment_traffic, packet->segment_slot, flooded);
	bpf_loop(TABLE_MAX_PORTS, flood_to_port, &flood, 0);
	if (to_peers) {
		verdict = flood_peers_of(&flood);
		if (verdict)
			return verdict;
	}
	if (flood.copies)
		return CONSUMED;
	return to_peers ? DROP_NO_RECEIVER : DROP_FLOOD_NONE;
}

/* From a peer: to the ports. */
__step verdict flood_from_peer(struct __sk_buff *skb, struct packet *packet)
{
	struct flood flood = {.skb = skb, .packet = packet};

	COUNT_ONE(segment_traffic, packet->segment_slot, flooded);
	bpf_loop(TABLE_MAX_PORTS, flood_to_port, &flood, 0);
	return flood.copies ? CONSUMED : DROP_NO_RECEIVER;
}

#endif
