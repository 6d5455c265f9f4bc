/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do many FDB entries go at once?  For the files of kernel/ that know
 * which ones; others use kernel/fdb.h.
 */
#ifndef OVERLAID_KERNEL_FDB_PURGE_H
#define OVERLAID_KERNEL_FDB_PURGE_H

#include "kernel/batch.h"

struct datapath;

/* A batch of the FDB: as batch_delete, and what was learned is not counted any more. */
int fdb_delete_batch(struct datapath *dp, struct batch *batch);
/* Every entry that passes the test; how many, or -errno. */
int fdb_delete_those(struct datapath *dp, batch_test is_unwanted, const void *arg);

#endif
