/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of a peer's envelope: one that this version speaks, options of its
 * own kind only, and numbers of segments that it can carry.
 */
#include "model/check_parts.h"

#include <errno.h>

/* RFC 7637 section 3.2: the other numbers of a virtual subnet are reserved. */
#define NVGRE_FIRST_VSID 0x001000u
#define NVGRE_LAST_VSID	 0xfffffeu

/* RFC 8926 section 3.5 */
#define GENEVE_OPTION_HEADER   4u
#define GENEVE_OPTION_RESERVED 0xe0u
#define GENEVE_OPTION_LENGTH   0x1fu /* in units of four bytes, without the header */

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

static int check_spoken(const struct check *check, size_t position)
{
	const struct peer *peer = &check->model->peers[position];

	if (!is_spoken(peer->encapsulation))
		return check_refuse(check, PROBLEM_INVALID, EOPNOTSUPP,
				    SPOT(noun_peer, position, "encapsulation"),
				    "%s is not available in this version; use vxlan",
				    encap_name(peer->encapsulation));
	for (enum encap_kind kind = ENCAP_NONE + 1; kind < N_ENCAP_KINDS; kind++)
		if (peer->accept & 1u << kind && !is_spoken(kind))
			return check_refuse(check, PROBLEM_INVALID, EOPNOTSUPP,
					    SPOT(noun_peer, position, "accept"),
					    "%s is not available in this version; remove it",
					    encap_name(kind));
	return 0;
}

static int check_accept(const struct check *check, size_t position)
{
	const uint32_t alike = 1u << ENCAP_NVGRE | 1u << ENCAP_GRE;

	if ((check->model->peers[position].accept & alike) != alike)
		return 0;
	return check_refuse(check, PROBLEM_INVALID, EINVAL, SPOT(noun_peer, position, "accept"),
			    "has both %s and %s, whose packets cannot be told apart; keep the one "
			    "that the peer sends",
			    encap_name(ENCAP_NVGRE), encap_name(ENCAP_GRE));
}

static int check_option_owner(const struct check *check, size_t position)
{
	const struct peer *peer = &check->model->peers[position];
	const struct {
		const char *member;
		bool given;
		enum encap_kind owner;
	} options[] = {
		{"geneve-options", peer->n_geneve_options != 0, ENCAP_GENEVE},
		{"gre-checksum", peer->gre_checksum, ENCAP_GRE},
		{"gre-sequence", peer->gre_sequence, ENCAP_GRE},
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].given && peer->encapsulation != options[i].owner)
			return check_refuse(check, PROBLEM_INVALID, EINVAL,
					    SPOT(noun_peer, position, options[i].member),
					    "is only for encapsulation: %s, and this peer's is %s; "
					    "remove it or change the encapsulation",
					    encap_name(options[i].owner),
					    encap_name(peer->encapsulation));
	return 0;
}

/* Each option says how long it is; together they must be what there is. */
static int check_geneve_options(const struct check *check, size_t position)
{
	const struct peer *peer = &check->model->peers[position];
	struct spot spot = SPOT(noun_peer, position, "geneve-options");
	size_t n = peer->n_geneve_options, at = 0;

	if (n % GENEVE_OPTION_HEADER)
		return check_refuse(check, PROBLEM_INVALID, EINVAL, spot,
				    "has %zu bytes, but options are a multiple of four bytes long",
				    n);
	while (at < n) {
		uint8_t word = peer->geneve_options[at + 3];
		size_t length =
			GENEVE_OPTION_HEADER + (word & GENEVE_OPTION_LENGTH) * sizeof(uint32_t);

		if (word & GENEVE_OPTION_RESERVED)
			return check_refuse(check, PROBLEM_INVALID, EINVAL, spot,
					    "has reserved bits set in the option at byte %zu: its "
					    "fourth byte is 0x%02x, and 0x1f is the most",
					    at, word);
		if (length > n - at)
			return check_refuse(
				check, PROBLEM_INVALID, EINVAL, spot,
				"has an option at byte %zu that says it is %zu bytes "
				"long, but only %zu are left; correct its fourth byte or "
				"add what is missing",
				at, length, n - at);
		at += length;
	}
	return 0;
}

static int check_vsids(const struct check *check, size_t position)
{
	const struct model *model = check->model;
	const struct peer *peer = &model->peers[position];

	for (size_t i = 0; peer->encapsulation == ENCAP_NVGRE && i < model->n_segments; i++) {
		const struct segment *segment = &model->segments[i];

		if ((segment->vni >= NVGRE_FIRST_VSID && segment->vni <= NVGRE_LAST_VSID) ||
		    !peer_in_segment(peer, segment->name))
			continue;
		return check_refuse(
			check, PROBLEM_INVALID, EINVAL, SPOT(noun_peer, position, "encapsulation"),
			"is %s, which can only carry numbers from %u to %u, and "
			"segment \"%s\" has %u (segments[%zu].vni); give the segment "
			"another vni, the peer another encapsulation, or other segments",
			encap_name(ENCAP_NVGRE), NVGRE_FIRST_VSID, NVGRE_LAST_VSID, segment->name,
			segment->vni, i);
	}
	return 0;
}

int check_encap(const struct check *check, size_t position)
{
	int r = check_accept(check, position);

	if (r == 0)
		r = check_option_owner(check, position);
	if (r == 0)
		r = check_geneve_options(check, position);
	if (r == 0)
		r = check_vsids(check, position);
	if (r == 0)
		r = check_spoken(check, position);
	return r;
}
