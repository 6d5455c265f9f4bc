/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a frame's day end?  The one place that counts and that turns a
 * verdict into what the kernel does with the skb.
 */
#ifndef OVERLAID_DATAPATH_CONCLUDE_H
#define OVERLAID_DATAPATH_CONCLUDE_H

#include "datapath/frame_tc.h"

#include <linux/pkt_cls.h>

/* Only the CPU that runs the program touches its counters: plain additions do. */
#define COUNT_TRAFFIC(map, slot, direction, packet)                                                \
	do {                                                                                       \
		__u32 _slot = (slot);                                                              \
		struct table_traffic *_traffic = bpf_map_lookup_elem(&(map), &_slot);              \
		if (_traffic) {                                                                    \
			_traffic->direction##_frames += (packet)->frames;                          \
			_traffic->direction##_bytes += (packet)->length;                           \
		}                                                                                  \
	} while (0)

#define COUNT_ONE(map, slot, member)                                                               \
	({                                                                                         \
		__u32 _slot = (slot);                                                              \
		struct table_traffic *_traffic = bpf_map_lookup_elem(&(map), &_slot);              \
		_traffic ? ++_traffic->member : 0;                                                 \
	})

/* One frame out of the switch by the path, to count at its path and in its segment. */
__step void count_sent(const struct packet *packet, enum table_path_kind kind, __u32 slot)
{
	if (kind == PATH_PORT)
		COUNT_TRAFFIC(port_traffic, slot, tx, packet);
	else
		COUNT_TRAFFIC(peer_traffic, slot, tx, packet);
	COUNT_TRAFFIC(segment_traffic, packet->segment_slot, tx, packet);
}

__step void count_received(const struct packet *packet)
{
	if (packet->segment_slot == TABLE_NO_SLOT)
		return;
	if (packet->port_in != TABLE_NO_SLOT)
		COUNT_TRAFFIC(port_traffic, packet->port_in, rx, packet);
	else
		COUNT_TRAFFIC(peer_traffic, packet->peer_in, rx, packet);
	COUNT_TRAFFIC(segment_traffic, packet->segment_slot, rx, packet);
}

static __noinline int count_drop_at(struct table_drop_key *key, __u32 frames, __u32 length)
{
	struct table_drop first = {.frames = frames, .bytes = length}, *drop;

	if (!key)
		return 0;
	drop = bpf_map_lookup_elem(&drops, key);
	if (drop) {
		drop->frames += frames;
		drop->bytes += length;
		return 0;
	}
	if (!bpf_map_update_elem(&drops, key, &first, BPF_NOEXIST))
		return 0;
	/* the table is full: the reason alone is always there, the daemon put it in first */
	key->segment = key->port = key->peer = TABLE_NO_SLOT;
	drop = bpf_map_lookup_elem(&drops, key);
	if (drop) {
		drop->frames += frames;
		drop->bytes += length;
	}
	return 0;
}

__step void count_drop(const struct packet *packet, enum drop_reason reason, __u32 peer)
{
	struct table_drop_key key = {
		.reason = reason,
		.segment = packet->segment_slot,
		.port = packet->port_in,
		.peer = peer,
	};

	count_drop_at(&key, packet->frames, packet->length);
}

/* The same frame's second run, on the relay: how it came into the switch is counted already. */
__step int conclude_relayed(struct packet *packet, verdict verdict)
{
	if (verdict == SENT) {
		count_sent(packet, packet->path_kind, packet->path);
		return TC_ACT_REDIRECT;
	}
	if (verdict != CONSUMED)
		count_drop(packet, verdict,
			   packet->path_kind == PATH_PEER ? packet->path : TABLE_NO_SLOT);
	return TC_ACT_SHOT;
}

__step int conclude(struct packet *packet, verdict verdict)
{
	if (verdict == HOST)
		return TC_ACT_UNSPEC; /* also of filters that others have put behind ours */
	count_received(packet);
	if (packet->answered)
		count_drop(packet, packet->answered,
			   packet->path_kind == PATH_PEER ? packet->path : packet->peer_in);
	else if (verdict == SENT)
		count_sent(packet, packet->path_kind, packet->path);
	if (verdict == SENT || verdict == HANDED_ON)
		return TC_ACT_REDIRECT;
	if (verdict == CONSUMED)
		return TC_ACT_SHOT; /* TCX takes TC_ACT_STOLEN for "next": the host would have it */
	count_drop(packet, verdict,
		   packet->peer_in != TABLE_NO_SLOT || packet->path_kind != PATH_PEER ?
			   packet->peer_in :
			   packet->path);
	return TC_ACT_SHOT;
}

#endif
