/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of model_check share: each noun's rules are in a file of
 * their own and run in this order, so that a part may rely on those before.
 */
#ifndef OVERLAID_MODEL_CHECK_PARTS_H
#define OVERLAID_MODEL_CHECK_PARTS_H

#include "abi/table.h"
#include "base/problem.h"
#include "model/index.h"

struct check {
	const struct model *model;
	struct problem *problem;
	struct index segments; /* by name */
	struct index vnis;
	struct index peers;  /* by address */
	struct index others; /* peers by their other addresses */
	struct index ports;  /* by device */
};

/* Each: 0, or -errno with the problem filled; fills its indices on the way. */
int check_underlay(struct check *check);
int check_segments(struct check *check);
int check_peers(struct check *check);
int check_ports(struct check *check);
int check_fdb(struct check *check);
int check_neighbors(struct check *check);

/* check_encap.c: what one peer's envelope permits; asks for nothing but segments. */
int check_encap(const struct check *check, size_t position);

/* Which member of which object: "segments[2].vni". */
struct spot {
	const struct noun *noun;
	size_t position;
	const char *member; /* NULL: the object itself */
	int index;	    /* into the member's list, -1: the member itself */
};
#define SPOT(noun, position, member) ((struct spot){&(noun), (position), (member), -1})

int check_refuse(const struct check *check, enum problem_code code, int error, struct spot spot,
		 const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Ranges and syntax of one object. */
int check_members(const struct check *check, const struct noun *noun, size_t position);
/* Does the list fit what the datapath has room for? */
int check_count(const struct check *check, const struct noun *noun, size_t n, size_t most);
int check_no_memory(const struct check *check);

/* The segment of that name, or NULL with the problem filled. */
const struct segment *check_segment_name(const struct check *check, struct spot spot,
					 const char *name);
/* Can a packet be sent to, and come from, this MAC address? */
int check_unicast_mac(const struct check *check, struct spot spot, const struct mac *mac);
/* Can a packet be sent to, and come from, this IP address? */
int check_unicast_address(const struct check *check, struct spot spot,
			  const struct address *address);

#endif
