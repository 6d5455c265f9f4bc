/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nobody knows, or everybody: one copy to each other port of the segment, and,
 * for frames from a port, one to each peer of the segment (head-end
 * replication, RFC 8293 section 3.2).  Frames from peers never go back to
 * peers (split horizon).
 *
 * Peers of one shape (kind and family) share one encapsulation: a further copy
 * costs a new outer header.  That shape is the first one found.  For every
 * other one a copy of the plain frame goes to the relay, where this step runs
 * for it alone (abi/relay.h).  A copy whose next hop is not resolved goes
 * through the anchor or the relay too, all before the frame is grown.
 *
 * Ends in: CONSUMED, an answer to the sender, or a drop.
 */
#ifndef OVERLAID_DATAPATH_STEP_FLOOD_H
#define OVERLAID_DATAPATH_STEP_FLOOD_H

#include "datapath/step/fit.h"
#include "datapath/step/send.h"
#include "datapath/step/send_stt.h"

/* One walk over a flood list; lives on the stack of the program. */
struct flood {
	struct __sk_buff *skb;
	struct packet *packet;
	struct outer_values outer;
	__u32 copies;
	__u32 first;	    /* slot of a peer of the shape; TABLE_NO_SLOT: none found */
	__u16 shape;	    /* TABLE_SHAPE() that is encapsulated here; 0: not known yet */
	__u16 relayed;	    /* shapes that the relay has got */
	__u16 flags;	    /* PEER_* of all peers of the shape */
	__u16 apart;	    /* PEER_* of those that the relay sends to one by one */
	__u16 header_bytes; /* of the outer header that the frame has now */
	bool alone;	    /* other shapes are not this run's */
};

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

