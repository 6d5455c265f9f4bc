/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hooks as pinned TCX links (kernel 6.6), one pin per program and device:
 * links/port-12.  A link loses its device when that vanishes and stays as an
 * empty pin; the number may come back with another device.
 */
#include "kernel/attach_state.h"

#include "base/cleanup.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

/* libbpf 1.1 and the headers of Linux 6.1 do not know these yet. */
#define TCX_INGRESS    ((enum bpf_attach_type)46)
#define TCX_EGRESS     ((enum bpf_attach_type)47)
#define FIRST_IN_CHAIN (1u << 3) /* BPF_F_BEFORE, and before nothing in particular */

#define LINK_NAME_MAX 32
#define CHAIN_MAX     64 /* programs that the kernel permits at one hook */

struct tcx_link {
	uint32_t program_id;
	uint32_t ifindex; /* 0: its device is gone */
};

static void format_name(char *ret, enum datapath_program program, uint32_t ifindex)
{
	snprintf(ret, LINK_NAME_MAX, "%s-%u", datapath_hook_name(program), ifindex);
}

static int parse_name(const char *name, enum datapath_program *ret_program, uint32_t *ret_ifindex)
{
	for (enum datapath_program i = 0; i < N_PROGRAMS; i++) {
		const char *hook = datapath_hook_name(i);
		size_t length = strlen(hook);

		if (strncmp(name, hook, length) || name[length] != '-')
			continue;
		*ret_program = i;
		return sscanf(name + length + 1, "%u", ret_ifindex) == 1 ? 0 : -EINVAL;
	}
	return -EINVAL;
}

static enum bpf_attach_type side_of(enum datapath_program program)
{
	return hook_is_egress(program) ? TCX_EGRESS : TCX_INGRESS;
}

static int create(int program, int ifindex, enum bpf_attach_type side)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = FIRST_IN_CHAIN);
	int fd = bpf_link_create(program, ifindex, side, &options);

	return fd < 0 ? -errno : fd;
}

/* A device that cannot exist is -ENODEV where TCX is known, -EINVAL where not. */
bool attach_has_tcx(int program)
{
	_cleanup_close_ int link = create(program, INT_MAX, TCX_INGRESS);

	return link != -EINVAL;
}

/* The device of a TCX link stands first in the info's union. */
static int read_link(int fd, struct tcx_link *ret)
{
	struct bpf_link_info info = {};
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return -errno;
	ret->program_id = info.prog_id;
	ret->ifindex = info.xdp.ifindex;
	return 0;
}

static int open_link(const struct datapath *dp, enum datapath_program program, uint32_t ifindex,
		     struct tcx_link *ret)
{
	char name[LINK_NAME_MAX];
	int fd, r;

	format_name(name, program, ifindex);
	fd = bpffs_get(dp->bpffs, FOLDER_LINKS, name);
	if (fd < 0)
		return fd;
	r = read_link(fd, ret);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

/*
 * A device that moved to another network namespace took its link along, and
 * its number may be another device's here by now: the device here must carry
 * the link's program.
 */
static bool is_on(const struct tcx_link *link, enum datapath_program program, uint32_t ifindex)
{
	uint32_t ids[CHAIN_MAX], n = CHAIN_MAX;

	if (link->ifindex != ifindex ||
	    bpf_prog_query((int)ifindex, side_of(program), 0, NULL, ids, &n))
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (ids[i] == link->program_id)
			return true;
	return false;
}

static int add_new(struct datapath *dp, enum datapath_program program, uint32_t ifindex)
{
	_cleanup_close_ int link =
		create(dp->now.programs[program], (int)ifindex, side_of(program));
	char name[LINK_NAME_MAX];

	if (link < 0)
		return link;
	format_name(name, program, ifindex);
	return bpffs_pin(dp->bpffs, FOLDER_LINKS, name, link);
}

static int tcx_add(struct datapath *dp, enum datapath_program program, uint32_t ifindex,
		   bool update)
{
	struct tcx_link info = {};
	_cleanup_close_ int link = open_link(dp, program, ifindex, &info);

	if (link < 0 && link != -ENOENT)
		return link;
	if (link < 0 || !is_on(&info, program, ifindex))
		return add_new(dp, program, ifindex);
	if (!update || info.program_id == hook_program_id(dp->now.programs[program]))
		return 0;
	/* without a link any more: the device vanished just now */
	return bpf_link_update(link, dp->now.programs[program], NULL) && errno != ENOLINK ? -errno :
											    0;
}

/* Detached by word, too: the last reference may be dropped later than the pin. */
static int tcx_remove(struct datapath *dp, enum datapath_program program, uint32_t ifindex)
{
	struct tcx_link info;
	_cleanup_close_ int link = open_link(dp, program, ifindex, &info);
	char name[LINK_NAME_MAX];

	if (link == -ENOENT)
		return 0;
	if (link < 0)
		return link;
	if (info.ifindex && bpf_link_detach(link))
		return -errno;
	format_name(name, program, ifindex);
	return bpffs_unpin(dp->bpffs, FOLDER_LINKS, name);
}

static bool tcx_is_present(const struct datapath *dp, enum datapath_program program,
			   uint32_t ifindex)
{
	struct tcx_link info = {};
	_cleanup_close_ int link = open_link(dp, program, ifindex, &info);

	return link >= 0 && is_on(&info, program, ifindex);
}

struct walk {
	struct datapath *dp;
	attach_visit visit;
	void *arg;
	int n_cleaned;
};

static int visit_pin(void *arg, const char *name)
{
	const struct walk *walk = arg;
	enum datapath_program program;
	uint32_t ifindex;

	if (parse_name(name, &program, &ifindex) < 0 || !tcx_is_present(walk->dp, program, ifindex))
		return 0;
	return walk->visit(walk->arg, program, ifindex);
}

static int tcx_each(struct datapath *dp, attach_visit visit, void *arg)
{
	struct walk walk = {.dp = dp, .visit = visit, .arg = arg};

	return bpffs_each(dp->bpffs, FOLDER_LINKS, visit_pin, &walk);
}

static int clean_pin(void *arg, const char *name)
{
	struct walk *walk = arg;
	_cleanup_close_ int fd = bpffs_get(walk->dp->bpffs, FOLDER_LINKS, name);
	struct tcx_link link = {};
	int r;

	if (fd < 0 || read_link(fd, &link) < 0 || link.ifindex)
		return 0;
	r = bpffs_unpin(walk->dp->bpffs, FOLDER_LINKS, name);
	walk->n_cleaned += r == 0;
	return r;
}

static int tcx_clean(struct datapath *dp)
{
	struct walk walk = {.dp = dp};
	int r = bpffs_each(dp->bpffs, FOLDER_LINKS, clean_pin, &walk);

	return r < 0 ? r : walk.n_cleaned;
}

const struct hook_kind hook_tcx = {
	.add = tcx_add,
	.remove = tcx_remove,
	.is_present = tcx_is_present,
	.each = tcx_each,
	.clean = tcx_clean,
};
