/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who unmounts the bpffs when the daemon has given up CAP_SYS_ADMIN?  A child
 * that was forked before: it holds one socket and one capability, waits for
 * one byte, unmounts, answers with the result and ends.  It ends as well,
 * without unmounting, when the daemon does.
 */
#include "base/cleanup.h"
#include "kernel/bpffs_state.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* If we have that: a sandbox may not grant it. */
static void keep_only_mount_right(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	syscall(SYS_capget, &header, data);
	data[0].effective &= 1u << CAP_SYS_ADMIN;
	data[0].permitted = data[0].effective;
	data[0].inheritable = 0;
	data[1] = (struct __user_cap_data_struct){};
	syscall(SYS_capset, &header, data);
}

/* Only a bpffs is ours to unmount, and one that is not mounted just here is not. */
static int unmount(const char *directory)
{
	if (!bpffs_is_at(directory) || !umount2(directory, MNT_DETACH) || errno == EINVAL)
		return 0;
	return -errno;
}

/* Between fork and _exit: async-signal-safe calls only. */
static void __attribute__((noreturn)) unmounter_run(const char *directory, int word)
{
	char byte;
	int r;

	prctl(PR_SET_NAME, "overlaid-umount");
	signal(SIGINT, SIG_IGN); /* for the daemon, which may still want to unload */
	dup2(word, STDIN_FILENO);
	close_range(STDIN_FILENO + 1, ~0u, 0);
	keep_only_mount_right();
	do {
		r = (int)read(STDIN_FILENO, &byte, sizeof(byte));
	} while (r < 0 && errno == EINTR);
	if (r != sizeof(byte))
		_exit(0);
	r = unmount(directory);
	if (write(STDIN_FILENO, &r, sizeof(r)) != sizeof(r))
		_exit(1);
	_exit(0);
}

int unmounter_start(struct bpffs *bpffs)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	bpffs->unmounter = fork();
	if (!bpffs->unmounter)
		unmounter_run(bpffs->directory, pair[1]);
	close(pair[1]);
	bpffs->word = pair[0];
	return bpffs->unmounter < 0 ? -errno : 0;
}

int unmounter_call(struct bpffs *bpffs)
{
	int answer;

	if (send(bpffs->word, "u", 1, MSG_NOSIGNAL) != 1)
		return -errno;
	if (read(bpffs->word, &answer, sizeof(answer)) != sizeof(answer))
		return -EPIPE;
	return answer;
}

void unmounter_stop(struct bpffs *bpffs)
{
	cleanup_close(&bpffs->word);
	if (bpffs->unmounter > 0)
		waitpid(bpffs->unmounter, NULL, 0);
}
