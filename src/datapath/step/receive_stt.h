/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who reads STT?  A frame may be spread over many packets, and their checksums
 * are where no helper of the kernel would move them: threads of the daemon put
 * frames together behind a tap.  Packets go there as they came, but for a
 * priority tag of the underlay, since a tag is the threads' mark for frames
 * that come the other way.  Never to the host, which would answer with RST.
 *
 * Ends in: HANDED_ON, or a drop.
 */
#ifndef OVERLAID_DATAPATH_STEP_RECEIVE_STT_H
#define OVERLAID_DATAPATH_STEP_RECEIVE_STT_H

#include "datapath/conclude.h"
#include "datapath/step/read_tunnel.h"

/* Is anybody there to read the tap? */
__step bool is_stt_spoken(const struct table_settings *settings)
{
	__u32 zero = 0;
	const __u64 *until = bpf_map_lookup_elem(&heartbeat, &zero);

	return settings->stt_device && until && *until > bpf_ktime_get_coarse_ns();
}

__step verdict receive_stt(struct __sk_buff *skb, struct packet *packet, struct outer_packet *outer,
			   const struct table_settings *settings)
{
	const __u32 *slot = bpf_map_lookup_elem(&peer_by_address, &outer->source);
	const struct table_peer *peer = slot ? bpf_map_lookup_elem(&peers, slot) : NULL;
	verdict verdict;

	if (!slot || !peer)
		return HOST;
	packet->peer_in = *slot;
	if (!(peer->accepts & 1u << ENCAP_STT))
		return DROP_WRONG_ENCAPSULATION;
	verdict = read_tunnel(skb, packet, settings, outer);
	if (verdict)
		return verdict;
	if (!is_stt_spoken(settings))
		return DROP_STT_PAUSED;
	if (skb->vlan_present && bpf_skb_vlan_pop(skb))
		return DROP_DECAPSULATION_FAILED;
	return bpf_redirect(settings->stt_device, 0) == TC_ACT_REDIRECT ? HANDED_ON :
									  DROP_SEND_FAILED;
}

#endif
