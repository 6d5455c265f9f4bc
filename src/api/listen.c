/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does the daemon get its socket file?  Called by api.c.  Never takes a
 * socket away from a daemon that answers, nor removes what is not a socket.
 */
#include "api/listen.h"

#include "base/cleanup.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* Clients that wait for accept(); the kernel cuts it to net.core.somaxconn. */
#define BACKLOG 4096

static int fill_address(const char *path, struct sockaddr_un *ret, struct problem *problem)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (!*path || strlen(path) >= sizeof(ret->sun_path))
		return problem_set(problem, PROBLEM_INVALID, ENAMETOOLONG, /* field= */ NULL,
				   "the socket's path %s is %s; a Unix socket's has at most %zu "
				   "bytes",
				   path, *path ? "too long" : "empty", sizeof(ret->sun_path) - 1);
	strcpy(ret->sun_path, path);
	return 0;
}

static int refuse_occupied(const char *path, const char *why, struct problem *problem)
{
	return problem_set(problem, PROBLEM_CONFLICT, EADDRINUSE, /* field= */ NULL, "%s: %s", path,
			   why);
}

/* Removes the socket file of a daemon that is gone. */
static int clear_stale(const struct sockaddr_un *address, struct problem *problem)
{
	const char *path = address->sun_path;
	_cleanup_close_ int fd = -1;
	struct stat status;

	if (lstat(path, &status) < 0)
		return 0;
	if (!S_ISSOCK(status.st_mode))
		return refuse_occupied(path, "is in the way and is not a socket", problem);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return problem_set(problem, PROBLEM_SYSTEM, errno, /* field= */ NULL, "socket: %s",
				   strerror(errno));
	/* a full queue of waiting clients (EAGAIN) is a sign of life too */
	if (!connect(fd, (const struct sockaddr *)address, sizeof(*address)) || errno == EAGAIN)
		return refuse_occupied(path, "another daemon answers here", problem);
	if (errno == ECONNREFUSED && unlink(path) < 0 && errno != ENOENT)
		return problem_set(problem, PROBLEM_SYSTEM, errno, /* field= */ NULL,
				   "%s is stale and cannot be removed: %s", path, strerror(errno));
	return 0;
}

/* Between bind and listen nobody can connect: the rights are never wider than meant. */
static int restrict_access(const char *path, struct problem *problem)
{
	const struct group *group = getgrnam(LISTEN_GROUP);

	if (group && chown(path, (uid_t)-1, group->gr_gid) < 0 && errno != EPERM)
		return problem_set(problem, PROBLEM_SYSTEM, errno, /* field= */ NULL,
				   "%s: cannot give it to group %s: %s", path, LISTEN_GROUP,
				   strerror(errno));
	if (chmod(path, 0660) < 0)
		return problem_set(problem, PROBLEM_SYSTEM, errno, /* field= */ NULL,
				   "%s: cannot set its mode: %s", path, strerror(errno));
	return 0;
}

int listen_open(const char *path, int *ret_fd, struct problem *problem)
{
	_cleanup_close_ int fd = -1;
	struct sockaddr_un address;
	int r = fill_address(path, &address, problem);

	if (!r)
		r = clear_stale(&address, problem);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return problem_set(problem, PROBLEM_SYSTEM, errno, /* field= */ NULL,
				   "cannot make the socket %s: %s", path, strerror(errno));
	r = restrict_access(path, problem);
	if (!r && listen(fd, BACKLOG) < 0)
		r = problem_set(problem, PROBLEM_SYSTEM, errno, /* field= */ NULL,
				"cannot listen at %s: %s", path, strerror(errno));
	if (r < 0) {
		unlink(path);
		return r;
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

void listen_close(const char *path, int fd)
{
	struct sockaddr_un address;
	struct problem problem = {};

	/* once closed, nobody answers there, unless another daemon has taken the place */
	close(fd);
	if (!fill_address(path, &address, &problem))
		clear_stale(&address, &problem);
}
