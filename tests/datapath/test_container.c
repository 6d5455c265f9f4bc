/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a container get its frames?  Its NIC is a veth whose far end is in
 * another network namespace, so that the datapath may hand frames over without
 * a trip through the backlog (bpf_redirect_peer).  A socket over there is the
 * judge: the kernel must accept the packet as its own.
 */
#include "test.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_packet.h>

#include "base/cleanup.h"

/* Sockets in the container's namespace: of the NIC, and for UDP to either address. */
struct container {
	int raw, udp;
};

static void must(int result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(EXIT_FAILURE);
}

static int open_raw(void)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET,
				      .sll_protocol = htons(3), /* ETH_P_ALL */
				      .sll_ifindex = (int)if_nametoindex("nic")};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(3));

	must(fd, "packet socket");
	must(bind(fd, (struct sockaddr *)&address, sizeof(address)), "bind to nic");
	return fd;
}

static int open_udp(void)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(5000)};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(fd, "UDP socket");
	must(bind(fd, (struct sockaddr *)&address, sizeof(address)), "bind to port 5000");
	return fd;
}

/* The veth takes port C's place in the switch; port C's tap stays unused. */
static struct container open_container(struct harness *harness, uint32_t flags)
{
	_cleanup_close_ int ours = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int theirs = -1;
	struct table_port port = tables_port(harness, PORT_C);
	struct container container;

	must(unshare(CLONE_NEWNET), "unshare");
	theirs = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	must(setns(ours, CLONE_NEWNET), "setns");
	device_ip("link add container type veth peer name nic address " VM_B_MAC);
	device_ip("link set container up");
	device_ip("link set nic netns /proc/%d/fd/%d", getpid(), theirs);
	must(setns(theirs, CLONE_NEWNET), "setns");
	device_write_sysctl("net/ipv4/conf/all/rp_filter", "0");
	device_ip("link set nic up");
	device_ip("address add " VM_B_IP4 "/24 dev nic");
	device_ip("address add " VM_B_IP6 "/64 dev nic nodad");
	container.raw = open_raw();
	container.udp = open_udp();
	must(setns(ours, CLONE_NEWNET), "setns");
	port.ifindex = if_nametoindex("container");
	port.flags |= flags;
	tables_set_port(harness, PORT_C, port);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_C, FDB_STATIC);
	return container;
}

static void close_container(const struct container *container)
{
	/* before its namespace goes with the last socket, and takes the veth along */
	device_ip("link del container");
	close(container->raw);
	close(container->udp);
}

static const struct frame *next(int fd)
{
	static uint8_t buffer[2048];
	struct pollfd waiting = {.fd = fd, .events = POLLIN};
	ssize_t n = -1;

	if (poll(&waiting, 1, 2000) == 1)
		n = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
	return n < 0 ? NULL : frame_copy(buffer, (size_t)n);
}

/* The next frame from VM A: the container's own announcements are not the question. */
static const struct frame *next_of_vm_a(int raw)
{
	const struct frame *frame, *macs = frame(eth());

	do
		frame = next(raw);
	while (frame && memcmp(frame->bytes + 6, macs->bytes + 6, 6) != 0);
	return frame;
}

static const struct frame *datagram(bool ipv4)
{
	return ipv4 ? frame(eth(), ip4(), udp(), payload(99)) :
		      frame(eth(), ip6(), udp(), payload(99));
}

/* Through the NIC unchanged, and up to the socket. */
static void assert_accepted(const struct container *container, bool ipv4)
{
	const struct frame *sent = datagram(ipv4);

	assert_frame(next_of_vm_a(container->raw), sent);
	assert_frame(next(container->udp), frame_part(sent, sent->length - 99, FRAME_END));
}

static void check_container(struct harness *harness, uint32_t flags)
{
	struct container container = open_container(harness, flags);
	const struct frame *arp_frame = frame(eth(), arp());

	for (int ipv4 = 0; ipv4 < 2; ipv4++) {
		assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], datagram(ipv4)));
		assert_accepted(&container, ipv4);
		for (uint32_t peer = 0; peer < N_PEERS; peer++) {
			assert_no_drop(harness_deliver(
				harness, &harness->underlay,
				envelope_from(peer, datagram(ipv4), (struct envelope){0})));
			assert_accepted(&container, ipv4);
		}
	}
	harness_deliver(harness, &harness->ports[PORT_A], arp_frame);
	assert_frame(next_of_vm_a(container.raw), arp_frame);
	harness_deliver(harness, &harness->underlay,
			envelope_from(PEER_6, arp_frame, (struct envelope){0}));
	assert_frame(next_of_vm_a(container.raw), arp_frame);
	close_container(&container);
}

static void a_container_accepts_what_ports_and_peers_send_it(void **state)
{
	check_container(*state, 0);
}

static void a_container_accepts_what_is_handed_over_directly(void **state)
{
	check_container(*state, PORT_PEER_DEVICE);
}

/* On a kernel without the DECAP flags skb->protocol stays the outer packet's. */
static void a_container_accepts_it_on_an_old_kernel_too(void **state)
{
	struct harness *harness = *state;

	tables_clear_features(harness);
	check_container(harness, PORT_PEER_DEVICE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(a_container_accepts_what_ports_and_peers_send_it),
		harness_test(a_container_accepts_what_is_handed_over_directly),
		harness_test(a_container_accepts_it_on_an_old_kernel_too),
	};

	return harness_main(tests);
}
