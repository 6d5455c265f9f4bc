/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A frame's second day, on the relay: what one run of from_port could not
 * bring out (abi/relay.h).  from_relay is tc egress on the near end, from_cutter
 * tc ingress on the far end.  The frame has been admitted and learned from
 * already; neither program looks at its source again, and none hands anything
 * to the host.
 */
#include "datapath/conclude.h"
#include "datapath/step/flood.h"
#include "datapath/step/send.h"

/* What the mark says of the frame, and what the frame says of itself. */
__step verdict relay_begin(struct __sk_buff *skb, struct packet *packet, __u32 mark)
{
	packet_begin(skb, packet);
	skb->mark = 0;
	packet->segment_slot = RELAY_SEGMENT(mark);
	packet->segment = bpf_map_lookup_elem(&segments, &packet->segment_slot);
	if (!packet->segment || !(packet->segment->flags & SEGMENT_IN_USE)) {
		packet->segment_slot = TABLE_NO_SLOT;
		return DROP_UNKNOWN_VNI;
	}
	frame_pull(skb);
	packet->length = skb->len;
	return parse(skb, packet, 0, packet->length);
}

__step verdict walk_relay(struct __sk_buff *skb, struct packet *packet, __u32 mark)
{
	verdict verdict = relay_begin(skb, packet, mark);

	packet->port_in = RELAY_SLOT(mark);
	if (verdict)
		return verdict;
	if (mark & RELAY_FRAGMENTS)
		packet->anchor = ANCHOR_FRAGMENTS;
	return flood_shape(skb, packet, 1u << RELAY_SHAPE(mark));
}

SEC("tc")
int from_relay(struct __sk_buff *skb)
{
	struct packet packet;
	__u32 mark = skb->mark;

	if (!(mark & RELAY_MARK))
		return TC_ACT_SHOT; /* the host's own; nobody is there */
	if (mark & RELAY_TO_PEER)
		return TC_ACT_OK; /* over to the cutter */
	return conclude_relayed(&packet, walk_relay(skb, &packet, mark));
}

__step verdict walk_cutter(struct __sk_buff *skb, struct packet *packet, __u32 mark)
{
	verdict verdict = relay_begin(skb, packet, mark);
	const struct table_peer *peer;
	struct outer_values outer;

	packet->path_kind = PATH_PEER;
	packet->path = RELAY_SLOT(mark);
	if (verdict)
		return verdict;
	peer = bpf_map_lookup_elem(&peers, &packet->path);
	if (!peer || !peer->n_nexthops)
		return DROP_PEER_UNREACHABLE;
	/* the veth's offloads are on: it would come here for ever */
	if (packet->gso_size && peer->flags & PEER_GRE_FIELDS)
		return DROP_ENCAPSULATION_FAILED;
	verdict = encapsulate(skb, packet, peer, packet->path, &outer);
	if (verdict)
		return verdict;
	if (packet->anchor)
		return DROP_NO_ANCHOR;
	return send_to_nexthop(skb, choose_nexthop(peer, outer.hash), peer->family);
}

SEC("tc")
int from_cutter(struct __sk_buff *skb)
{
	struct packet packet;
	__u32 mark = skb->mark;

	if ((mark & (RELAY_MARK | RELAY_TO_PEER)) != (RELAY_MARK | RELAY_TO_PEER))
		return TC_ACT_SHOT;
	return conclude_relayed(&packet, walk_cutter(skb, &packet, mark));
}

char LICENSE[] SEC("license") = "GPL";
