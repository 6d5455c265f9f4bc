/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A frame's day from the VM's NIC on: tc ingress on a port.  This file is the
 * walk; each step answers one question in step/.  Nothing from a port is ever
 * handed to the host's own stack.
 */
#include "datapath/conclude.h"
#include "datapath/step/admit.h"
#include "datapath/step/find_path.h"
#include "datapath/step/fit.h"
#include "datapath/step/flood.h"
#include "datapath/step/learn.h"
#include "datapath/step/send.h"
#include "datapath/step/send_stt.h"
#include "datapath/step/split.h"

__step verdict to_peer(struct __sk_buff *skb, struct packet *packet)
{
	const struct table_peer *peer = bpf_map_lookup_elem(&peers, &packet->path);
	struct outer_values outer;
	verdict verdict;

	if (!peer || !peer->n_nexthops)
		return DROP_PEER_UNREACHABLE;
	verdict = fit(skb, packet, peer->limit);
	if (verdict)
		return verdict;
	if (peer->kind == ENCAP_STT)
		return send_to_stt(skb, packet);
	if (packet->anchor && (peer->family == 6 || !anchor_for(peer)))
		verdict = split(skb, packet, peer->limit - (packet->tagged ? VLAN_BYTES : 0));
	if (verdict)
		return verdict;
	if (wants_relay(packet, peer->flags))
		return send_to_relay(skb, packet);
	if (!packet->anchor)
		verdict = encapsulate(skb, packet, peer, packet->path, &outer);
	if (verdict)
		return verdict;
	if (packet->anchor)
		return anchor_for(peer) ? send_through_anchor(skb, packet, peer) :
					  send_to_relay(skb, packet);
	return send_to_nexthop(skb, choose_nexthop(peer, outer.hash), peer->family);
}

__step verdict walk(struct __sk_buff *skb, struct packet *packet)
{
	verdict verdict;

	if (is_rest(skb) && become_rest(skb))
		return DROP_TOO_BIG;
	frame_pull(skb);
	packet->length = skb->len;
	verdict = parse(skb, packet, 0, packet->length);
	if (verdict)
		return verdict;
	verdict = admit_from_port(skb, packet);
	if (verdict)
		return verdict;
	learn(packet);
	verdict = find_path(packet);
	if (verdict == FLOOD)
		return flood_from_port(skb, packet);
	if (verdict)
		return verdict;
	return packet->path_kind == PATH_PORT ? send_to_port(skb, packet) : to_peer(skb, packet);
}

SEC("tc")
int from_port(struct __sk_buff *skb)
{
	struct packet packet;

	packet_begin(skb, &packet);
	return conclude(&packet, walk(skb, &packet));
}

char LICENSE[] SEC("license") = "GPL";
