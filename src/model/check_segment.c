/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of `segments`: one name and one VNI each, and ways of flooding
 * that this version has.
 */
#include "model/check_parts.h"

#include <errno.h>

static int check_unique(struct check *check, size_t position)
{
	const struct segment *segment = &check->model->segments[position];
	struct index_key name = index_key_of_text(segment->name);
	struct index_key vni = index_key_of_bytes(&segment->vni, sizeof(segment->vni));
	size_t taken;
	int r;

	r = index_add(&check->segments, &name, position, &taken);
	if (r == -EEXIST)
		return check_refuse(check, PROBLEM_CONFLICT, EEXIST,
				    SPOT(noun_segment, position, "name"),
				    "\"%s\" is the name of segments[%zu] already; choose another",
				    segment->name, taken);
	if (r == 0)
		r = index_add(&check->vnis, &vni, position, &taken);
	if (r == -EEXIST)
		return check_refuse(check, PROBLEM_CONFLICT, EEXIST,
				    SPOT(noun_segment, position, "vni"),
				    "%u is the VNI of segment \"%s\" already; choose another",
				    segment->vni, check->model->segments[taken].name);
	return r < 0 ? check_no_memory(check) : 0;
}

static int check_group(const struct check *check, size_t position)
{
	const struct segment *segment = &check->model->segments[position];
	struct spot spot = SPOT(noun_segment, position, "group");
	char text[ADDRESS_TEXT_MAX];

	if (address_is_unspecified(&segment->group))
		return 0;
	if (segment->flood != FLOOD_MULTICAST)
		return check_refuse(check, PROBLEM_INVALID, EINVAL, spot,
				    "is only for flood: multicast; remove it");
	if (!address_is_multicast(&segment->group))
		return check_refuse(check, PROBLEM_INVALID, EINVAL, spot,
				    "is %s, which is no multicast address; give one as in "
				    "239.1.1.1 or ff05::1",
				    address_format(&segment->group, text));
	return 0;
}

static int check_flood(const struct check *check, size_t position)
{
	struct spot spot = SPOT(noun_segment, position, "flood");
	const char *word;

	switch (check->model->segments[position].flood) {
	case FLOOD_HEAD_END:
	case FLOOD_NONE_MODE:
		return 0;
	case FLOOD_MULTICAST:
		word = "multicast";
		break;
	default:
		word = "replicator";
	}
	return check_refuse(check, PROBLEM_INVALID, EOPNOTSUPP, spot,
			    "%s is not available in this version; use head-end", word);
}

int check_segments(struct check *check)
{
	size_t n = check->model->n_segments;
	int r;

	r = check_count(check, &noun_segment, n, TABLE_MAX_SEGMENTS);
	if (r < 0)
		return r;
	if (index_init(&check->segments, n) < 0 || index_init(&check->vnis, n) < 0)
		return check_no_memory(check);
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = check_members(check, &noun_segment, i);
		if (r == 0)
			r = check_unique(check, i);
		if (r == 0)
			r = check_group(check, i);
		if (r == 0)
			r = check_flood(check, i);
	}
	return r;
}
