/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mounts the bpffs in a mount namespace that outlives us, and brings it into
 * ours as well where mounts do not travel by themselves.  Called by bpffs.c.
 *
 * Entering a mount namespace takes a task whose root and working directory
 * are its own: a thread that has left the others' (CLONE_FS) and ends
 * afterwards.
 */
#include "base/cleanup.h"
#include "kernel/bpffs_state.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static bool is_same_file(const char *a, const struct stat *b)
{
	struct stat st;

	return !stat(a, &st) && st.st_dev == b->st_dev && st.st_ino == b->st_ino;
}

static int mount_here(const char *directory)
{
	return mount("bpf", directory, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") ?
		       -errno :
		       0;
}

struct errand {
	const char *directory;
	int outside;
	char parent[4096];    /* DIRECTORY/.. : what is mounted on the directory does not hide it */
	struct stat expected; /* of parent, as we see it */
	int mount;	      /* result: a copy of the mount, -1 without */
};

/* Runs in the namespace outside. */
static int mount_there(struct errand *errand)
{
	bool mounted = bpffs_is_at(errand->directory);
	int r;

	if (!is_same_file(errand->parent, &errand->expected))
		return -EXDEV;
	if (!mounted) {
		r = mount_here(errand->directory);
		if (r < 0)
			return r;
	}
	errand->mount = open_tree(AT_FDCWD, errand->directory, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (errand->mount >= 0)
		return 0;
	r = -errno;
	if (!mounted)
		umount2(errand->directory, MNT_DETACH);
	return r;
}

static void *run_errand(void *arg)
{
	struct errand *errand = arg;

	if (!unshare(CLONE_FS) && !setns(errand->outside, CLONE_NEWNS))
		mount_there(errand);
	return NULL;
}

/* -1, or the mount of the namespace outside, not yet to be seen in ours. */
static int mount_outside(const char *directory, int outside)
{
	struct errand errand = {.directory = directory, .outside = outside, .mount = -1};
	pthread_t thread;

	if (snprintf(errand.parent, sizeof(errand.parent), "%s/..", directory) >=
		    (int)sizeof(errand.parent) ||
	    stat(errand.parent, &errand.expected))
		return -1;
	if (pthread_create(&thread, NULL, run_errand, &errand))
		return -1;
	pthread_join(thread, NULL);
	return errand.mount;
}

int bpffs_mount(const char *directory)
{
	_cleanup_close_ int outside = bpffs_open_outside();
	_cleanup_close_ int copy = outside < 0 ? -1 : mount_outside(directory, outside);

	if (bpffs_is_at(directory)) /* it travelled by itself */
		return 0;
	if (copy >= 0 && !move_mount(copy, "", AT_FDCWD, directory, MOVE_MOUNT_F_EMPTY_PATH))
		return 0;
	return mount_here(directory);
}