/* Which peers of the shape cannot be served by rewriting one encapsulated frame. */
__step bool is_apart(const struct flood *flood, const struct table_peer *peer,
		     const struct table_nexthop *nexthop)
{
	return flood->packet->anchor == ANCHOR_FRAGMENTS || (nexthop && !is_resolved(nexthop)) ||
	       peer->flags & flood->apart;
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

/* A positive answer is the relay's program's, which has ended the frame's day. */
__step verdict copy_to_relay(struct flood *flood, __u32 mark)
{
	__u32 ifindex = relay_device();
	long error;

	if (!ifindex)
		return DROP_NO_RELAY;
	flood->skb->mark = mark;
	error = bpf_clone_redirect(flood->skb, ifindex, 0);
	flood->skb->mark = 0;
	return error < 0 ? DROP_SEND_FAILED : NEXT;
}

__step verdict copy_apart(struct flood *flood, const struct table_peer *peer, __u32 slot)
{
	struct packet *packet = flood->packet;
	verdict verdict;

	if (packet->anchor != ANCHOR_FRAGMENTS && !anchor_for(peer)) {
		verdict = copy_to_relay(flood, relay_mark_to_peer(packet, slot));
		return verdict ?: HANDED_ON;
	}
	return copy_through_anchor(flood, peer);
}

/* The relay walks the list for the shape; without it the anchor serves this peer. */
__step verdict copy_of_other_shape(struct flood *flood, const struct table_peer *peer, __u16 shape)
{
	struct packet *packet = flood->packet;
	verdict verdict;

	verdict = copy_to_relay(flood, RELAY_MARK | (packet->anchor ? RELAY_FRAGMENTS : 0) |
					       (2u * peer->kind + (peer->family == 6))
						       << RELAY_SHAPE_SHIFT |
					       packet->segment_slot << RELAY_SEGMENT_SHIFT |
					       (packet->port_in & RELAY_SLOT_MASK));
	if (!verdict) {
		flood->relayed |= shape;
		return HANDED_ON;
	}
	return verdict == DROP_NO_RELAY && anchor_for(peer) ? copy_through_anchor(flood, peer) :
							      verdict;
}

__step verdict copy_to_nexthop(struct flood *flood, const struct table_peer *peer, __u32 slot,
			       const struct table_nexthop *nexthop)
{
	__s32 more = (__s32)peer->header_bytes - flood->header_bytes;
	verdict verdict;

	/* options and fields are each peer's own */
	if (unlikely(more) &&
	    bpf_skb_adjust_room(flood->skb, more, BPF_ADJ_ROOM_MAC,
				BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		return DROP_ENCAPSULATION_FAILED;
	flood->header_bytes = peer->header_bytes;
	verdict = stamp(flood->skb, peer, slot, &flood->outer);
	if (!verdict)
		verdict = write_outer_eth(flood->skb, nexthop, peer->family);
	if (verdict)
		return verdict;
	return bpf_clone_redirect(flood->skb, nexthop->ifindex, 0) ? DROP_SEND_FAILED : NEXT;
}

/* HANDED_ON is counted where it is sent. */
__step void flood_copied(struct flood *flood, verdict verdict, __u32 slot)
{
	if (verdict > 0) {
		flood_failed(flood->packet, verdict, PATH_PEER, slot);
		return;
	}
	if (verdict == NEXT)
		count_sent(flood->packet, PATH_PEER, slot);
	flood->copies++;
}

/* The first walk, while the frame is plain: for those apart. */
static long flood_plain(__u32 index, struct flood *flood)
{
	struct packet *packet = flood->packet;
	const __u32 *slot = flood_entry(&flood_peers, packet->segment_slot, index);
	const struct table_peer *peer = slot ? bpf_map_lookup_elem(&peers, slot) : NULL;
	const struct table_nexthop *nexthop;
	__u16 shape;

	if (!slot || !peer)
		return 1;
	/* no envelope of this program's, so of no shape that it could share */
	if (peer->kind == ENCAP_STT) {
		if (!flood->alone)
			flood_copied(flood, copy_to_stt(flood->skb, packet, *slot), *slot);
		return 0;
	}
	shape = TABLE_SHAPE(peer->kind & 7, peer->family);
	if (!flood->shape)
		flood->shape = shape;
	if (shape != flood->shape) {
		if (!flood->alone && !(flood->relayed & shape))
			flood_copied(flood, copy_of_other_shape(flood, peer, shape), *slot);
		return 0;
	}
	if (flood->first == TABLE_NO_SLOT)
		flood->first = *slot;
	flood->flags |= peer->flags;
	nexthop = choose_nexthop(peer, flood->outer.hash);
	if (nexthop && is_apart(flood, peer, nexthop))
		flood_copied(flood, copy_apart(flood, peer, *slot), *slot);
	return 0;
}

/* The second one, over the peers of the shape. */
static long flood_enveloped(__u32 index, struct flood *flood)
{
	struct packet *packet = flood->packet;
	const __u32 *slot = flood_entry(&flood_peers, packet->segment_slot, index);
	const struct table_peer *peer = slot ? bpf_map_lookup_elem(&peers, slot) : NULL;
	const struct table_nexthop *nexthop;
	verdict verdict;

	if (!slot || !peer)
		return 1;
	if (TABLE_SHAPE(peer->kind & 7, peer->family) != flood->shape)
		return 0;
	nexthop = choose_nexthop(peer, flood->outer.hash);
	if (nexthop && is_apart(flood, peer, nexthop))
		return 0;
	if (!nexthop)
		verdict = DROP_PEER_UNREACHABLE;
	else if (packet->anchor)
		verdict = copy_apart(flood, peer, *slot);
	else
		verdict = copy_to_nexthop(flood, peer, *slot, nexthop);
	flood_copied(flood, verdict, *slot);
	return 0;
}

/* packet->anchor says whether the frame fits. */
__step verdict flood_peers_of(struct flood *flood)
{
	struct packet *packet = flood->packet;
	const struct table_peer *first;
	verdict verdict;

	flood->outer.hash = flow_hash(flood->skb, packet);
	if (wants_relay(packet, PEER_GRE_FIELDS))
		flood->apart = PEER_GRE_FIELDS;
	bpf_loop(TABLE_MAX_PEERS, flood_plain, flood, 0);
	first = bpf_map_lookup_elem(&peers, &flood->first);
	if (!first)
		return NEXT;
	/* where the kernel refuses, the second walk goes through anchor or relay */
	if (packet->anchor != ANCHOR_FRAGMENTS)
		verdict = open_envelope(flood->skb, packet, first, flood->flags, &flood->outer);
	else
		verdict = NEXT;
	if (verdict)
		return verdict;
	flood->header_bytes = first->header_bytes;
	bpf_loop(TABLE_MAX_PEERS, flood_enveloped, flood, 0);
	return NEXT;
}

__step verdict flood_to_peers(struct flood *flood)
{
	struct packet *packet = flood->packet;
	verdict verdict;

	/* nobody to fit for; the limit of such a segment says nothing */
	if (!flood_entry(&flood_peers, packet->segment_slot, 0))
		return NEXT;
	verdict = fit(flood->skb, packet, packet->segment->flood_limit);
	return verdict ?: flood_peers_of(flood);
}

/* On the relay: to the peers of one shape. */
__step verdict flood_shape(struct __sk_buff *skb, struct packet *packet, __u16 shape)
{
	struct flood flood = {
		.skb = skb,
		.packet = packet,
		.first = TABLE_NO_SLOT,
		.shape = shape,
		.alone = true,
	};

	return flood_peers_of(&flood) ?: CONSUMED;
}

/* From a port: to the other ports and, where the segment floods, to its peers. */
__step verdict flood_from_port(struct __sk_buff *skb, struct packet *packet)
{
	struct flood flood = {.skb = skb, .packet = packet, .first = TABLE_NO_SLOT};
	bool to_peers = packet->segment->flags & SEGMENT_FLOOD_PEERS;
	verdict verdict;

	COUNT_ONE(segment_traffic, packet->segment_slot, flooded);
	bpf_loop(TABLE_MAX_PORTS, flood_to_port, &flood, 0);
	if (to_peers) {
		verdict = flood_to_peers(&flood);
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
