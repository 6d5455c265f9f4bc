/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A frame's day from the physical NIC to the VM's: tc ingress on the underlay
 * device, and on the anchor for what the kernel has stripped itself (merged
 * super-frames, reassembled fragments).  This file is the walk.  On the
 * underlay what is not ours goes on to the host untouched; on the anchor
 * nothing does.
 */
#include "datapath/conclude.h"
#include "datapath/step/admit.h"
#include "datapath/step/decapsulate.h"
#include "datapath/step/find_path.h"
#include "datapath/step/flood.h"
#include "datapath/step/learn.h"
#include "datapath/step/parse_outer.h"
#include "datapath/step/send.h"
#include "datapath/step/verify.h"

/* The plain frame, whichever way it lost its envelope. */
__step verdict walk_inner(struct __sk_buff *skb, struct packet *packet)
{
	verdict verdict;

	learn(packet);
	verdict = find_path(packet);
	if (verdict == FLOOD)
		return flood_from_peer(skb, packet);
	return verdict ?: send_to_port(skb, packet);
}

/*
 * Only the kernel's receiver clears the tunnel marks of a super-frame before
 * DECAP_L4 (bpf-next 2026), so it gets those, and from_anchor sees them again.
 */
__step bool is_for_anchor(const struct packet *packet, const struct table_settings *settings)
{
	return packet->gso_size && settings->anchors[ENCAP_VXLAN][TABLE_ANCHOR4] &&
	       (packet->tag_in_bytes || !(settings->flags & SETTING_DECAP_L4));
}

/*
 * from_anchor will look at the sender and at the frame again: only what it
 * cannot see is looked at here, a missing checksum over IPv6 and congestion.
 */
__step bool is_all_for_anchor(const struct packet *packet, const struct outer_packet *outer,
			      const struct table_settings *settings)
{
	return packet->gso_size && settings->anchors[ENCAP_VXLAN][TABLE_ANCHOR4] &&
	       outer->family == 4 && outer->ecn != ECN_CE && !(settings->flags & SETTING_DECAP_L4);
}

/* Whose envelope is it, is it sound, and what is inside?  Changes nothing yet. */
__step verdict read_envelope(struct __sk_buff *skb, struct packet *packet,
			     const struct outer_packet *outer, __u32 inner,
			     const struct table_settings *settings)
{
	const struct table_peer *peer;
	verdict verdict;
	__u32 vni;

	if (outer->end < inner)
		return DROP_TRUNCATED_TUNNEL_HEADER;
	verdict = vxlan_read(skb, packet, outer->l4_offset,
			     settings->flags & SETTING_STRICT_RESERVED, &vni);
	if (verdict)
		return verdict;
	if (is_all_for_anchor(packet, outer, settings))
		return HOST;
	verdict = admit_peer(packet, &outer->source, vni);
	if (verdict)
		return verdict;
	peer = bpf_map_lookup_elem(&peers, &packet->peer_in);
	if (!peer || peer->kind != ENCAP_VXLAN)
		return DROP_WRONG_ENCAPSULATION;
	verdict = parse(skb, packet, inner, outer->end);
	if (verdict)
		return verdict;
	return verify(skb, packet, outer, inner, peer->flags & PEER_ZERO_CHECKSUM6);
}

__step verdict walk_underlay(struct __sk_buff *skb, struct packet *packet)
{
	const struct table_settings *settings = frame_settings();
	struct outer_packet outer;
	verdict verdict;
	__u32 inner;

	if (!settings)
		return HOST;
	frame_pull(skb);
	verdict = parse_outer(skb, settings, &outer);
	if (verdict)
		return verdict;
	inner = outer.l4_offset + VXLAN_TUNNEL_BYTES;
	verdict = read_envelope(skb, packet, &outer, inner, settings);
	if (verdict)
		return verdict;
	verdict = admit_frame(packet) ?: check_ecn(packet, &outer);
	if (verdict)
		return verdict;
	if (is_for_anchor(packet, settings))
		return HOST;
	verdict = decapsulate(skb, packet, &outer, inner, settings);
	return verdict ?: walk_inner(skb, packet);
}

SEC("tc")
int from_underlay(struct __sk_buff *skb)
{
	struct packet packet;

	packet_begin(skb, &packet);
	return conclude(&packet, walk_underlay(skb, &packet));
}

/* Who sent it, as the kernel's receiver noted it; false: the frame came another way. */
__step bool read_tunnel_key(struct __sk_buff *skb, struct table_address *source, __u32 *vni)
{
	struct bpf_tunnel_key key = {};

	if (!bpf_skb_get_tunnel_key(skb, &key, sizeof(key), 0)) {
		table_address_from_ip4(source, bpf_htonl(key.remote_ipv4));
	} else if (!bpf_skb_get_tunnel_key(skb, &key, sizeof(key), BPF_F_TUNINFO_IPV6)) {
		__builtin_memcpy(source->bytes, key.remote_ipv6, sizeof(source->bytes));
	} else {
		return false;
	}
	*vni = key.tunnel_id;
	return true;
}

__step verdict walk_anchor(struct __sk_buff *skb, struct packet *packet)
{
	struct table_address source;
	verdict verdict;
	__u32 vni;

	if (!read_tunnel_key(skb, &source, &vni))
		return DROP_UNKNOWN_PEER;
	frame_pull(skb);
	verdict = admit_peer(packet, &source, vni);
	if (verdict)
		return verdict;
	verdict = parse(skb, packet, 0, packet->length) ?: admit_frame(packet);
	if (verdict)
		return verdict;
	COUNT_ONE(peer_traffic, packet->peer_in, via_anchor);
	COUNT_ONE(segment_traffic, packet->segment_slot, via_anchor);
	return walk_inner(skb, packet);
}

SEC("tc")
int from_anchor(struct __sk_buff *skb)
{
	struct packet packet;

	packet_begin(skb, &packet);
	return conclude(&packet, walk_anchor(skb, &packet));
}

char LICENSE[] SEC("license") = "GPL";
