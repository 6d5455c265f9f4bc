/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What do the files of tests/vectors say?  NAME.hex has the frames, one a line;
 * NAME.json what a receiver must do with them.
 */
#ifndef OVERLAID_TESTS_VECTOR_H
#define OVERLAID_TESTS_VECTOR_H

#include "frame.h"

#define VECTOR_DIRECTORY "tests/vectors" /* the tests run at the top of the tree */

struct vector {
	char name[64];
	const struct frame *frame;
	bool ok;
	char drop[32];		   /* expect.drop, when not ok */
	const struct frame *inner; /* expect.ok.inner_hex */
	char outer_src[48], outer_dst[48];
	uint32_t vni;
	/* config */
	bool carry_tags;	     /* inner_vlan: keep */
	bool zero_checksum6_refused; /* udp6_zero_csum_rx: false */
};

/* The names of all vectors whose name starts so, sorted; they live until the program ends. */
size_t vector_names(const char *prefix, const char *const **ret_names);
/* Ends the program when the files are not as they should be. */
struct vector vector_read(const char *name);

#endif
