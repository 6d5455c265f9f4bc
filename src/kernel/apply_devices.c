/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which devices of its own does the switch need?  An anchor for each envelope
 * that a peer is sent or is said to send, and the relay where one frame leaves
 * in several envelopes or in one that the kernel must cut it for.  There before
 * the first frame needs them; what is not needed any more goes in apply_forget.
 */
#include "kernel/anchor.h"
#include "kernel/apply_object.h"
#include "kernel/relay.h"

/* An envelope that is accepted only because none is refused wakes nobody. */
static uint32_t rows_for(const struct host_peer *peer)
{
	int family = address_family(&peer->address);
	uint32_t kinds = peer->wanted.accept | 1u << peer->wanted.encapsulation, rows = 0;

	for (enum encap_kind kind = ENCAP_NONE + 1; kind < N_ENCAP_KINDS; kind++)
		if (kinds & 1u << kind)
			rows |= anchor_rows(kind, family);
	return rows;
}

/* What BPF cannot do and no anchor does; STT's frames start over elsewhere. */
static bool needs_relay(const struct host *host, const struct host_peer *peer)
{
	const struct peer *wanted = &peer->wanted;

	return wanted->gre_checksum || wanted->gre_sequence ||
	       (wanted->encapsulation != ENCAP_STT &&
		!anchor_ifindex(host, wanted->encapsulation, address_family(&peer->address)));
}

static uint32_t rows_always(const struct host *host)
{
	return host->n_devices ? 1u << ANCHOR_VXLAN : 0;
}

int apply_devices_present(struct host *host)
{
	host->wanted_anchors |= rows_always(host);
	(void)anchor_ensure(host, /* retry= */ true);
	(void)relay_ensure(host, /* retry= */ true);
	return apply_put_settings(host);
}

int apply_devices_for(struct host *host, const struct host_peer *peer)
{
	uint32_t rows = host->n_devices ? rows_for(peer) : 0;
	bool changed = false;

	if (rows & ~host->wanted_anchors) {
		host->wanted_anchors |= rows;
		(void)anchor_ensure(host, /* retry= */ false);
		changed = true;
	}
	if (host->n_devices && !host->relay.wanted && needs_relay(host, peer)) {
		host->relay.wanted = true;
		changed |= relay_ensure(host, /* retry= */ false);
	}
	return changed ? apply_put_settings(host) : 0;
}

static bool is_any_mixed(const struct host *host)
{
	struct host_segment *segment, *next;

	HASH_ITER(hh, host->segments, segment, next)
		if (__builtin_popcount(segment->record.flood_shapes) > 1)
			return true;
	return false;
}

int apply_devices(struct host *host)
{
	uint32_t rows = rows_always(host), rows_before = host->wanted_anchors;
	bool relay_before = host->relay.wanted, changed;
	struct host_peer *peer, *next;

	HASH_ITER(hh, host->peers, peer, next)
		rows |= host->n_devices ? rows_for(peer) : 0;
	host->wanted_anchors = rows;
	changed = anchor_ensure(host, /* retry= */ false);
	host->relay.wanted = host->n_devices && is_any_mixed(host);
	HASH_ITER(hh, host->peers, peer, next)
		host->relay.wanted |= host->n_devices && needs_relay(host, peer);
	changed |= relay_ensure(host, /* retry= */ false);
	if ((rows_before & ~rows) || (relay_before && !host->relay.wanted))
		host->leftovers = true;
	return changed || rows != rows_before || relay_before != host->relay.wanted ?
		       apply_put_settings(host) :
		       0;
}
