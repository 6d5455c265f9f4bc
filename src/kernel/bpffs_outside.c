/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which mount namespace outlives us?  Process 1's; where we may not look at
 * it (a container's or a build service's manager with more rights than root
 * has there), that of the outermost of our ancestors that we may look at:
 * `ip netns exec` gives a mount namespace to the command alone and not to the
 * shell that it is typed into.  Called by bpffs_mount.c.
 */
#include "base/cleanup.h"
#include "kernel/bpffs_state.h"

#include <fcntl.h>
#include <sys/stat.h>

/* -1: it has ended, or may not be looked at. */
static int open_namespace(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* 0: there is none, or it is outside of our process namespace. */
static pid_t parent_of(pid_t pid)
{
	_cleanup_fclose_ FILE *file = NULL;
	char path[32], line[256];
	pid_t parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "PPid: %d", &parent) == 1)
			break;
	return parent;
}

static int open_outermost(void)
{
	int outermost = open_namespace(1);

	if (outermost >= 0)
		return outermost;
	for (pid_t pid = getppid(); pid > 1; pid = parent_of(pid)) {
		int namespace = open_namespace(pid);

		if (namespace < 0)
			continue;
		cleanup_close(&outermost);
		outermost = namespace;
	}
	return outermost;
}

int bpffs_open_outside(void)
{
	_cleanup_close_ int outermost = open_outermost();
	struct stat theirs, ours;

	if (outermost < 0 || fstat(outermost, &theirs) || stat("/proc/self/ns/mnt", &ours))
		return -1;
	if (theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino)
		return -1;
	return TAKE_FD(outermost);
}
