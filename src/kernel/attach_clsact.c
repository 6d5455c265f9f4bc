/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hooks as filters of the clsact qdisc, for kernels without TCX.  Ours are
 * known by their handle, so that no record of them is needed; the priority is
 * the first there is.  Replacing a filter loses no frame.
 */
#include "kernel/attach_state.h"

#include "base/cleanup.h"

#include <bpf/libbpf.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/classifier.h>
#include <netlink/route/tc.h>

#include <errno.h>

#define FIRST_PRIORITY 1
#define FIRST_HANDLE   0x6f760001u /* and one more per program */

#define HOOK_ON(name, program, index)                                                              \
	LIBBPF_OPTS(bpf_tc_hook, name, .ifindex = (int)(index),                                    \
		    .attach_point = hook_is_egress(program) ? BPF_TC_EGRESS : BPF_TC_INGRESS)
#define FILTER_OF(name, program)                                                                   \
	LIBBPF_OPTS(bpf_tc_opts, name, .handle = FIRST_HANDLE + (program),                         \
		    .priority = FIRST_PRIORITY)

/* The number of the program that runs there, 0 when none of ours does. */
static uint32_t find_filter(enum datapath_program program, uint32_t ifindex)
{
	HOOK_ON(hook, program, ifindex);
	FILTER_OF(filter, program);

	return bpf_tc_query(&hook, &filter) ? 0 : filter.prog_id;
}

static int clsact_add(struct datapath *dp, enum datapath_program program, uint32_t ifindex,
		      bool update)
{
	int fd = dp->now.programs[program], r;
	uint32_t present = find_filter(program, ifindex);
	HOOK_ON(hook, program, ifindex);
	FILTER_OF(filter, program);

	if (present && (!update || present == hook_program_id(fd)))
		return 0;
	r = bpf_tc_hook_create(&hook);
	if (r < 0 && r != -EEXIST)
		return r;
	filter.prog_fd = fd;
	filter.flags = BPF_TC_F_REPLACE;
	return bpf_tc_attach(&hook, &filter);
}

static void free_socket(struct nl_sock **socket)
{
	nl_socket_free(*socket);
}

static bool has_filters(struct nl_sock *socket, uint32_t ifindex, uint32_t side)
{
	struct nl_cache *filters = NULL;
	bool any;

	if (rtnl_cls_alloc_cache(socket, (int)ifindex, TC_H_MAKE(TC_H_CLSACT, side), &filters) < 0)
		return true;
	any = nl_cache_nitems(filters) > 0;
	nl_cache_free(filters);
	return any;
}

/* A qdisc that holds nothing any more is taken for the one that we made. */
static void remove_empty_qdisc(uint32_t ifindex)
{
	_cleanup_(free_socket) struct nl_sock *socket = nl_socket_alloc();
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

	if (!socket || nl_connect(socket, NETLINK_ROUTE) < 0)
		return;
	if (!has_filters(socket, ifindex, TC_H_MIN_INGRESS) &&
	    !has_filters(socket, ifindex, TC_H_MIN_EGRESS))
		bpf_tc_hook_destroy(&hook);
}

static int clsact_remove(struct datapath *dp, enum datapath_program program, uint32_t ifindex)
{
	HOOK_ON(hook, program, ifindex);
	FILTER_OF(filter, program);
	int r;

	if (!find_filter(program, ifindex))
		return 0;
	r = bpf_tc_detach(&hook, &filter);
	if (r < 0 && r != -ENOENT && r != -ENODEV)
		return r;
	remove_empty_qdisc(ifindex);
	return 0;
}

static bool clsact_is_present(const struct datapath *dp, enum datapath_program program,
			      uint32_t ifindex)
{
	return find_filter(program, ifindex) != 0;
}

static void free_names(struct if_nameindex **names)
{
	if (*names)
		if_freenameindex(*names);
}

static int clsact_each(struct datapath *dp, attach_visit visit, void *arg)
{
	_cleanup_(free_names) struct if_nameindex *names = if_nameindex();
	int r = names ? 0 : -errno;

	for (struct if_nameindex *i = names; i && i->if_index && r == 0; i++)
		for (enum datapath_program p = 0; p < N_PROGRAMS && r == 0; p++)
			if (find_filter(p, i->if_index))
				r = visit(arg, p, i->if_index);
	return r;
}

/* A filter goes with its device. */
static int clsact_clean(struct datapath *dp)
{
	return 0;
}

const struct hook_kind hook_clsact = {
	.add = clsact_add,
	.remove = clsact_remove,
	.is_present = clsact_is_present,
	.each = clsact_each,
	.clean = clsact_clean,
};
