/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is another hypervisor's daemon reached?  ssh forwards its Unix socket:
 * nothing of ours has to be installed there but the daemon, and files, tables
 * and colours are this side's.  Called by main.c.
 */
#include "cli/tunnel.h"

#include "base/cleanup.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define POLL_NS 20000000L /* ssh says nothing when the forwarding stands: its socket appears */

/* ssh takes ssh://USER@HOST:PORT itself; what it must not take is an option. */
static int check_url(const char *url, char *message, size_t size)
{
	const char *host = url + strlen("ssh://");

	if (!strncmp(url, "ssh://", strlen("ssh://")) && *host && *host != '-')
		return 0;
	snprintf(message, size, "%s is not a host to reach; write ssh://[USER@]HOST[:PORT]", url);
	return -EINVAL;
}

static void become_ssh(const char *url, const char *forwarding, pid_t parent)
{
	/* it ends with us, also when we are killed */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	execlp("ssh", "ssh", "-N", "-T", "-o", "ExitOnForwardFailure=yes", "-o",
	       "ServerAliveInterval=15", "-L", forwarding, "--", url, (char *)NULL);
	fprintf(stderr, "overlayctl: ssh: %s\n", strerror(errno));
	_exit(EXIT_FAILURE);
}

static bool is_open(const struct tunnel *tunnel)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, tunnel->socket);
	return fd >= 0 && !connect(fd, (const struct sockaddr *)&address, sizeof(address));
}

/* Until ssh listens or has given up; how long a password takes is not ours to say. */
static int await_socket(struct tunnel *tunnel)
{
	const struct timespec pause = {.tv_nsec = POLL_NS};

	while (!is_open(tunnel)) {
		if (waitpid(tunnel->ssh, NULL, WNOHANG) == tunnel->ssh) {
			tunnel->ssh = 0;
			return -ECONNREFUSED;
		}
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* What is left of the tunnel goes also when we are interrupted. */
static struct tunnel *open_tunnel;

static void on_signal(int number)
{
	if (open_tunnel->ssh > 0)
		kill(open_tunnel->ssh, SIGTERM);
	unlink(open_tunnel->socket);
	rmdir(open_tunnel->folder);
	signal(number, SIG_DFL);
	raise(number);
}

static void catch_signals(struct tunnel *tunnel)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

	open_tunnel = tunnel;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		signal(numbers[i], tunnel ? on_signal : SIG_DFL);
}

static int start_ssh(const char *url, const char *remote, struct tunnel *tunnel)
{
	pid_t parent = getpid();
	char forwarding[256];

	if (snprintf(forwarding, sizeof(forwarding), "%s:%s", tunnel->socket, remote) >=
	    (int)sizeof(forwarding))
		return -ENAMETOOLONG;
	tunnel->ssh = fork();
	if (tunnel->ssh < 0)
		return -errno;
	if (!tunnel->ssh) {
		catch_signals(/* tunnel= */ NULL);
		become_ssh(url, forwarding, parent);
	}
	return await_socket(tunnel);
}

int tunnel_open(const char *url, const char *remote, struct tunnel *tunnel, char *message,
		size_t size)
{
	int r = check_url(url, message, size);

	*tunnel = (struct tunnel){};
	if (r < 0)
		return r;
	strcpy(tunnel->folder, "/tmp/overlayctl-XXXXXX");
	if (!mkdtemp(tunnel->folder)) {
		r = -errno;
		tunnel->folder[0] = '\0';
		snprintf(message, size, "cannot make a folder in /tmp: %s", strerror(-r));
		return r;
	}
	snprintf(tunnel->socket, sizeof(tunnel->socket), "%s/overlaid.sock", tunnel->folder);
	catch_signals(tunnel);
	r = start_ssh(url, remote, tunnel);
	if (r < 0) {
		/* why is what ssh said itself */
		snprintf(message, size, "%s: no connection", url);
		tunnel_close(tunnel);
	}
	return r;
}

void tunnel_close(struct tunnel *tunnel)
{
	catch_signals(/* tunnel= */ NULL);
	if (tunnel->ssh > 0) {
		kill(tunnel->ssh, SIGTERM);
		waitpid(tunnel->ssh, NULL, 0);
	}
	if (tunnel->folder[0]) {
		unlink(tunnel->socket);
		rmdir(tunnel->folder);
	}
	*tunnel = (struct tunnel){};
}
