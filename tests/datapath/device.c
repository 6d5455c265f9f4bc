/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a test hold both ends of a network device?  See device.h.
 */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Since Linux 6.2; older headers do not name them. */
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

static void give_up(const char *what, const char *name)
{
	fprintf(stderr, "%s %s: %s\n", what, name, strerror(errno));
	exit(EXIT_FAILURE);
}

void device_ip(const char *format, ...)
{
	char command[512] = "ip ";
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command + 3, sizeof(command) - 3, format, arguments);
	va_end(arguments);
	if (system(command) != 0) {
		fprintf(stderr, "%s: failed\n", command);
		exit(EXIT_FAILURE);
	}
}

void device_write_sysctl(const char *path, const char *value)
{
	char file[256];
	_cleanup_close_ int fd = -1;

	snprintf(file, sizeof(file), "/proc/sys/%s", path);
	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		give_up("cannot write", file);
}

/* No IPv6 on the devices: its own reports and solicitations would be among the tests' frames. */
int device_isolate(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		return -errno;
	device_write_sysctl("net/ipv6/conf/default/disable_ipv6", "1");
	device_write_sysctl("net/ipv6/conf/default/addr_gen_mode", "1");
	device_write_sysctl("net/ipv4/conf/default/rp_filter", "0");
	device_write_sysctl("net/ipv4/conf/all/rp_filter", "0");
	device_ip("link set lo up");
	return 0;
}

uint64_t device_host_packets(void)
{
	_cleanup_fclose_ FILE *ipv4 = fopen("/proc/net/snmp", "re");
	_cleanup_fclose_ FILE *ipv6 = fopen("/proc/net/snmp6", "re");
	unsigned long long packets4 = 0, packets6 = 0;

	/* "Ip: Forwarding DefaultTTL InReceives ...", then the numbers */
	if (!ipv4 || fscanf(ipv4, "Ip: %*[^\n]\nIp: %*d %*d %llu", &packets4) != 1)
		give_up("cannot read", "/proc/net/snmp");
	if (!ipv6 || fscanf(ipv6, "Ip6InReceives %llu", &packets6) != 1)
		give_up("cannot read", "/proc/net/snmp6");
	return packets4 + packets6;
}

static void control(unsigned long request, struct ifreq *ifr)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, request, ifr) < 0)
		give_up("cannot set up device", ifr->ifr_name);
}

static void take_up(const struct device *device)
{
	struct ifreq ifr = {0};

	memcpy(ifr.ifr_name, device->name, IFNAMSIZ);
	control(SIOCGIFFLAGS, &ifr);
	ifr.ifr_flags |= IFF_UP;
	control(SIOCSIFFLAGS, &ifr);
}

static void set_mac(const struct device *device, const char *mac)
{
	struct ifreq ifr = {0};
	uint8_t *at = (uint8_t *)ifr.ifr_hwaddr.sa_data;

	memcpy(ifr.ifr_name, device->name, IFNAMSIZ);
	ifr.ifr_hwaddr.sa_family = 1; /* ARPHRD_ETHER */
	if (sscanf(mac, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &at[0], &at[1], &at[2], &at[3],
		   &at[4], &at[5]) != 6)
		give_up("not a MAC address", mac);
	control(SIOCSIFHWADDR, &ifr);
}

/* UDP super-frames came with Linux 6.2. */
static void set_offloads(struct device *device)
{
	unsigned int tcp = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;

	device->udp_offload = ioctl(device->fd, TUNSETOFFLOAD, tcp | TUN_F_USO4 | TUN_F_USO6) == 0;
	if (!device->udp_offload && ioctl(device->fd, TUNSETOFFLOAD, tcp) < 0)
		give_up("cannot set the offloads of tap", device->name);
}

void device_open_tap(struct device *device, const char *name, const char *mac, bool offloads)
{
	struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};

	*device = (struct device){.fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC),
				  .offloads = offloads};
	snprintf(device->name, sizeof(device->name), "%s", name);
	memcpy(ifr.ifr_name, device->name, IFNAMSIZ);
	if (offloads)
		ifr.ifr_flags |= IFF_VNET_HDR;
	if (device->fd < 0 || ioctl(device->fd, TUNSETIFF, &ifr) < 0)
		give_up("cannot make tap", name);
	if (offloads)
		set_offloads(device);
	device->ifindex = (int)if_nametoindex(name);
	set_mac(device, mac);
	take_up(device);
}

/* With IPv6, but without an address of its own: that would be announced. */
void device_open_underlay(struct device *device, const char *name, const char *mac)
{
	device_write_sysctl("net/ipv6/conf/default/disable_ipv6", "0");
	device_open_tap(device, name, mac, /* offloads= */ false);
	device_write_sysctl("net/ipv6/conf/default/disable_ipv6", "1");
}

void device_close(struct device *device)
{
	if (device->fd >= 0)
		close(device->fd);
	device->fd = -1;
}

int device_send_offloaded(const struct device *device, const struct frame *frame,
			  const struct offload *offload)
{
	struct virtio_net_hdr header = {
		.flags = offload->flags,
		.gso_type = offload->gso_type,
		.hdr_len = offload->header_bytes,
		.gso_size = offload->gso_size,
		.csum_start = offload->csum_start,
		.csum_offset = offload->csum_offset,
	};
	struct iovec parts[] = {
		{&header, sizeof(header)},
		{(void *)(uintptr_t)frame->bytes, frame->length},
	};
	int skip = device->offloads ? 0 : 1;

	return writev(device->fd, parts + skip, 2 - skip) < 0 ? -errno : 0;
}

int device_send(const struct device *device, const struct frame *frame)
{
	return device_send_offloaded(device, frame, &(struct offload){0});
}

const struct frame *device_receive_offloaded(const struct device *device,
					     struct offload *ret_offload)
{
	static uint8_t buffer[FRAME_MAX];
	struct virtio_net_hdr header = {0};
	size_t header_bytes = device->offloads ? sizeof(header) : 0;
	ssize_t n = read(device->fd, buffer, sizeof(buffer));

	if (n < (ssize_t)header_bytes) {
		if (n < 0 && errno != EAGAIN)
			give_up("cannot read from tap", device->name);
		return NULL;
	}
	memcpy(&header, buffer, header_bytes);
	*ret_offload = (struct offload){
		.flags = header.flags,
		.gso_type = header.gso_type,
		.header_bytes = header.hdr_len,
		.gso_size = header.gso_size,
		.csum_start = header.csum_start,
		.csum_offset = header.csum_offset,
	};
	return frame_copy(buffer + header_bytes, (size_t)n - header_bytes);
}

const struct frame *device_receive(const struct device *device)
{
	struct offload offload;

	return device_receive_offloaded(device, &offload);
}

void device_wait(const struct device *device)
{
	struct pollfd waiting = {.fd = device->fd, .events = POLLIN};

	poll(&waiting, 1, 10000);
}

size_t device_drain(const struct device *device)
{
	size_t n = 0;

	while (device_receive(device))
		n++;
	return n;
}
