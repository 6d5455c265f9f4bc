/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of `peers`: addresses that can be reached, are not ours and are no
 * other peer's, and segments that exist.
 */
#include "model/check_parts.h"

#include <errno.h>

static int refuse_link_local(const struct check *check, struct spot spot,
			     const struct address *address)
{
	char text[ADDRESS_TEXT_MAX];

	if (address_is_ipv4(address) || !address_is_link_local(address))
		return 0;
	return check_refuse(check, PROBLEM_INVALID, EINVAL, spot,
			    "is %s, a link-local address, which is not unique; give a "
			    "global or unique local one",
			    address_format(address, text));
}

static int check_address(struct check *check, size_t position)
{
	const struct address *address = &check->model->peers[position].address;
	struct spot spot = SPOT(noun_peer, position, "address");
	struct index_key key = index_key_of_bytes(address, sizeof(*address));
	char text[ADDRESS_TEXT_MAX];
	size_t taken;
	int r;

	r = check_unicast_address(check, spot, address);
	if (r < 0)
		return r;
	r = refuse_link_local(check, spot, address);
	if (r < 0)
		return r;
	r = index_add(&check->peers, &key, position, &taken);
	if (r == -EEXIST)
		return check_refuse(check, PROBLEM_CONFLICT, EEXIST, spot,
				    "%s is the address of peers[%zu] already; remove one",
				    address_format(address, text), taken);
	return r < 0 ? check_no_memory(check) : 0;
}

/* -EADDRINUSE with the problem filled when the address is one of underlay.address. */
static int refuse_our_own(const struct check *check, struct spot spot,
			  const struct address *address)
{
	const struct underlay *underlay = &check->model->underlay;
	char text[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < underlay->n_addresses; i++)
		if (address_equal(&underlay->addresses[i], address))
			return check_refuse(
				check, PROBLEM_INVALID, EINVAL, spot,
				"%s is this hypervisor's own address (underlay.address); "
				"a peer is another one",
				address_format(address, text));
	return 0;
}

/* Only where our addresses are given: otherwise the kernel layer finds them, and asks this too. */
static int check_against_underlay(const struct check *check, size_t position)
{
	const struct underlay *underlay = &check->model->underlay;
	const struct address *address = &check->model->peers[position].address;
	struct spot spot = SPOT(noun_peer, position, "address");
	bool family_is_ours = !underlay->n_addresses;
	char text[ADDRESS_TEXT_MAX];
	int r = refuse_our_own(check, spot, address);

	for (size_t i = 0; i < underlay->n_addresses; i++)
		if (address_is_ipv4(&underlay->addresses[i]) == address_is_ipv4(address))
			family_is_ours = true;
	if (r < 0 || family_is_ours)
		return r;
	return check_refuse(check, PROBLEM_INVALID, EAFNOSUPPORT, spot,
			    "is %s, but underlay.address has no %s address to send from; add one",
			    address_format(address, text),
			    address_is_ipv4(address) ? "IPv4" : "IPv6");
}

static int check_other_address(struct check *check, size_t position, int i)
{
	const struct address *address = &check->model->peers[position].other_addresses[i];
	struct index_key key = index_key_of_bytes(address, sizeof(*address));
	struct spot spot = {&noun_peer, position, "other-addresses", i};
	char text[ADDRESS_TEXT_MAX];
	size_t taken;
	int r;

	r = check_unicast_address(check, spot, address);
	if (r == 0)
		r = refuse_link_local(check, spot, address);
	if (r == 0)
		r = refuse_our_own(check, spot, address);
	if (r < 0)
		return r;
	if (index_find(&check->peers, &key, &taken))
		return check_refuse(
			check, PROBLEM_CONFLICT, EEXIST, spot,
			taken == position ?
				"%s is the peer's address already (peers[%zu].address); "
				"remove it here" :
				"%s is the address of peers[%zu] already; an address is "
				"one peer's, remove one",
			address_format(address, text), taken);
	r = index_add(&check->others, &key, position, &taken);
	if (r == -EEXIST)
		return check_refuse(
			check, PROBLEM_CONFLICT, EEXIST, spot,
			"%s is in peers[%zu].other-addresses already; an address is one "
			"peer's, remove one",
			address_format(address, text), taken);
	return r < 0 ? check_no_memory(check) : 0;
}

/* When every peer's own address is known. */
static int check_other_addresses(struct check *check)
{
	size_t n = check->model->n_peers;
	int r = index_init(&check->others, n * MODEL_OTHER_ADDRESSES_MAX);

	if (r < 0)
		return check_no_memory(check);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; r == 0 && k < check->model->peers[i].n_other_addresses; k++)
			r = check_other_address(check, i, (int)k);
	return r;
}

static int check_role(const struct check *check, size_t position)
{
	if (check->model->peers[position].role == ROLE_VTEP)
		return 0;
	return check_refuse(check, PROBLEM_INVALID, EOPNOTSUPP, SPOT(noun_peer, position, "role"),
			    "replicator is not available in this version; use vtep");
}

static int check_members_of(const struct check *check, size_t position, size_t *n_members)
{
	const struct peer *peer = &check->model->peers[position];
	struct spot spot = SPOT(noun_peer, position, "segments");

	for (size_t i = 0; i < peer->n_segments; i++) {
		if (!check_segment_name(check, spot, peer->segments[i]))
			return -ENOENT;
	}
	*n_members += (peer->in_all_segments ? check->model->n_segments : peer->n_segments) *
		      (1 + peer->n_other_addresses);
	if (*n_members <= TABLE_MAX_MEMBERS)
		return 0;
	return check_refuse(
		check, PROBLEM_TOO_LARGE, E2BIG, spot,
		"brings the pairs of a peer's address and a segment that it takes part in "
		"above %d; give peers only the segments that they need",
		TABLE_MAX_MEMBERS);
}

int check_peers(struct check *check)
{
	size_t n = check->model->n_peers, n_members = 0;
	int r;

	r = check_count(check, &noun_peer, n, TABLE_MAX_PEERS);
	if (r < 0)
		return r;
	if (index_init(&check->peers, n) < 0)
		return check_no_memory(check);
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = check_members(check, &noun_peer, i);
		if (r == 0)
			r = check_address(check, i);
		if (r == 0)
			r = check_against_underlay(check, i);
		if (r == 0)
			r = check_role(check, i);
		if (r == 0)
			r = check_encap(check, i);
		if (r == 0)
			r = check_members_of(check, i, &n_members);
	}
	return r ? r : check_other_addresses(check);
}
