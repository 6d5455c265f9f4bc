/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is another hypervisor's daemon reached?  By ssh, which forwards its
 * socket to one of ours.
 */
#ifndef OVERLAID_CLI_TUNNEL_H
#define OVERLAID_CLI_TUNNEL_H

#include <stddef.h>
#include <sys/types.h>

struct tunnel {
	pid_t ssh;	 /* 0: there is none */
	char folder[64]; /* of the socket, ours alone */
	char socket[96];
};

/*
 * url: "ssh://[USER@]HOST[:PORT]"; remote: the daemon's socket there.  0 once
 * tunnel->socket can be connected to, or -errno with a line in message.
 */
int tunnel_open(const char *url, const char *remote, struct tunnel *tunnel, char *message,
		size_t size);
void tunnel_close(struct tunnel *tunnel);

#endif
