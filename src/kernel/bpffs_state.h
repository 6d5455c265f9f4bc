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

/* Mounts where the pins outlive us; 0 or -errno. */
int bpffs_mount(const char *directory);
/* Descriptors for bpffs_unmount_all, while we may look at process 1; init: -1 without need. */
int bpffs_open_namespaces(int *ret_ours, int *ret_init);
/* In our mount namespace and in process 1's; 0 or -errno.  Async-signal-safe. */
int bpffs_unmount_all(const char *directory, int ours, int init);

/* Forks the process that unmounts on demand; 0 or -errno. */
int unmounter_start(struct bpffs *bpffs);
/* Tells it to; 0, or -errno of the unmounting. */
int unmounter_call(struct bpffs *bpffs);
/* Ends it. */
void unmounter_stop(struct bpffs *bpffs);

#endif
