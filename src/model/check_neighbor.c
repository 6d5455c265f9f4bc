/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of `neighbors`: one MAC address for an IP address of a segment.
 */
#include "model/check_parts.h"

#include <errno.h>

static int check_unique(const struct check *check, struct index *records, size_t position)
{
	const struct neighbor_record *record = &check->model->neighbors[position];
	struct index_key key = index_key_of(&noun_neighbor, record);
	char text[ADDRESS_TEXT_MAX];
	size_t taken;
	int r;

	r = index_add(records, &key, position, &taken);
	if (r == -EEXIST)
		return check_refuse(
			check, PROBLEM_CONFLICT, EEXIST, SPOT(noun_neighbor, position, "address"),
			"%s is in neighbors[%zu] for segment \"%s\" already; remove one",
			address_format(&record->address, text), taken, record->segment);
	return r < 0 ? check_no_memory(check) : 0;
}

static int check_record(const struct check *check, struct index *records, size_t position)
{
	const struct neighbor_record *record = &check->model->neighbors[position];
	int r;

	r = check_members(check, &noun_neighbor, position);
	if (r < 0)
		return r;
	if (!check_segment_name(check, SPOT(noun_neighbor, position, "segment"), record->segment))
		return -ENOENT;
	r = check_unicast_address(check, SPOT(noun_neighbor, position, "address"),
				  &record->address);
	if (r == 0)
		r = check_unicast_mac(check, SPOT(noun_neighbor, position, "mac"), &record->mac);
	if (r == 0)
		r = check_unique(check, records, position);
	return r;
}

int check_neighbors(struct check *check)
{
	size_t n = check->model->n_neighbors;
	_cleanup_index_ struct index records = {0};
	int r = 0;

	if (index_init(&records, n) < 0)
		return check_no_memory(check);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = check_record(check, &records, i);
	return r;
}
