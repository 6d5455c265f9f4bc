/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers: record by slot, slot by address, next hops, memberships.  Records are
 * written through the mapping, so that next hops are switched by one store.
 */
#include "kernel/maps_state.h"

#include "base/problem.h"
#include "kernel/batch.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* nexthop_first and n_nexthops, which a reader sees together. */
union nexthop_word {
	struct {
		uint32_t first;
		uint32_t n;
	};
	uint64_t whole;
};

#define WORD_OFFSET offsetof(struct table_peer, nexthop_first)
_Static_assert(WORD_OFFSET == 8, "what stands before the word is a word itself");

static uint64_t *word_of(struct table_peer *peer)
{
	return (uint64_t *)(void *)&peer->nexthop_first;
}

static union nexthop_word read_word(const struct table_peer *peer)
{
	return (union nexthop_word){
		.whole = __atomic_load_n((const uint64_t *)(const void *)&peer->nexthop_first,
					 __ATOMIC_RELAXED)};
}

static void write_word(struct table_peer *peer, union nexthop_word word)
{
	__atomic_store_n(word_of(peer), word.whole, __ATOMIC_RELEASE);
}

/* Would half of one header and half of the other make neither? */
static bool has_another_form(const struct table_peer *present, const struct table_peer *record)
{
	return present->flags & PEER_IN_USE &&
	       (present->kind != record->kind || present->family != record->family ||
		present->header_bytes != record->header_bytes);
}

/* Everything but the next hops; a frame that is being sent may see half of a changed header. */
static void write_record(struct table_peer *peer, const struct table_peer *record)
{
	const size_t rest = WORD_OFFSET + sizeof(uint64_t);
	uint64_t head;

	memcpy((uint8_t *)peer + rest, (const uint8_t *)record + rest, sizeof(*peer) - rest);
	memcpy(&head, record, sizeof(head));
	__atomic_store_n((uint64_t *)(void *)peer, head, __ATOMIC_RELEASE);
}

/* For the moment in which the envelope changes the peer is unreachable: no frame gets half of it. */
static void replace_record(struct table_peer *peer, const struct table_peer *record)
{
	union nexthop_word word = read_word(peer);
	bool hide = has_another_form(peer, record);

	if (hide)
		write_word(peer, (union nexthop_word){.first = word.first});
	write_record(peer, record);
	if (hide)
		write_word(peer, word);
}

/* What another peer sent from that address is not its any more. */
static int write_index(struct datapath *dp, const struct table_address *address, uint32_t peer)
{
	uint32_t owner;

	if (map_read(dp, MAP_PEER_BY_ADDRESS, address, &owner) == 0 && owner != peer)
		dp->has_strays = true;
	return map_write(dp, MAP_PEER_BY_ADDRESS, address, &peer);
}

uint32_t maps_peer_at(const struct datapath *dp, const struct table_address *address)
{
	uint32_t slot = slots_find_peer(dp->slots, address);

	if (slot != TABLE_NO_SLOT)
		return slot;
	if (map_read(dp, MAP_PEER_BY_ADDRESS, address, &slot) < 0)
		return TABLE_NO_SLOT;
	return slots_name(dp->slots, SLOT_PEER, slot) ? slot : TABLE_NO_SLOT;
}

int maps_put_peer_address(struct datapath *dp, uint32_t peer, const struct table_address *address,
			  struct problem *problem)
{
	if (!slots_name(dp->slots, SLOT_PEER, peer))
		return -ENOENT;
	return maps_refused(write_index(dp, address, peer), "a peer's addresses", problem);
}

int maps_keep_peer_addresses(struct datapath *dp, maps_address_test is_wanted, const void *arg)
{
	_cleanup_batch_ struct batch batch = {0};
	int r = batch_open(&batch, datapath_fd(dp, MAP_PEER_BY_ADDRESS));

	while (r >= 0 && (r = batch_next(&batch)) > 0)
		for (uint32_t i = 0; i < batch.n && r >= 0; i++) {
			const struct table_address *address = batch_key(&batch, i);

			if (is_wanted(arg, address, *(const uint32_t *)batch_value(&batch, i)))
				continue;
			dp->has_strays = true;
			r = map_delete(dp, MAP_PEER_BY_ADDRESS, address);
		}
	return r;
}

int maps_put_peer(struct datapath *dp, const struct table_peer *record, uint32_t *ret_slot,
		  struct problem *problem)
{
	struct table_peer peer = *record;
	union slot_name name = {.address = record->remote};
	uint32_t slot;
	int r;

