/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is the switch reached from outside the daemon?  HTTP/1.1 and JSON on one
 * Unix socket, served from the daemon's event loop; docs/api/openapi.yaml is
 * its description.  The API knows the switch only as struct switch_ops: it
 * touches neither the kernel nor the configuration file itself.
 */
#ifndef OVERLAID_API_API_H
#define OVERLAID_API_API_H

#include "base/problem.h"
#include "model/switch.h"

#include <systemd/sd-event.h>

struct api;

/*
 * Listens on socket_path (0660, group `overlaid` where that group exists) and
 * serves until api_close.  A socket file that nobody answers is replaced; one
 * that somebody answers is refused with -EADDRINUSE.  ops and self must live
 * until api_close.  Takes the one listener of ops->listen while somebody
 * watches.  0, or -errno with *problem filled and *ret untouched.
 */
int api_open(sd_event *event, const char *socket_path, const struct switch_ops *ops, void *self,
	     struct api **ret, struct problem *problem);
/* Sends what is already answered, ends every connection, removes the socket file.  NULL is fine. */
void api_close(struct api *api);

static inline void api_closep(struct api **api)
{
	api_close(*api);
}

#define _cleanup_api_ __attribute__((cleanup(api_closep)))

#endif
