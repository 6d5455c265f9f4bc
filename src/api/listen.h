/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does the daemon get its socket file?
 */
#ifndef OVERLAID_API_LISTEN_H
#define OVERLAID_API_LISTEN_H

#include "base/problem.h"

/* Who may use the API besides root. */
#define LISTEN_GROUP "overlaid"

/*
 * A listening, non-blocking AF_UNIX socket at path, 0660, with the group's
 * ownership where the group exists and we may give it.  -EADDRINUSE when
 * somebody answers there, or when what is there is no socket.
 */
int listen_open(const char *path, int *ret_fd, struct problem *problem);
/* Removes the file if it is still the one that fd listens at; closes fd. */
void listen_close(const char *path, int fd);

#endif
