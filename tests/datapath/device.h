/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a test hold both ends of a network device?  Each device is a tap:
 * what the test writes arrives at the device (tc ingress sees it), what the
 * kernel transmits through the device the test reads, byte for byte.  With
 * offloads the tap speaks vnet_hdr as QEMU's do.
 */
#ifndef OVERLAID_TESTS_DEVICE_H
#define OVERLAID_TESTS_DEVICE_H

#include <linux/virtio_net.h>
#include <net/if.h>

#include "frame.h"

struct device {
	char name[IFNAMSIZ];
	int ifindex;
	int fd; /* -1: not open */
	bool offloads;
	bool udp_offload; /* UDP super-frames, too */
};

/* The offload fields of a frame; all zero for a plain one. */
struct offload {
	uint8_t flags;	  /* VIRTIO_NET_HDR_F_* */
	uint8_t gso_type; /* VIRTIO_NET_HDR_GSO_* */
	uint16_t header_bytes, gso_size, csum_start, csum_offset;
};

/* Puts the process into a new, empty network namespace; 0 or -errno. */
int device_isolate(void);
/* Runs `ip` with these words; ends the program when it fails. */
void device_ip(const char *format, ...) __attribute__((format(printf, 1, 2)));
void device_write_sysctl(const char *path, const char *value);

/* How many IP packets of either version the namespace's own stack has seen so far. */
uint64_t device_host_packets(void);

/* Makes the tap, gives it the MAC and takes it up.  Ends the program on failure. */
void device_open_tap(struct device *device, const char *name, const char *mac, bool offloads);
/* The same for a device that the kernel may send IPv6 through. */
void device_open_underlay(struct device *device, const char *name, const char *mac);
void device_close(struct device *device);

/* The frame arrives at the device.  Returns when the kernel is done with it: 0 or -errno. */
int device_send(const struct device *device, const struct frame *frame);
int device_send_offloaded(const struct device *device, const struct frame *frame,
			  const struct offload *offload);
/*
 * The next frame that the kernel transmitted through the device, or NULL when
 * there is none.  A tap's queue is filled before device_send() returns, so
 * this does not wait.
 */
const struct frame *device_receive(const struct device *device);
/* Where softirqs are on the way (veth): waits up to two seconds for a frame. */
void device_wait(const struct device *device);
const struct frame *device_receive_offloaded(const struct device *device,
					     struct offload *ret_offload);
/* Throws away what waits; returns how many frames. */
size_t device_drain(const struct device *device);

#endif
