/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a file with a bound on its size; replaces a file in one step.  Refuses
 * what is no regular file: opening a pipe could stall the daemon.
 */
#include "config/file.h"

#include "base/cleanup.h"
#include "base/problem.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static int refuse(struct problem *problem, const char *what)
{
	int error = errno;

	return problem_set(problem, PROBLEM_SYSTEM, error, /* field= */ NULL, "cannot %s: %s", what,
			   strerror(error));
}

static int open_to_read(const char *path, size_t most, int *ret_fd, struct problem *problem)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return refuse(problem, "be read");
	if (!S_ISREG(st.st_mode))
		return problem_set(problem, PROBLEM_INVALID, EINVAL, /* field= */ NULL,
				   "cannot be read: it is not a regular file");
	if ((size_t)st.st_size > most)
		return problem_set(problem, PROBLEM_TOO_LARGE, EFBIG, /* field= */ NULL,
				   "has %lld bytes, but at most %zu are possible",
				   (long long)st.st_size, most);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* Up to size bytes: how many there were, or -errno. */
static ssize_t read_all(int fd, char *buffer, size_t size)
{
	size_t length = 0;

	while (length < size) {
		ssize_t n = read(fd, buffer + length, size - length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		length += (size_t)n;
	}
	return (ssize_t)length;
}

int file_read(const char *path, size_t most, char **ret, size_t *ret_length,
	      struct problem *problem)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *text = NULL;
	struct stat st;
	ssize_t length;
	int r;

	r = open_to_read(path, most, &fd, problem);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return refuse(problem, "be read");
	/* one byte more than there should be shows whether it grows under our hands */
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return refuse(problem, "be read");
	length = read_all(fd, text, (size_t)st.st_size + 1);
	if (length < 0) {
		errno = (int)-length;
		return refuse(problem, "be read");
	}
	if (length != st.st_size)
		return problem_set(problem, PROBLEM_SYSTEM, EAGAIN, /* field= */ NULL,
				   "changed while it was read; try again when it is complete");
	text[length] = '\0';
	*ret = TAKE_PTR(text);
	*ret_length = (size_t)length;
	return 0;
}

static int write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

/* Also when the capability to give files away was dropped: only what differs is changed. */
static int take_over_mode(const char *target, int fd)
{
	struct stat old, fresh;

	if (stat(target, &old) < 0)
		return errno == ENOENT ? fchmod(fd, 0644) : -1;
	if (fstat(fd, &fresh) < 0)
		return -1;
	if ((old.st_uid != fresh.st_uid || old.st_gid != fresh.st_gid) &&
	    fchown(fd, old.st_uid, old.st_gid) < 0)
		return -1;
	return fchmod(fd, old.st_mode & 07777);
}

static int sync_directory_of(char *target)
{
	_cleanup_close_ int fd = open(dirname(target), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -1 : fsync(fd);
}

static int fill(int fd, const char *target, const char *text, size_t length,
		struct problem *problem)
{
	if (take_over_mode(target, fd) < 0)
		return refuse(problem, "be saved with its owner and mode");
	if (write_all(fd, text, length) < 0 || fsync(fd) < 0)
		return refuse(problem, "be saved");
	return 0;
}

int file_replace(const char *path, const char *text, size_t length, struct problem *problem)
{
	char target[PATH_MAX], fresh[PATH_MAX + 8];
	_cleanup_close_ int fd = -1;
	int r;

	if (!realpath(path, target)) {
		if (errno != ENOENT || strlen(path) >= sizeof(target))
			return refuse(problem, "be saved");
		strcpy(target, path);
	}
	snprintf(fresh, sizeof(fresh), "%s.XXXXXX", target);
	fd = mkostemp(fresh, O_CLOEXEC);
	if (fd < 0)
		return refuse(problem, "be saved");
	r = fill(fd, target, text, length, problem);
	if (r == 0 && rename(fresh, target) < 0)
		r = refuse(problem, "be saved");
	if (r < 0) {
		unlink(fresh);
		return r;
	}
	if (sync_directory_of(target) < 0)
		return refuse(problem, "be brought to the disk");
	return 0;
}