	peer.flags |= PEER_IN_USE;
	r = maps_assign(dp, SLOT_PEER, &name, &slot, problem);
	if (r >= 0) {
		replace_record(&dp->peers[slot], &peer);
		r = write_index(dp, &peer.remote, slot);
	}
	if (r < 0)
		return maps_refused(r, "a peer", problem);
	*ret_slot = slot;
	return 0;
}

int maps_delete_peer(struct datapath *dp, const struct table_address *address)
{
	uint32_t slot = slots_find_peer(dp->slots, address), owner;
	struct table_peer nothing = {};
	int r;

	if (slot == TABLE_NO_SLOT)
		return -ENOENT;
	/* it may be another peer's by now, as one of several */
	if (map_read(dp, MAP_PEER_BY_ADDRESS, address, &owner) == 0 && owner == slot) {
		r = map_delete(dp, MAP_PEER_BY_ADDRESS, address);
		if (r < 0)
			return r;
	}
	write_word(&dp->peers[slot], (union nexthop_word){});
	write_record(&dp->peers[slot], &nothing);
	dp->has_strays = true;
	return slots_retire(dp->slots, SLOT_PEER, slot);
}

int maps_get_peer(const struct datapath *dp, uint32_t slot, struct table_peer *ret)
{
	if (slot >= TABLE_MAX_PEERS)
		return -ERANGE;
	*ret = dp->peers[slot];
	return 0;
}

int maps_get_nexthops(const struct datapath *dp, uint32_t peer, struct table_nexthop *ret)
{
	union nexthop_word word;
	int r;

	if (peer >= TABLE_MAX_PEERS)
		return -ERANGE;
	word = read_word(&dp->peers[peer]);
	for (uint32_t i = 0; i < word.n && i < TABLE_NEXTHOPS; i++) {
		uint32_t index = word.first + i;

		r = map_read(dp, MAP_NEXTHOPS, &index, &ret[i]);
		if (r < 0)
			return r;
	}
	return (int)(word.n < TABLE_NEXTHOPS ? word.n : TABLE_NEXTHOPS);
}

static bool has_nexthops(const struct datapath *dp, uint32_t peer,
			 const struct table_nexthop *nexthops, size_t n)
{
	struct table_nexthop present[TABLE_NEXTHOPS];
	int r = maps_get_nexthops(dp, peer, present);

	return r == (int)n && !memcmp(present, nexthops, n * sizeof(*nexthops));
}

/*
 * The bank that the peer does not point at is written, then the peer points at
 * it.  A frame that read the word before the last change but one and still has
 * not read its next hop could see a half; it would have to take longer than
 * two changes.
 */
int maps_set_nexthops(struct datapath *dp, uint32_t peer, const struct table_nexthop *nexthops,
		      size_t n)
{
	union nexthop_word word;
	uint32_t base = peer * TABLE_NEXTHOP_BANKS * TABLE_NEXTHOPS;
	int r;

	if (!slots_name(dp->slots, SLOT_PEER, peer))
		return -ENOENT;
	if (n > TABLE_NEXTHOPS)
		n = TABLE_NEXTHOPS;
	if (has_nexthops(dp, peer, nexthops, n))
		return 0;
	word = read_word(&dp->peers[peer]);
	word.first = word.first == base ? base + TABLE_NEXTHOPS : base;
	word.n = (uint32_t)n;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t index = word.first + i;

		r = map_write(dp, MAP_NEXTHOPS, &index, &nexthops[i]);
		if (r < 0)
			return r;
	}
	write_word(&dp->peers[peer], word);
	return 0;
}

int maps_put_member(struct datapath *dp, uint32_t vni, const struct table_address *address,
		    uint32_t peer, struct problem *problem)
{
	struct table_member member = {.vni = vni, .address = *address};
	struct table_membership membership = {
		.peer = peer,
		.segment = slots_find_segment(dp->slots, vni),
	};
	int r = map_write(dp, MAP_MEMBERS, &member, &membership);

	if (r == -E2BIG)
		return problem_set(problem, PROBLEM_TOO_LARGE, ENOSPC, NULL,
				   "there are %u pairs of peer and segment already, which is the "
				   "most; give peers their `segments`",
				   TABLE_MAX_MEMBERS);
	return maps_refused(r, "a peer's segments", problem);
}

int maps_delete_member(struct datapath *dp, uint32_t vni, const struct table_address *address,
		       uint32_t peer)
{
	struct table_member member = {.vni = vni, .address = *address};
	struct table_membership membership;

	dp->has_strays = true;
	if (map_read(dp, MAP_MEMBERS, &member, &membership) == 0 && membership.peer != peer)
		return 0;
	return map_delete(dp, MAP_MEMBERS, &member);
}
