/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which rights does the daemon have, and which does it keep?
 */
#include "daemon/privilege.h"

#include "base/log.h"
#include "base/problem.h"

#include <errno.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define FILES_WANTED 65536u

static const cap_value_t kept[] = {CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF, CAP_PERFMON};
#define N_KEPT ((int)(sizeof(kept) / sizeof(kept[0])))

static void free_caps(cap_t *caps)
{
	if (*caps)
		cap_free(*caps);
}

#define _cleanup_caps_ __attribute__((cleanup(free_caps)))

int privilege_check(struct problem *problem)
{
	_cleanup_caps_ cap_t caps = cap_get_proc();
	cap_flag_value_t has;

	for (int i = 0; caps && i < N_KEPT; i++)
		if (cap_get_flag(caps, kept[i], CAP_EFFECTIVE, &has) < 0 || has != CAP_SET)
			return problem_set(problem, PROBLEM_SYSTEM, EPERM, NULL,
					   "overlaid must be started as root");
	return 0;
}

static bool is_kept(cap_value_t cap)
{
	for (int i = 0; i < N_KEPT; i++)
		if (kept[i] == cap)
			return true;
	return false;
}

/* Without CAP_SETPCAP the bounding set stays: a sandbox has made it small then. */
static void shrink_bounding_set(void)
{
	for (cap_value_t cap = 0; CAP_IS_SUPPORTED(cap); cap++)
		if (!is_kept(cap) && cap_drop_bound(cap) < 0 && errno != EPERM)
			log_debug("capability %d stays in the bounding set", cap);
}

int privilege_drop(struct problem *problem)
{
	_cleanup_caps_ cap_t caps = cap_init();

	shrink_bounding_set();
	if (!caps || cap_set_flag(caps, CAP_PERMITTED, N_KEPT, kept, CAP_SET) < 0 ||
	    cap_set_flag(caps, CAP_EFFECTIVE, N_KEPT, kept, CAP_SET) < 0 ||
	    cap_set_proc(caps) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return problem_set(problem, PROBLEM_SYSTEM, errno, NULL,
				   "rights cannot be given up: %s", strerror(errno));
	return 0;
}

void privilege_raise_files(void)
{
	struct rlimit limit, raised;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	raised = limit;
	if (raised.rlim_max < FILES_WANTED)
		raised.rlim_max = FILES_WANTED;
	raised.rlim_cur = raised.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}
