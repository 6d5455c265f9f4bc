/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does the daemon talk to the kernel's network configuration?  Two
 * rtnetlink sockets: one for requests, which the kernel answers before the
 * call returns, and one that hears of every change.  link.h, route.h and
 * neighbour.h say what the messages mean.
 */
#ifndef OVERLAID_KERNEL_NETLINK_H
#define OVERLAID_KERNEL_NETLINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

struct netlink {
	struct nl_sock *requests;
	struct nl_sock *events;
	uint32_t sequence;
	char complaint[128]; /* the kernel's words about the last refused request, may be empty */
};

/* Returns 0 to go on; anything else ends the walk and is returned. */
typedef int (*netlink_visit)(void *arg, struct nlmsghdr *message);

int netlink_open(struct netlink *ret);
void netlink_close(struct netlink *netlink);

/* Readable when something has changed; for the event loop. */
int netlink_event_fd(const struct netlink *netlink);

/* NULL: no memory.  The caller appends attributes and hands it to netlink_ask. */
struct nl_msg *netlink_request(int type, int flags, const void *header, size_t size);

/*
 * Sends the request, which is freed in any case, and gives each answer to
 * visit (may be NULL).  0, the visitor's result, or the kernel's -errno.
 */
int netlink_ask(struct netlink *netlink, struct nl_msg *request, netlink_visit visit, void *arg);

/* Asks for all objects of a type: RTM_GETLINK, RTM_GETADDR, RTM_GETNEIGH. */
int netlink_dump(struct netlink *netlink, int type, netlink_visit visit, void *arg);

/*
 * Gives waiting events to visit, at most NETLINK_READS_PER_CALL datagrams so
 * that a storm starves nobody.  -ENOBUFS: events were lost, and the caller must
 * dump everything that it keeps.
 */
#define NETLINK_READS_PER_CALL 1024
int netlink_read_events(struct netlink *netlink, netlink_visit visit, void *arg);

#endif
