/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * May it enter, and into which segment?  Who it comes from decides: a port
 * belongs to one segment; a peer must be configured for the segment that the
 * tunnel header names.
 *
 * Ends in: learn, or a drop.
 */
#ifndef OVERLAID_DATAPATH_STEP_ADMIT_H
#define OVERLAID_DATAPATH_STEP_ADMIT_H

#include "datapath/step/parse.h"

/* 802.1Q-2018 table 8-1: 01:80:c2:00:00:00 to 0f stay on their link. */
__step bool is_link_local_control(const __u8 *mac)
{
	return mac[0] == 0x01 && mac[1] == 0x80 && mac[2] == 0xc2 && mac[3] == 0 && mac[4] == 0 &&
	       mac[5] < 0x10;
}

/* What holds for every frame, whoever sent it; packet->segment is set. */
__step verdict admit_frame(const struct packet *packet)
{
	const __u8 *source = packet->macs + ETH_ALEN;

	if (unlikely(is_group(source)))
		return DROP_INNER_SRC_MULTICAST;
	if (unlikely(!(source[0] | source[1] | source[2] | source[3] | source[4] | source[5])))
		return DROP_INNER_SRC_ZERO;
	if (unlikely(is_link_local_control(packet->macs)))
		return DROP_LINK_LOCAL_CONTROL;
	if (unlikely(packet->tagged && !(packet->segment->flags & SEGMENT_CARRY_VLAN)))
		return DROP_INNER_VLAN;
	return NEXT;
}

__step bool is_same_mac(const __u8 *a, const __u8 *b)
{
	__u8 differ = 0;

	for (__u32 i = 0; i < ETH_ALEN; i++)
		differ |= a[i] ^ b[i];
	return !differ;
}

__step bool may_send(const struct table_port *port, const __u8 *source)
{
	for (__u32 i = 0; i < TABLE_MACS_PER_PORT; i++)
		if (i < port->n_macs && is_same_mac(port->macs[i], source))
			return true;
	return false;
}

__step verdict admit_from_port(struct __sk_buff *skb, struct packet *packet)
{
	__u32 ifindex = skb->ifindex;
	const __u32 *slot = bpf_map_lookup_elem(&port_by_ifindex, &ifindex);
	const struct table_port *port;

	if (!slot)
		return DROP_UNKNOWN_PORT;
	packet->port_in = *slot;
	port = bpf_map_lookup_elem(&ports, &packet->port_in);
	if (!port)
		return DROP_UNKNOWN_PORT;
	packet->segment_slot = port->segment;
	packet->segment = bpf_map_lookup_elem(&segments, &packet->segment_slot);
	if (!packet->segment || !(packet->segment->flags & SEGMENT_IN_USE)) {
		packet->segment_slot = TABLE_NO_SLOT;
		return DROP_UNKNOWN_PORT;
	}
	if (port->flags & PORT_CHECK_SOURCE && !may_send(port, packet->macs + ETH_ALEN))
		return DROP_MAC_NOT_ALLOWED;
	return admit_frame(packet);
}

/* Names what is wrong with a sender that is not a member of the segment. */
__step verdict refuse_peer(struct packet *packet, const struct table_address *source, __u32 vni)
{
	const __u32 *slot = bpf_map_lookup_elem(&peer_by_address, source);

	if (!slot)
		return bpf_map_lookup_elem(&local_addresses, source) ? DROP_OWN_ADDRESS :
								       DROP_UNKNOWN_PEER;
	packet->peer_in = *slot;
	return bpf_map_lookup_elem(&segment_by_vni, &vni) ? DROP_PEER_NOT_IN_SEGMENT :
							    DROP_UNKNOWN_VNI;
}

/* Finds peer and segment; the checks of the frame itself are admit_frame()'s. */
__step verdict admit_peer(struct packet *packet, const struct table_address *source, __u32 vni)
{
	struct table_member member = {.vni = vni, .address = *source};
	const struct table_membership *in = bpf_map_lookup_elem(&members, &member);

	if (!in)
		return refuse_peer(packet, source, vni);
	packet->peer_in = in->peer;
	packet->segment_slot = in->segment;
	packet->segment = bpf_map_lookup_elem(&segments, &packet->segment_slot);
	if (!packet->segment || packet->segment->vni != vni) {
		packet->segment_slot = TABLE_NO_SLOT;
		return DROP_UNKNOWN_VNI;
	}
	return NEXT;
}

/* The same, and may it send in this envelope? */
__step verdict admit_sender(struct packet *packet, const struct table_address *source, __u32 vni,
			    enum encap_kind kind, __u32 *ret_peer_flags)
{
	verdict verdict = admit_peer(packet, source, vni);
	const struct table_peer *peer = bpf_map_lookup_elem(&peers, &packet->peer_in);

	/* first, since another kind's number names no segment of ours */
	if (peer && !(peer->accepts & 1u << kind))
		return DROP_WRONG_ENCAPSULATION;
	if (verdict || !peer)
		return verdict ?: DROP_UNKNOWN_PEER;
	*ret_peer_flags = peer->flags;
	return NEXT;
}

#endif
