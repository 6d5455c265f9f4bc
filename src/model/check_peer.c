/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of `peers`: an address that can be reached and is not ours, an
 * envelope that this version speaks, segments that exist.
 */
#include "model/check_parts.h"

#include <errno.h>

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
	if (!address_is_ipv4(address) && address_is_link_local(address))
		return check_refuse(check, PROBLEM_INVALID, EINVAL, spot,
				    "is %s, a link-local address, which is not unique; give a "
				    "global or unique local one",
				    address_format(address, text));
	r = index_add(&check->peers, &key, position, &taken);
	if (r == -EEXIST)
		return check_refuse(check, PROBLEM_CONFLICT, EEXIST, spot,
				    "%s is the address of peers[%zu] already; remove one",
				    address_format(address, text), taken);
	return r < 0 ? check_no_memory(check) : 0;
}

/* Only where our addresses are given: otherwise the kernel layer finds them, and asks this too. */
static int check_against_underlay(const struct check *check, size_t position)
{
	const struct underlay *underlay = &check->model->underlay;
	const struct address *address = &check->model->peers[position].address;
	struct spot spot = SPOT(noun_peer, position, "address");
	bool family_is_ours = !underlay->n_addresses;
	char text[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < underlay->n_addresses; i++) {
		const struct address *own = &underlay->addresses[i];

		if (address_equal(own, address))
			return check_refuse(
				check, PROBLEM_INVALID, EINVAL, spot,
				"%s is this hypervisor's own address (underlay.address); "
				"a peer is another one",
				address_format(address, text));
		if (address_is_ipv4(own) == address_is_ipv4(address))
			family_is_ours = true;
	}
	if (family_is_ours)
		return 0;
	return check_refuse(check, PROBLEM_INVALID, EAFNOSUPPORT, spot,
			    "is %s, but underlay.address has no %s address to send from; add one",
			    address_format(address, text),
			    address_is_ipv4(address) ? "IPv4" : "IPv6");
}

static bool is_spoken(enum encap_kind kind)
{
	switch (kind) {
#define X(symbol, number, name, spoken)                                                            \
	case ENCAP_##symbol:                                                                       \
		return spoken;
		ENCAP_KINDS(X)
#undef X
	default:
		return false;
	}
}

static const char *encap_name(enum encap_kind kind)
{
	static const char *const names[] = {
#define X(symbol, number, name, spoken) [number] = name,
		ENCAP_KINDS(X)
#undef X
	};

	return names[kind];
}

static int check_available(const struct check *check, size_t position)
{
	const struct peer *peer = &check->model->peers[position];

	if (!is_spoken(peer->encapsulation))
		return check_refuse(check, PROBLEM_INVALID, EOPNOTSUPP,
				    SPOT(noun_peer, position, "encapsulation"),
				    "%s is not available in this version; use vxlan",
				    encap_name(peer->encapsulation));
	if (peer->role != ROLE_VTEP)
		return check_refuse(check, PROBLEM_INVALID, EOPNOTSUPP,
				    SPOT(noun_peer, position, "role"),
				    "replicator is not available in this version; use vtep");
	return 0;
}

static int check_members_of(const struct check *check, size_t position, size_t *n_members)
{
	const struct peer *peer = &check->model->peers[position];
	struct spot spot = SPOT(noun_peer, position, "segments");

	for (size_t i = 0; i < peer->n_segments; i++) {
		if (!check_segment_name(check, spot, peer->segments[i]))
			return -ENOENT;
	}
	*n_members += peer->in_all_segments ? check->model->n_segments : peer->n_segments;
	if (*n_members <= TABLE_MAX_MEMBERS)
		return 0;
	return check_refuse(check, PROBLEM_TOO_LARGE, E2BIG, spot,
			    "brings the pairs of a peer and a segment that it takes part in above "
			    "%d; give peers only the segments that they need",
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
			r = check_available(check, i);
		if (r == 0)
			r = check_members_of(check, i, &n_members);
	}
	return r;
}
