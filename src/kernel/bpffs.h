/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where do pins live, and do they outlive the daemon?  A bpffs of our own at a
 * directory of the runtime directory, mounted in the mount namespace of
 * process 1 (or of the outermost ancestor that we may look at) when ours is
 * another one (`ip netns exec`, a sandboxed service), because a mount that only
 * ours has dies with it.  Falls back to ours where that one does not see the
 * same directory.
 *
 * Unmounting needs CAP_SYS_ADMIN, which the daemon gives up: a child process
 * that can do nothing else waits for the word.
 */
#ifndef OVERLAID_KERNEL_BPFFS_H
#define OVERLAID_KERNEL_BPFFS_H

struct bpffs;
struct problem;

/* Makes the directory, mounts unless it is a bpffs already, locks it. */
int bpffs_open(const char *directory, struct bpffs **ret, struct problem *problem);
/* The mount stays.  Takes NULL. */
void bpffs_close(struct bpffs *bpffs);
/*
 * Unmounts everywhere and removes the directory; the pins must be gone.
 * bpffs_close follows.  -EPERM: a sandbox permits no unmounting; an empty mount
 * stays, which is for whoever mounted it outside of the sandbox to take away.
 */
int bpffs_unmount(struct bpffs *bpffs);

const char *bpffs_directory(const struct bpffs *bpffs);

/*
 * Pins fd as DIRECTORY/folder/name, in place of what is there, at once: a
 * reader of the path sees the old or the new.  Folders are made.
 */
int bpffs_pin(const struct bpffs *bpffs, const char *folder, const char *name, int fd);
/* A new descriptor, or -errno. */
int bpffs_get(const struct bpffs *bpffs, const char *folder, const char *name);
/* 0 also when there is none. */
int bpffs_unpin(const struct bpffs *bpffs, const char *folder, const char *name);
/* Each name in the folder; the visitor may unpin it. */
typedef int (*bpffs_visit)(void *arg, const char *name);
int bpffs_each(const struct bpffs *bpffs, const char *folder, bpffs_visit visit, void *arg);
/* Removes the folder and its pins. */
int bpffs_remove_folder(const struct bpffs *bpffs, const char *folder);

#endif
