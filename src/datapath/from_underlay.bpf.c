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
#include "datapath/step/receive_stt.h"
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
 * Where it has no device of the kind the marks stay, which costs, no more.  Its
 * GRE device drops packets with a checksum.
 */
__step bool has_anchor(const struct packet *packet, const struct outer_packet *outer,
		       const struct table_settings *settings)
{
	return packet->gso_size && !outer->gre_sum && anchor_of(settings, outer);
}

__step bool is_for_anchor(const struct packet *packet, const struct outer_packet *outer,
			  const struct table_settings *settings)
{
	return has_anchor(packet, outer, settings) &&
	       (packet->tag_in_bytes || !(settings->flags & SETTING_DECAP_L4));
}

/*
 * from_anchor will look at the sender and at the frame again: only what it
 * cannot see is looked at here, a missing checksum over IPv6 and congestion.
 */
__step bool is_all_for_anchor(const struct packet *packet, const struct outer_packet *outer,
			      const struct table_settings *settings)
{
	return has_anchor(packet, outer, settings) && outer->family == 4 && outer->ecn != ECN_CE &&
	       !(settings->flags & SETTING_DECAP_L4);
}

/* Whose envelope is it, is it sound, and what is inside?  Changes nothing yet. */
__step verdict read_envelope(struct __sk_buff *skb, struct packet *packet,
			     struct outer_packet *outer, const struct table_settings *settings)
{
	verdict verdict = read_tunnel(skb, packet, settings, outer);
	__u32 peer_flags;

	if (verdict)
		return verdict;
	if (is_all_for_anchor(packet, outer, settings))
		return HOST;
	verdict = admit_sender(packet, &outer->source, outer->vni, outer->kind, &peer_flags);
	if (verdict)
		return verdict;
	verdict = parse(skb, packet, outer->inner, outer->end);
	if (verdict)
		return verdict;
	return verify(skb, packet, outer, peer_flags & PEER_ZERO_CHECKSUM6);
}

__step verdict walk_underlay(struct __sk_buff *skb, struct packet *packet)
{
	const struct table_settings *settings = frame_settings();
	struct outer_packet outer;
	verdict verdict;

	if (!settings)
		return HOST;
	frame_pull(skb);
	verdict = parse_outer(skb, settings, &outer);
	if (verdict)
		return verdict;
	if (outer.kind == ENCAP_STT)
		return receive_stt(skb, packet, &outer, settings);
	verdict = read_envelope(skb, packet, &outer, settings);
	if (verdict)
		return verdict;
	verdict = admit_frame(packet) ?: nvgre_check_tag(packet, outer.kind);
	if (verdict)
		return verdict;
	verdict = check_ecn(packet, &outer);
	if (verdict)
		return verdict;
	if (is_for_anchor(packet, &outer, settings))
		return HOST;
	verdict = decapsulate(skb, packet, &outer, settings);
	if (verdict)
		return verdict;
	return lift_tag(skb, packet) ?: walk_inner(skb, packet);
}

SEC("tc")
int from_underlay(struct __sk_buff *skb)
{
	struct packet packet;

	packet_begin(skb, &packet);
	return conclude(&packet, walk_underlay(skb, &packet));
}

/* As in <linux/if_tunnel.h>, which wants a C library. */
#define TUNNEL_KEY bpf_htons(0x0004)
#define TUNNEL_OAM bpf_htons(0x0200)

/* Who sent it, as the kernel's receiver noted it; false: the frame came another way. */
__step bool read_tunnel_key(struct __sk_buff *skb, struct bpf_tunnel_key *key,
			    struct table_address *source)
{
	if (!bpf_skb_get_tunnel_key(skb, key, sizeof(*key), BPF_F_TUNINFO_FLAGS))
		table_address_from_ip4(source, bpf_htonl(key->remote_ipv4));
	else if (!bpf_skb_get_tunnel_key(skb, key, sizeof(*key),
					 BPF_F_TUNINFO_IPV6 | BPF_F_TUNINFO_FLAGS))
		__builtin_memcpy(source->bytes, key->remote_ipv6, sizeof(source->bytes));
	else
		return false;
	return true;
}

/* The kernel shows options without their O and C bits; those are among the key's flags. */
__step verdict check_geneve_key(struct __sk_buff *skb, const struct bpf_tunnel_key *key)
{
	struct scratch *scratch = frame_scratch();
	long n;

	if (key->tunnel_flags & TUNNEL_OAM)
		return DROP_CONTROL_PACKET;
	if (!scratch)
		return NEXT;
	n = bpf_skb_get_tunnel_opt(skb, scratch->bytes, GENEVE_OPTIONS_MAX);
	return n > 0 ? geneve_check_options(n) : NEXT;
}

/* What of a tunnel header the kernel's receiver does not look at. */
__step verdict check_tunnel_key(struct __sk_buff *skb, const struct bpf_tunnel_key *key,
				enum encap_kind kind, __u32 *ret_vni)
{
	*ret_vni = key->tunnel_id;
	if (kind == ENCAP_VXLAN)
		return NEXT;
	if (kind == ENCAP_GENEVE)
		return check_geneve_key(skb, key);
	if (!(key->tunnel_flags & TUNNEL_KEY))
		return DROP_GRE_KEY_MISSING;
	return kind == ENCAP_NVGRE ? nvgre_read_key(key->tunnel_id, ret_vni) : NEXT;
}

/* GRE and NVGRE share a device: what the peer may send decides. */
__step enum encap_kind kind_of_key(const struct table_settings *settings, __u32 ifindex,
				   const struct table_address *source)
{
	enum encap_kind kind = kind_of_anchor(settings, ifindex);

	return kind == ENCAP_GRE || kind == ENCAP_NVGRE ? gre_kind(source) : kind;
}

__step verdict walk_anchor(struct __sk_buff *skb, struct packet *packet)
{
	const struct table_settings *settings = frame_settings();
	struct bpf_tunnel_key key = {};
	struct table_address source;
	__u32 vni, peer_flags;
	enum encap_kind kind;
	verdict verdict;

	if (!settings || !read_tunnel_key(skb, &key, &source))
		return DROP_UNKNOWN_PEER;
	kind = kind_of_key(settings, skb->ifindex, &source);
	verdict = check_tunnel_key(skb, &key, kind, &vni);
	if (verdict)
		return verdict;
	frame_pull(skb);
	verdict = admit_sender(packet, &source, vni, kind, &peer_flags);
	if (verdict)
		return verdict;
	verdict = parse(skb, packet, 0, packet->length) ?: admit_frame(packet);
	if (verdict)
		return verdict;
	verdict = nvgre_check_tag(packet, kind);
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
