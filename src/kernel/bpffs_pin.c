/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pins by folder and name.  Called by the parts of kernel/ that keep something
 * in the kernel.
 */
#include "base/cleanup.h"
#include "kernel/bpffs_state.h"

#include <bpf/bpf.h>

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* bpffs keeps names with a dot for itself. */
#define NEW_SUFFIX "-new"

static int format_path(const struct bpffs *bpffs, const char *folder, const char *name,
		       const char *suffix, char *ret)
{
	int n = snprintf(ret, PATH_MAX, "%s/%s%s%s%s", bpffs->directory, folder, name ? "/" : "",
			 name ? name : "", suffix);

	return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int bpffs_pin(const struct bpffs *bpffs, const char *folder, const char *name, int fd)
{
	char parent[PATH_MAX], path[PATH_MAX], fresh[PATH_MAX];

	if (format_path(bpffs, folder, name, NEW_SUFFIX, fresh) < 0)
		return -ENAMETOOLONG;
	format_path(bpffs, folder, name, "", path);
	format_path(bpffs, folder, NULL, "", parent);
	if (mkdir(parent, 0700) && errno != EEXIST)
		return -errno;
	if (unlink(fresh) && errno != ENOENT) /* of a daemon that was killed here */
		return -errno;
	if (bpf_obj_pin(fd, fresh))
		return -errno;
	return rename(fresh, path) ? -errno : 0;
}

int bpffs_get(const struct bpffs *bpffs, const char *folder, const char *name)
{
	char path[PATH_MAX];
	int fd;

	if (format_path(bpffs, folder, name, "", path) < 0)
		return -ENAMETOOLONG;
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

int bpffs_unpin(const struct bpffs *bpffs, const char *folder, const char *name)
{
	char path[PATH_MAX];

	if (format_path(bpffs, folder, name, "", path) < 0)
		return -ENAMETOOLONG;
	return unlink(path) && errno != ENOENT ? -errno : 0;
}

static void closedirp(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

int bpffs_each(const struct bpffs *bpffs, const char *folder, bpffs_visit visit, void *arg)
{
	_cleanup_(closedirp) DIR *directory = NULL;
	const struct dirent *entry;
	char path[PATH_MAX];
	int r;

	if (format_path(bpffs, folder, NULL, "", path) < 0)
		return -ENAMETOOLONG;
	directory = opendir(path);
	if (!directory)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		r = visit(arg, entry->d_name);
		if (r)
			return r;
	}
	return 0;
}

struct removal {
	const struct bpffs *bpffs;
	const char *folder;
};

static int remove_pin(void *arg, const char *name)
{
	const struct removal *removal = arg;

	return bpffs_unpin(removal->bpffs, removal->folder, name);
}

int bpffs_remove_folder(const struct bpffs *bpffs, const char *folder)
{
	struct removal removal = {.bpffs = bpffs, .folder = folder};
	char path[PATH_MAX];
	int r = bpffs_each(bpffs, folder, remove_pin, &removal);

	if (r < 0)
		return r;
	if (format_path(bpffs, folder, NULL, "", path) < 0)
		return -ENAMETOOLONG;
	return rmdir(path) && errno != ENOENT ? -errno : 0;
}
