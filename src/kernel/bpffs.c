/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of the directory that holds the pins: made, mounted, locked, let
 * go, taken away.  Called by datapath.c only.
 */
#include "kernel/bpffs.h"

#include "base/cleanup.h"
#include "base/problem.h"
#include "kernel/bpffs_state.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>

bool bpffs_is_at(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && (unsigned long)fs.f_type == BPF_FS_MAGIC;
}

static int make_directory(const char *directory, struct problem *problem)
{
	if (!mkdir(directory, 0700) || errno == EEXIST)
		return 0;
	return problem_set(problem, PROBLEM_SYSTEM, errno, NULL, "cannot make the directory %s: %s",
			   directory, strerror(errno));
}

static int mount_unless_mounted(const char *directory, struct problem *problem)
{
	int r;

	if (bpffs_is_at(directory))
		return 0;
	r = bpffs_mount(directory);
	if (r < 0)
		return problem_set(problem, PROBLEM_SYSTEM, -r, NULL,
				   "cannot mount a BPF file system at %s: %s%s", directory,
				   strerror(-r), r == -EPERM ? "; it takes root" : "");
	return 0;
}

static int lock_directory(struct bpffs *bpffs, struct problem *problem)
{
	bpffs->lock = open(bpffs->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (bpffs->lock < 0)
		return problem_set(problem, PROBLEM_SYSTEM, errno, NULL, "cannot open %s: %s",
				   bpffs->directory, strerror(errno));
	if (!flock(bpffs->lock, LOCK_EX | LOCK_NB))
		return 0;
	if (errno == EWOULDBLOCK)
		return problem_set(
			problem, PROBLEM_CONFLICT, EBUSY, NULL,
			"another overlaid works with %s; give this one its own runtime directory",
			bpffs->directory);
	return problem_set(problem, PROBLEM_SYSTEM, errno, NULL, "cannot lock %s: %s",
			   bpffs->directory, strerror(errno));
}

static void bpffs_closep(struct bpffs **bpffs)
{
	bpffs_close(*bpffs);
}

int bpffs_open(const char *directory, struct bpffs **ret, struct problem *problem)
{
	_cleanup_(bpffs_closep) struct bpffs *bpffs = calloc(1, sizeof(*bpffs));
	int r;

	if (!bpffs)
		return -ENOMEM;
	bpffs->lock = bpffs->word = -1;
	r = make_directory(directory, problem);
	if (r < 0)
		return r;
	bpffs->directory = realpath(directory, NULL); /* other namespaces have another cwd */
	if (!bpffs->directory)
		return problem_set(problem, PROBLEM_SYSTEM, errno, NULL, "%s: %s", directory,
				   strerror(errno));
	r = mount_unless_mounted(bpffs->directory, problem);
	if (r < 0)
		return r;
	r = lock_directory(bpffs, problem);
	if (r < 0)
		return r;
	r = unmounter_start(bpffs);
	if (r < 0)
		return problem_set(problem, PROBLEM_SYSTEM, -r, NULL,
				   "cannot start the process that unmounts %s: %s", directory,
				   strerror(-r));
	*ret = TAKE_PTR(bpffs);
	return 0;
}

void bpffs_close(struct bpffs *bpffs)
{
	if (!bpffs)
		return;
	unmounter_stop(bpffs);
	cleanup_close(&bpffs->lock);
	free(bpffs->directory);
	free(bpffs);
}

/* Removing the directory takes what other mount namespaces have mounted there (Linux 3.18). */
int bpffs_unmount(struct bpffs *bpffs)
{
	int r;

	cleanup_close(&bpffs->lock);
	bpffs->lock = -1;
	r = unmounter_call(bpffs);
	if (r < 0)
		return r;
	return rmdir(bpffs->directory) && errno != ENOENT ? -errno : 0;
}

const char *bpffs_directory(const struct bpffs *bpffs)
{
	return bpffs->directory;
}
