/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of kernel/bpffs*.c share; nobody else includes it.
 */
#ifndef OVERLAID_KERNEL_BPFFS_STATE_H
#define OVERLAID_KERNEL_BPFFS_STATE_H

#include "kernel/bpffs.h"

#include <stdbool.h>
#include <sys/types.h>

struct bpffs {
	char *directory;
	int lock; /* the directory, locked */
	int word; /* to the unmounter */
	pid_t unmounter;
};

/* Is a BPF file system at this path? */
bool bpffs_is_at(const char *path);

/* The mount namespace that outlives us; -1: ours does, as far as we can see. */
int bpffs_open_outside(void);

/* Mounts there and here, or only here where that cannot be; 0 or -errno. */
int bpffs_mount(const char *directory);

/* Forks the process that unmounts on demand; 0 or -errno. */
int unmounter_start(struct bpffs *bpffs);
/* Tells it to, in our mount namespace; 0, or -errno of the unmounting. */
int unmounter_call(struct bpffs *bpffs);
/* Ends it. */
void unmounter_stop(struct bpffs *bpffs);

#endif
