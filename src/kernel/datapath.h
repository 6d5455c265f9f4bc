/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Are the programs and maps in the kernel, and are they this build's?  Called
 * by the daemon at start, at `datapath show` and at `datapath unload`.
 *
 * 1. datapath_open       programs loaded or adopted, maps reused or copied.
 *                        What was attached before goes on with the old
 *                        programs.
 * 2. kernel/maps.h       the caller puts every object of its state again: a
 *                        map may be new and empty.
 * 3. datapath_take_over  every hook runs this build's programs, without a gap;
 *                        pins and layout now name this build.
 * 4. datapath_close      lets go; programs, maps and hooks stay in the kernel.
 *    datapath_unload     or takes everything away.
 *
 * Needs root until datapath_open has returned; everything else works with
 * CAP_NET_ADMIN, CAP_BPF and CAP_PERFMON.  One datapath per directory: the
 * directory is locked while it is open.
 */
#ifndef OVERLAID_KERNEL_DATAPATH_H
#define OVERLAID_KERNEL_DATAPATH_H

#include "abi/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct datapath;
struct datapath_view;
struct problem;
struct slots;

/* X(SYMBOL, name of the hook in pins, name of the program); all but the relay's on ingress */
#define DATAPATH_PROGRAMS(X)                                                                       \
	X(PORT, "port", "from_port")                                                               \
	X(UNDERLAY, "underlay", "from_underlay")                                                   \
	X(ANCHOR, "anchor", "from_anchor")                                                         \
	X(RELAY, "relay", "from_relay")                                                            \
	X(CUTTER, "cutter", "from_cutter")                                                         \
	X(STT, "stt", "from_stt")

enum datapath_program {
#define X(symbol, hook, name) PROGRAM_##symbol,
	DATAPATH_PROGRAMS(X)
#undef X
		N_PROGRAMS
};

struct datapath_options {
	const char *
		directory; /* of the pins, "/run/overlaid/bpf"; made when absent, its parent is not */
	uint32_t fdb_entries; /* capacity of the FDB; 0: TABLE_DEFAULT_FDB */

	/* For tests and measurements. */
	bool force_clsact;  /* as on a kernel without TCX */
	uint32_t layout;    /* pretend to be a build with this TABLE_LAYOUT; 0: do not */
	const void *object; /* another BPF object than the one built in */
	size_t object_size;
};

/*
 * 0, or -errno with *problem.  A full disk, a missing right, a kernel without
 * a feature and a second daemon on the same directory are each named.
 */
int datapath_open(const struct datapath_options *options, struct datapath **ret,
		  struct problem *problem);

/*
 * Once, after the caller has filled the maps.  Ports first, then anchors and
 * underlay, then the FDB entries that the old programs learned meanwhile.  On
 * error some hooks may still run the old programs, which go on forwarding;
 * calling again is allowed, and does nothing after success.
 */
int datapath_take_over(struct datapath *dp, struct problem *problem);

/*
 * Gives the FDB another capacity while frames flow: a new map, programs that
 * use it, entries copied, hooks updated.  Refused by the kernel: nothing has
 * changed.  After datapath_take_over only.
 */
int datapath_resize_fdb(struct datapath *dp, uint32_t fdb_entries, struct problem *problem);

/* Takes NULL. */
void datapath_close(struct datapath *dp);

/*
 * Removes every hook, pin, map and the mount (an empty one may stay where a
 * sandbox permits no unmounting).  Goes on after an error and returns the
 * first.  Only datapath_close may follow.
 */
int datapath_unload(struct datapath *dp, struct problem *problem);

/* Everything of *ret is filled. */
int datapath_describe(const struct datapath *dp, struct datapath_view *ret);

/* SETTING_DECAP_* as this kernel has them; maps_put_settings adds them by itself. */
uint32_t datapath_features(const struct datapath *dp);
/* Who has which slot. */
const struct slots *datapath_slots(const struct datapath *dp);
/* "tcx" or "clsact". */
const char *datapath_hook(const struct datapath *dp);
/* How many FDB entries did not fit when a smaller FDB took over from a larger one. */
uint64_t datapath_fdb_left_behind(const struct datapath *dp);

#endif
