/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A frame to a peer that is sent STT: to the tap, behind which a thread of the
 * daemon makes an STT packet of it, because BPF cannot do that to a
 * super-frame.  A tag says which segment and peer it is for.
 *
 * Ends in: SENT, or a drop.  from_stt sees the packet next.
 */
#ifndef OVERLAID_DATAPATH_STEP_SEND_STT_H
#define OVERLAID_DATAPATH_STEP_SEND_STT_H

#include "datapath/step/send.h"

/* Puts the tag of the path from the packet's segment to the peer before all others. */
__step verdict push_stt_path(struct __sk_buff *skb, const struct packet *packet, __u32 peer)
{
	const struct table_stt_path path = {.segment = packet->segment_slot, .peer = peer};
	const __u32 *id = bpf_map_lookup_elem(&stt_path_ids, &path);

	if (!id)
		return DROP_STT_PAUSED;
	return bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021AD), *id) ? DROP_ENCAPSULATION_FAILED :
								      NEXT;
}

/* The tap's ifindex; 0: there is none, or nobody behind it. */
__step __u32 stt_device(void)
{
	const struct table_settings *settings = frame_settings();
	__u32 zero = 0;
	const __u64 *until = bpf_map_lookup_elem(&heartbeat, &zero);

	if (!settings || !until || *until <= bpf_ktime_get_coarse_ns())
		return 0;
	return settings->stt_device;
}

/* To the peer that packet->path is. */
__step verdict send_to_stt(struct __sk_buff *skb, const struct packet *packet)
{
	__u32 device = stt_device();
	verdict verdict;

	if (!device)
		return DROP_STT_PAUSED;
	verdict = push_stt_path(skb, packet, packet->path);
	if (verdict)
		return verdict;
	return bpf_redirect(device, 0) == TC_ACT_REDIRECT ? SENT : DROP_SEND_FAILED;
}

/* A copy of the frame, which is plain and stays as it was. */
__step verdict copy_to_stt(struct __sk_buff *skb, const struct packet *packet, __u32 peer)
{
	__u32 device = stt_device();
	verdict verdict;

	if (!device)
		return DROP_STT_PAUSED;
	verdict = push_stt_path(skb, packet, peer);
	if (verdict)
		return verdict;
	if (bpf_clone_redirect(skb, device, 0))
		verdict = DROP_SEND_FAILED;
	return bpf_skb_vlan_pop(skb) ? DROP_ENCAPSULATION_FAILED : verdict;
}

#endif
