/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of `fdb`: one record for a MAC address of a segment, which leads
 * to a port or a peer of that segment.
 */
#include "model/check_parts.h"

#include <errno.h>
#include <string.h>

static int check_one_path(const struct check *check, size_t position)
{
	const struct fdb_record *record = &check->model->fdb[position];
	bool has_peer = !address_is_unspecified(&record->peer), has_port = record->port[0];
	struct spot spot = SPOT(noun_fdb, position, NULL);

	if (has_peer && has_port)
		return check_refuse(check, PROBLEM_INVALID, EINVAL, spot,
				    "has both peer and port; a MAC address lives in one place, "
				    "remove one of them");
	if (!has_peer && !has_port)
		return check_refuse(check, PROBLEM_INVALID, EINVAL, spot,
				    "has neither peer nor port; say where the MAC address lives");
	return 0;
}

static int check_peer(const struct check *check, size_t position)
{
	const struct fdb_record *record = &check->model->fdb[position];
	struct index_key key = index_key_of_bytes(&record->peer, sizeof(record->peer));
	struct spot spot = SPOT(noun_fdb, position, "peer");
	char text[ADDRESS_TEXT_MAX];
	size_t peer;

	if (address_is_unspecified(&record->peer))
		return 0;
	if (!index_find(&check->peers, &key, &peer))
		return check_refuse(check, PROBLEM_UNKNOWN, ENOENT, spot,
				    "names peer %s, which does not exist; add it to peers or "
				    "correct the address",
				    address_format(&record->peer, text));
	if (!peer_in_segment(&check->model->peers[peer], record->segment))
		return check_refuse(
			check, PROBLEM_INVALID, EINVAL, spot,
			"names peer %s, which is not in segment \"%s\"; add the segment "
			"to the peer's segments",
			address_format(&record->peer, text), record->segment);
	return 0;
}

static int check_port(const struct check *check, size_t position)
{
	const struct fdb_record *record = &check->model->fdb[position];
	struct index_key key = index_key_of_text(record->port);
	struct spot spot = SPOT(noun_fdb, position, "port");
	size_t port;

	if (!record->port[0])
		return 0;
	if (!index_find(&check->ports, &key, &port))
		return check_refuse(check, PROBLEM_UNKNOWN, ENOENT, spot,
				    "names port \"%s\", which does not exist; add it to ports or "
				    "correct the name",
				    record->port);
	if (strcmp(check->model->ports[port].segment, record->segment))
		return check_refuse(check, PROBLEM_INVALID, EINVAL, spot,
				    "names port \"%s\", which is in segment \"%s\", not in \"%s\"",
				    record->port, check->model->ports[port].segment,
				    record->segment);
	return 0;
}

static int check_unique(const struct check *check, struct index *records, size_t position)
{
	const struct fdb_record *record = &check->model->fdb[position];
	struct index_key key = index_key_of(&noun_fdb, record);
	char text[MAC_TEXT_MAX];
	size_t taken;
	int r;

	r = index_add(records, &key, position, &taken);
	if (r == -EEXIST)
		return check_refuse(check, PROBLEM_CONFLICT, EEXIST,
				    SPOT(noun_fdb, position, "mac"),
				    "%s is in fdb[%zu] for segment \"%s\" already; remove one",
				    mac_format(&record->mac, text), taken, record->segment);
	return r < 0 ? check_no_memory(check) : 0;
}

static int check_record(const struct check *check, struct index *records, size_t position)
{
	const struct fdb_record *record = &check->model->fdb[position];
	int r;

	r = check_members(check, &noun_fdb, position);
	if (r < 0)
		return r;
	if (!check_segment_name(check, SPOT(noun_fdb, position, "segment"), record->segment))
		return -ENOENT;
	r = check_unicast_mac(check, SPOT(noun_fdb, position, "mac"), &record->mac);
	if (r == 0)
		r = check_one_path(check, position);
	if (r == 0)
		r = check_peer(check, position);
	if (r == 0)
		r = check_port(check, position);
	if (r == 0)
		r = check_unique(check, records, position);
	return r;
}

int check_fdb(struct check *check)
{
	size_t n = check->model->n_fdb, room = check->model->limits.fdb_entries;
	_cleanup_index_ struct index records = {0};
	int r = 0;

	if (n > room)
		return problem_set(check->problem, PROBLEM_TOO_LARGE, E2BIG, noun_fdb.plural,
				   "has %zu records, but limits.fdb-entries is %zu; raise it", n,
				   room);
	if (index_init(&records, n) < 0)
		return check_no_memory(check);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = check_record(check, &records, i);
	return r;
}
