/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does the daemon talk to the kernel's network configuration?  libnl makes
 * the sockets and the messages; the answers are read here, because a request
 * must give back the kernel's own errno and words, and must be cheap enough to
 * ask for a thousand routes in one burst.
 */
#include "kernel/netlink.h"

#include "base/cleanup.h"

#include <errno.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define REPLY_BYTES	   (64u << 10) /* a dump's datagrams are at most 32 KB */
#define EVENT_BUFFER_BYTES (8 << 20)   /* some 10,000 events may wait for us */

static const int event_groups[] = {
	RTNLGRP_LINK,	    RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
	RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,	 RTNLGRP_IPV4_RULE,
	RTNLGRP_IPV6_RULE,  RTNLGRP_NEIGH,	 RTNLGRP_NEXTHOP,
};

static struct nl_sock *open_socket(void)
{
	struct nl_sock *sock = nl_socket_alloc();

	if (!sock)
		return NULL;
	if (nl_connect(sock, NETLINK_ROUTE) < 0) {
		nl_socket_free(sock);
		return NULL;
	}
	return sock;
}

static int follow_events(struct nl_sock *sock)
{
	int size = EVENT_BUFFER_BYTES;

	/* FORCE passes rmem_max and needs CAP_NET_ADMIN; without it a burst means a resync */
	(void)setsockopt(nl_socket_get_fd(sock), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	for (size_t i = 0; i < sizeof(event_groups) / sizeof(event_groups[0]); i++)
		if (nl_socket_add_membership(sock, event_groups[i]) < 0)
			return -errno;
	return 0;
}

int netlink_open(struct netlink *ret)
{
	struct netlink netlink = {.requests = open_socket(), .events = open_socket()};
	int yes = 1, error;

	if (!netlink.requests || !netlink.events) {
		error = errno ? -errno : -ENOMEM;
		netlink_close(&netlink);
		return error;
	}
	(void)setsockopt(nl_socket_get_fd(netlink.requests), SOL_NETLINK, NETLINK_EXT_ACK, &yes,
			 sizeof(yes));
	error = follow_events(netlink.events);
	if (error) {
		netlink_close(&netlink);
		return error;
	}
	*ret = netlink;
	return 0;
}

void netlink_close(struct netlink *netlink)
{
	nl_socket_free(netlink->requests);
	nl_socket_free(netlink->events);
	*netlink = (struct netlink){0};
}

int netlink_event_fd(const struct netlink *netlink)
{
	return nl_socket_get_fd(netlink->events);
}

struct nl_msg *netlink_request(int type, int flags, const void *header, size_t size)
{
	struct nl_msg *message = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (message && nlmsg_append(message, (void *)header, size, NLMSG_ALIGNTO) < 0) {
		nlmsg_free(message);
		return NULL;
	}
	return message;
}

static void note_complaint(struct netlink *netlink, struct nlmsghdr *message)
{
	const struct nlmsgerr *error = nlmsg_data(message);
	size_t quoted = sizeof(*error);
	struct nlattr *text;

	netlink->complaint[0] = '\0';
	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(message->nlmsg_flags & NLM_F_CAPPED))
		quoted += error->msg.nlmsg_len - sizeof(error->msg);
	text = nlmsg_find_attr(message, (int)quoted, NLMSGERR_ATTR_MSG);
	if (text)
		snprintf(netlink->complaint, sizeof(netlink->complaint), "%s",
			 nla_get_string(text));
}

/* 1: the answer is complete. */
static int take_answer(struct netlink *netlink, struct nlmsghdr *message, netlink_visit visit,
		       void *arg)
{
	if (message->nlmsg_seq != netlink->sequence)
		return 0; /* the rest of an answer whose reader stopped early */
	if (message->nlmsg_type == NLMSG_DONE)
		return 1;
	if (message->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = nlmsg_data(message);

		note_complaint(netlink, message);
		return error->error ? error->error : 1;
	}
	return visit ? visit(arg, message) : 0;
}

static int read_answer(struct netlink *netlink, netlink_visit visit, void *arg)
{
	static char buffer[REPLY_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));

	for (;;) {
		ssize_t size = recv(nl_socket_get_fd(netlink->requests), buffer, sizeof(buffer), 0);
		int left = (int)size;

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return -errno;
		for (struct nlmsghdr *message = (struct nlmsghdr *)buffer; nlmsg_ok(message, left);
		     message = nlmsg_next(message, &left)) {
			int result = take_answer(netlink, message, visit, arg);

			if (result)
				return result;
		}
	}
}

int netlink_ask(struct netlink *netlink, struct nl_msg *request, netlink_visit visit, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(request);
	ssize_t sent;
	int result;

	/* two bits, one of which means something else in requests for changes */
	if ((header->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		header->nlmsg_flags |= NLM_F_ACK;
	header->nlmsg_seq = ++netlink->sequence;
	netlink->complaint[0] = '\0';
	sent = send(nl_socket_get_fd(netlink->requests), header, header->nlmsg_len, 0);
	result = sent < 0 ? -errno : 0;
	nlmsg_free(request);
	if (result)
		return result;
	result = read_answer(netlink, visit, arg);
	return result == 1 ? 0 : result;
}

int netlink_dump(struct netlink *netlink, int type, netlink_visit visit, void *arg)
{
	struct rtgenmsg any = {.rtgen_family = AF_UNSPEC};
	struct ifinfomsg link = {.ifi_family = AF_UNSPEC};
	struct nl_msg *request = type == RTM_GETLINK ?
					 netlink_request(type, NLM_F_DUMP, &link, sizeof(link)) :
					 netlink_request(type, NLM_F_DUMP, &any, sizeof(any));

	return request ? netlink_ask(netlink, request, visit, arg) : -ENOMEM;
}

int netlink_read_events(struct netlink *netlink, netlink_visit visit, void *arg)
{
	static char buffer[REPLY_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
	int fd = netlink_event_fd(netlink), lost = 0;

	for (int i = 0; i < NETLINK_READS_PER_CALL; i++) {
		ssize_t size = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
		int left = (int)size;

		if (size < 0 && errno == EAGAIN)
			return lost;
		if (size < 0 && errno == ENOBUFS)
			lost = -ENOBUFS; /* reported once; what still waits is read all the same */
		else if (size < 0 && errno != EINTR)
			return -errno;
		for (struct nlmsghdr *message = (struct nlmsghdr *)buffer;
		     size > 0 && nlmsg_ok(message, left); message = nlmsg_next(message, &left)) {
			int result = visit(arg, message);

			if (result)
				return result;
		}
	}
	return lost;
}
