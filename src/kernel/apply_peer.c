/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does an operation on a peer do?  Finds the way to it and writes its
 * record; which segments it is in follows in apply_settle.c.
 */
#include "base/problem.h"
#include "kernel/apply_object.h"
#include "kernel/maps.h"
#include "kernel/resolve.h"
#include "kernel/slots.h"
#include "kernel/stt.h"

#include <errno.h>
#include <string.h>

#define ALIKE (1u << ENCAP_NVGRE | 1u << ENCAP_GRE)
#define STT   (1u << ENCAP_STT)

/* What an earlier daemon, or a peer that is to come back, was read as. */
static uint32_t reading_in_datapath(const struct host *host, const struct address *address)
{
	uint32_t slot = slots_find_peer(datapath_slots(host->datapath), address);
	struct table_peer record;

	if (slot == TABLE_NO_SLOT || maps_get_peer(host->datapath, slot, &record) < 0)
		return 1u << ENCAP_GRE;
	return (record.accepts & 1u << ENCAP_NVGRE ? 1u << ENCAP_NVGRE : 1u << ENCAP_GRE) |
	       (record.accepts & STT);
}

/* One of NVGRE and GRE, and STT or not: as it is said, or else as it was. */
static uint32_t choose_reading(const struct peer *wanted, uint32_t present)
{
	uint32_t said = wanted->accept ? wanted->accept : 1u << wanted->encapsulation;
	uint32_t alike = said & ALIKE ? said & ALIKE : present & ALIKE;

	return alike | (wanted->accept ? said & STT : (said | present) & STT);
}

static void set_reading(const struct host *host, struct host_peer *peer)
{
	if (host->undoing) {
		peer->reading = peer->reading_before;
		return;
	}
	peer->reading_before = peer->reading;
	peer->reading = choose_reading(&peer->wanted, peer->reading);
}

static struct host_peer *find_or_make(struct host *host, const struct peer *wanted)
{
	struct host_peer *peer = host_peer(host, &wanted->address);

	if (!peer) {
		peer = calloc(1, sizeof(*peer));
		if (!peer)
			return NULL;
		peer->address = wanted->address;
		peer->reading = peer->reading_before = reading_in_datapath(host, &peer->address);
		HASH_ADD(hh, host->peers, address, sizeof(peer->address), peer);
	}
	peer->wanted = *wanted;
	peer->wanted.segments = NULL;
	peer->wanted.n_segments = 0;
	set_reading(host, peer);
	return peer;
}

static int put_other_addresses(struct host *host, const struct host_peer *peer,
			       const struct peer *before, struct problem *problem)
{
	const struct address *others = peer->wanted.other_addresses;
	int error = 0;

	if (before && before->n_other_addresses)
		host->leftovers = true; /* apply_forget knows which are still wanted */
	for (size_t i = 0; !error && i < peer->wanted.n_other_addresses; i++)
		error = maps_put_peer_address(host->datapath, peer->slot,
					      (const struct table_address *)&others[i], problem);
	return error ? problem_set(problem, PROBLEM_SYSTEM, -error, NULL,
				   "a peer's address cannot be written to the datapath: %s",
				   strerror(-error)) :
		       0;
}

int apply_peer(struct host *host, const struct peer *before, const struct peer *after,
	       struct problem *problem)
{
	struct host_peer *peer = before ? host_peer(host, &before->address) : NULL;
	char text[ADDRESS_TEXT_MAX];
	int error;

	if (before)
		apply_touch_peer(host, before);
	if (peer && (!after || !address_equal(&before->address, &after->address)))
		host_forget_peer(host, peer);
	if (!after)
		return 0;
	peer = find_or_make(host, after);
	if (!peer)
		return problem_set(problem, PROBLEM_SYSTEM, ENOMEM, NULL, "no memory");
	apply_touch_peer(host, after);
	error = apply_devices_for(host, peer);
	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL,
				   "the datapath cannot be told: %s", strerror(-error));
	error = resolve_peer(host, peer);
	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL,
				   "the route to peer %s cannot be found out: %s",
				   address_format(&after->address, text), strerror(-error));
	/* so that the first frames need not wait, or fall into a tap that is not there yet */
	resolve_probe(host, peer);
	if (peer->written.any && peer->record.kind == ENCAP_STT)
		stt_settle(host);
	error = resolve_publish(host, peer, problem);
	return error ? error : put_other_addresses(host, peer, before, problem);
}
