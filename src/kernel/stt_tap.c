/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * STT's tap: made persistent, without addresses, with every offload that STT
 * can express, our program on it before it is up.
 */
#include "kernel/stt_state.h"

#include "base/cleanup.h"
#include "kernel/attach.h"
#include "kernel/link_set.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/ioctl.h>

#define TUN_DEVICE "/dev/net/tun"
/* Above any frame's; what fits the path is the datapath's business. */
#define TAP_MTU 65000u
/* Not USO: the header has a segment size for TCP alone, so the kernel cuts UDP before the tap. */
#define OFFLOADS (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN)

static int complain(struct stt *stt, const char *what, int error)
{
	snprintf(stt->complaint, sizeof(stt->complaint), "%s %s: %s", STT_DEVICE, what,
		 strerror(-error));
	return error;
}

static int open_queue(int *ret)
{
	_cleanup_close_ int fd = open(TUN_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	struct ifreq request = {
		.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE,
	};
	int header = sizeof(struct virtio_net_hdr);

	if (fd < 0)
		return -errno;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", STT_DEVICE);
	if (ioctl(fd, TUNSETIFF, &request) < 0 || ioctl(fd, TUNSETVNETHDRSZ, &header) < 0 ||
	    ioctl(fd, TUNSETOFFLOAD, OFFLOADS) < 0 || ioctl(fd, TUNSETPERSIST, 1) < 0)
		return -errno;
	*ret = TAKE_FD(fd);
	return 0;
}

static void close_queues(int *queues, size_t n)
{
	for (size_t i = 0; i < n; i++)
		cleanup_close(&queues[i]);
}

static int open_queues(struct host *host, int *queues, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int error = open_queue(&queues[i]);

		if (!error)
			continue;
		close_queues(queues, i);
		return complain(host->stt,
				error == -EINVAL ? "exists and is no tap with many queues" :
						   "cannot be opened",
				error);
	}
	return 0;
}

/* Program first, then up: no frame comes out of it before the switch sees it. */
static int complete(struct host *host, const struct link *link)
{
	uint32_t ifindex = link->ifindex;
	int error = 0;

	if (link->makes_addresses)
		error = link_set_no_addresses(&host->netlink, ifindex);
	if (!error && link->mtu != TAP_MTU)
		error = link_set_mtu(&host->netlink, ifindex, TAP_MTU);
	if (!error)
		error = attach_program(host->datapath, PROGRAM_STT, ifindex);
	if (!error && !link->up)
		error = link_set_up(&host->netlink, ifindex);
	return error ? error : link_table_refresh(&host->links, &host->netlink, STT_DEVICE);
}

int stt_tap_open(struct host *host, int *queues, size_t n)
{
	struct stt *stt = host->stt;
	const struct link *link;
	int error = open_queues(host, queues, n);

	if (error)
		return error;
	/* the table has to know of the device now, not when its event is read */
	error = link_table_refresh(&host->links, &host->netlink, STT_DEVICE);
	link = link_by_name(&host->links, STT_DEVICE);
	if (!error)
		error = link ? complete(host, link) : -ENODEV;
	link = link_by_name(&host->links, STT_DEVICE);
	if (!error && !link)
		error = -ENODEV;
	if (error) {
		close_queues(queues, n);
		return complain(stt, "cannot be set up", error);
	}
	snprintf(stt->device.name, sizeof(stt->device.name), "%s", STT_DEVICE);
	stt->device.ifindex = link->ifindex;
	stt->device.birth = link->birth;
	return 0;
}

int stt_tap_delete(struct host *host)
{
	const struct link *link = link_by_name(&host->links, STT_DEVICE);
	int error;

	if (!link || strcmp(link->kind, "tun") != 0)
		return 0;
	(void)attach_remove(host->datapath, PROGRAM_STT, link->ifindex);
	error = link_delete(&host->netlink, link->ifindex);
	return error == -ENODEV ? 0 : error;
}
