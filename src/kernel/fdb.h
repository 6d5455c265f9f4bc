/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is in the FDB, and what has been there too long?  Entries come from the
 * datapath (learned) and from control/ (the others); this file reads, writes,
 * ages and deletes them and keeps learned_by_port and learned_by_segment true.
 *
 * The datapath may refresh or move an entry between a read and a delete here:
 * harmless, the next frame of that MAC learns it again and until then frames
 * to it are flooded.
 */
#ifndef OVERLAID_KERNEL_FDB_H
#define OVERLAID_KERNEL_FDB_H

#include "abi/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct datapath;
struct problem;

/* Returns 0 to go on; anything else ends the walk and is returned by it. */
typedef int (*fdb_entry_visit)(void *arg, const struct table_fdb_key *key,
			       const struct table_fdb *value);

/* CLOCK_MONOTONIC_COARSE: the clock of seen_ns. */
uint64_t fdb_now_ns(void);

/* In no order; entries that come or go meanwhile may or may not appear.  The visitor may delete. */
int fdb_walk(const struct datapath *dp, fdb_entry_visit visit, void *arg);

/* 0 or -ENOENT. */
int fdb_get(const struct datapath *dp, const struct table_fdb_key *key, struct table_fdb *ret);

/*
 * Writes an entry that is not learned (source FDB_STATIC, FDB_EVPN), over
 * whatever is there; seen_ns and moves are filled in.  -ENOSPC with the limit
 * in *problem when the FDB is full.
 */
int fdb_put(struct datapath *dp, const struct table_fdb_key *key, const struct table_fdb *value,
	    struct problem *problem);

/* Any source.  0 with what was there in *ret (may be NULL), or -ENOENT. */
int fdb_delete(struct datapath *dp, const struct table_fdb_key *key, struct table_fdb *ret);

/* Which entries are meant; members that are not set match everything. */
struct fdb_match {
	bool learned_only;
	bool has_vni;
	uint32_t vni;
	enum table_path_kind path_kind; /* PATH_NONE: any */
	uint32_t path;
	bool has_mac;
	uint8_t mac[6];
};

bool fdb_matches(const struct fdb_match *match, const struct table_fdb_key *key,
		 const struct table_fdb *value);
/* Deletes what matches; returns how many, or -errno. */
int fdb_purge(struct datapath *dp, const struct fdb_match *match);

/*
 * One step of the aging pass, so that the event loop is never held for long:
 * looks at about `budget` entries from where *cursor stands and deletes the
 * learned ones that were not seen for longer than their segment allows.
 * Returns 1 when the pass is complete (the next call starts anew), 0 when there
 * is more, or -errno.  Entries of a VNI without a segment are deleted too.
 */
struct fdb_cursor {
	bool started;
	uint32_t position;
};

struct fdb_aging {
	/* Nanoseconds an entry of this segment slot lives; 0: for ever. */
	uint64_t (*lifetime_ns)(void *arg, uint32_t segment);
	void (*aged)(void *arg, const struct table_fdb_key *key, const struct table_fdb *value);
	void *arg;
};

int fdb_age(struct datapath *dp, struct fdb_cursor *cursor, size_t budget,
	    const struct fdb_aging *aging);

uint32_t fdb_capacity(const struct datapath *dp);
/* Cheap: from the counters that the datapath keeps. */
uint64_t fdb_count_learned(const struct datapath *dp);
uint64_t fdb_count_learned_by_port(const struct datapath *dp, uint32_t port);
uint64_t fdb_count_learned_by_segment(const struct datapath *dp, uint32_t segment);
/* One walk: entries of every source by peer slot, ret[TABLE_MAX_PEERS]. */
int fdb_count_by_peer(const struct datapath *dp, uint32_t *ret);

#endif
