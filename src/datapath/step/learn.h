/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who sent it?  Remembers that the source MAC lives where the frame came from.
 * Never drops: a MAC that may not be learned still sends.
 *
 * Static entries are never touched; a move needs no room; a new entry needs
 * room in the table and below the limits of its port and segment.
 */
#ifndef OVERLAID_DATAPATH_STEP_LEARN_H
#define OVERLAID_DATAPATH_STEP_LEARN_H

#include "datapath/conclude.h"

#define LEARN_REFRESH_NS 1000000000ull

/* The first word of struct table_fdb, to be read and written whole. */
union fdb_word {
	struct {
		__u32 path;
		__u8 path_kind;
		__u8 source;
		__u16 moves;
	};
	__u64 whole;
};

__step void learn_report(const struct packet *packet, const struct table_fdb_key *key,
			 enum event_kind kind, union fdb_word now, union fdb_word before)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return;
	event->kind = kind;
	event->vni = key->vni;
	__builtin_memcpy(event->mac, key->mac, sizeof(event->mac));
	event->path_kind = now.path_kind;
	event->path = now.path;
	event->old_path_kind = before.path_kind;
	event->old_path = before.path;
	event->mtu = 0;
	event->reserved = 0;
	bpf_ringbuf_submit(event, 0);
}

/* Takes one from the limit, or says no.  limit 0: none at all. */
__step bool learn_reserve(__u64 *learned, __u32 limit)
{
	if (!learned)
		return false;
	if ((__s64)__sync_fetch_and_add(learned, 1) < limit)
		return true;
	__sync_fetch_and_add(learned, -1);
	return false;
}

__step void learn_refused(const struct packet *packet, const struct table_fdb_key *key,
			  union fdb_word now)
{
	union fdb_word none = {};
	__u64 n = packet->port_in != TABLE_NO_SLOT ?
			  COUNT_ONE(port_traffic, packet->port_in, learn_refused) :
			  COUNT_ONE(peer_traffic, packet->peer_in, learn_refused);

	COUNT_ONE(segment_traffic, packet->segment_slot, learn_refused);
	if (!(n & (n - 1))) /* the 1st, 2nd, 4th, 8th ... */
		learn_report(packet, key, EVENT_REFUSED, now, none);
}

__step void learn_new(struct packet *packet, const struct table_fdb_key *key, union fdb_word now)
{
	struct table_fdb entry = {
		.path = now.path,
		.path_kind = now.path_kind,
		.source = FDB_LEARNED,
		.seen_ns = bpf_ktime_get_coarse_ns(),
	};
	__u64 *in_segment = bpf_map_lookup_elem(&learned_by_segment, &packet->segment_slot);
	__u64 *at_port = NULL;
	const struct table_port *port;
	union fdb_word none = {};

	if (!learn_reserve(in_segment, packet->segment->max_learned))
		return learn_refused(packet, key, now);
	if (now.path_kind == PATH_PORT) {
		at_port = bpf_map_lookup_elem(&learned_by_port, &now.path);
		port = bpf_map_lookup_elem(&ports, &now.path);
		if (!learn_reserve(at_port, port ? port->max_learned : 0)) {
			__sync_fetch_and_add(in_segment, -1);
			return learn_refused(packet, key, now);
		}
	}
	if (!bpf_map_update_elem(&fdb, key, &entry, BPF_NOEXIST))
		return learn_report(packet, key, EVENT_LEARNED, now, none);
	/* full, or another CPU was first */
	__sync_fetch_and_add(in_segment, -1);
	if (at_port)
		__sync_fetch_and_add(at_port, -1);
	if (!bpf_map_lookup_elem(&fdb, key))
		learn_refused(packet, key, now);
}

/* Moves a dynamic entry; the port's limit binds here too, the segment's total stays as it is. */
__step void learn_move(struct packet *packet, const struct table_fdb_key *key,
		       struct table_fdb *entry, union fdb_word before, union fdb_word now)
{
	const struct table_port *port;
	__u64 *learned;

	if (now.path_kind == PATH_PORT) {
		learned = bpf_map_lookup_elem(&learned_by_port, &now.path);
		port = bpf_map_lookup_elem(&ports, &now.path);
		if (!learn_reserve(learned, port ? port->max_learned : 0))
			return learn_refused(packet, key, now);
	}
	if (before.path_kind == PATH_PORT) {
		learned = bpf_map_lookup_elem(&learned_by_port, &before.path);
		if (learned)
			__sync_fetch_and_add(learned, -1);
	}
	now.moves = before.moves == 0xffff ? before.moves : before.moves + 1;
	*(volatile __u64 *)entry = now.whole;
	entry->seen_ns = bpf_ktime_get_coarse_ns();
	learn_report(packet, key, EVENT_MOVED, now, before);
}

__step void learn(struct packet *packet)
{
	struct table_fdb_key key = {.vni = packet->segment->vni};
	union fdb_word before, now = {.source = FDB_LEARNED};
	struct table_fdb *entry;
	__u64 time;

	if (!(packet->segment->flags & SEGMENT_LEARN))
		return;
	__builtin_memcpy(key.mac, packet->macs + ETH_ALEN, ETH_ALEN);
	if (packet->port_in != TABLE_NO_SLOT) {
		now.path_kind = PATH_PORT;
		now.path = packet->port_in;
	} else {
		now.path_kind = PATH_PEER;
		now.path = packet->peer_in;
	}
	entry = bpf_map_lookup_elem(&fdb, &key);
	if (unlikely(!entry))
		return learn_new(packet, &key, now);
	before.whole = *(volatile __u64 *)entry;
	if (before.source != FDB_LEARNED)
		return;
	if (unlikely(before.path != now.path || before.path_kind != now.path_kind))
		return learn_move(packet, &key, entry, before, now);
	time = bpf_ktime_get_coarse_ns();
	if (time - entry->seen_ns > LEARN_REFRESH_NS)
		entry->seen_ns = time;
}

#endif
