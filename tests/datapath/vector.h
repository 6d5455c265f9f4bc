/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What do the files of tests/vectors say?  NAME.hex has the frames, one a line;
 * NAME.json what a receiver must do with them.
 */
#ifndef OVERLAID_TESTS_VECTOR_H
#define OVERLAID_TESTS_VECTOR_H

#include "abi/encap_kind.h"

#include "frame.h"

#define VECTOR_DIRECTORY "tests/vectors" /* the tests run at the top of the tree */

struct vector {
	char name[64];
	enum encap_kind kind;	    /* what the name begins with */
	const struct frame *frame;  /* the first */
	const struct frame *second; /* NULL: there is none */
	bool ok;
	char drop[32];		   /* expect.drop, when not ok */
	const struct frame *inner; /* expect.ok.inner_hex */
	char outer_src[48], outer_dst[48];
	uint32_t vni;	 /* VNI, VSID or key; 0: not given */
	bool key_absent; /* GRE */
	/* config */
	bool carry_tags;	     /* inner_vlan: keep, or the frame that is expected has a tag */
	bool zero_checksum6_refused; /* udp6_zero_csum_rx: false */
};

/*
 * The names of all vectors whose name starts so, as a shell pattern, sorted;
 * they live until the next call.
 */
size_t vector_names(const char *prefix, const char *const **ret_names);
/* Those that a program of the datapath reads whole: all but STT's. */
#define VECTORS_OF_DATAPATH "[gnv]"
/* Ends the program when the files are not as they should be. */
struct vector vector_read(const char *name);

#endif
