/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Do the tables of devices, addresses and neighbours follow the kernel's
 * events?  Real devices in a namespace.
 */
#include "kernel/link.h"
#include "kernel/link_address.h"
#include "kernel/link_set.h"
#include "kernel/neighbour.h"

#include "netns.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct bench {
	struct netlink netlink;
	struct link_table links;
	struct link_address_table addresses;
	struct neighbour_table neighbours;
	unsigned int n_link_changes;
};

static struct bench bench;

static int set_up(void **state)
{
	bench = (struct bench){0};
	return netns_fresh(state) || netlink_open(&bench.netlink) ||
	       link_table_load(&bench.links, &bench.netlink) ||
	       link_address_table_load(&bench.addresses, &bench.netlink) ||
	       neighbour_table_load(&bench.neighbours, &bench.netlink);
}

static int tear_down(void **state)
{
	neighbour_table_clear(&bench.neighbours);
	link_address_table_clear(&bench.addresses);
	link_table_clear(&bench.links);
	netlink_close(&bench.netlink);
	return 0;
}

static int visit(void *arg, struct nlmsghdr *message)
{
	bench.n_link_changes += link_table_update(&bench.links, message);
	link_address_table_update(&bench.addresses, message);
	neighbour_table_update(&bench.neighbours, message);
	return 0;
}

static int read_events(void)
{
	return netlink_read_events(&bench.netlink, visit, NULL);
}

/* Reads events until the condition holds; false after five seconds. */
#define eventually(condition)                                                                      \
	({                                                                                         \
		double _deadline = seconds_now() + 5;                                              \
		struct pollfd _fd = {.fd = netlink_event_fd(&bench.netlink), .events = POLLIN};    \
		assert_int_equal(read_events(), 0);                                                \
		while (!(condition) && seconds_now() < _deadline) {                                \
			poll(&_fd, 1, 100);                                                        \
			assert_int_equal(read_events(), 0);                                        \
		}                                                                                  \
		(condition);                                                                       \
	})

static const struct link *find(const char *name)
{
	return link_by_name(&bench.links, name);
}

static struct address parse(const char *text)
{
	struct address address;

	assert_int_equal(address_parse(text, &address), 0);
	return address;
}

static void a_device_appears_changes_and_vanishes(void **state)
{
	uint32_t ifindex;

	assert_null(find("u1"));
	assert_int_equal(sh("ip link add u1 address 02:00:00:00:00:01 type veth peer name w1"), 0);
	assert_true(eventually(find("u1")));
	ifindex = find("u1")->ifindex;
	assert_ptr_equal(find("u1"), link_by_ifindex(&bench.links, ifindex));
	assert_string_equal(find("u1")->kind, "veth");
	assert_int_equal(find("u1")->mtu, 1500);
	assert_int_equal(find("u1")->mac.bytes[5], 1);
	assert_true(find("u1")->ethernet);
	assert_false(find("u1")->up);
	assert_int_equal(sh("ip link set u1 up mtu 1600; ip link set w1 up"), 0);
	assert_true(eventually(find("u1")->mtu == 1600 && link_runs(find("u1"))));
	assert_int_equal(sh("ip link set w1 down"), 0);
	assert_true(eventually(!find("u1")->carrier));
	assert_true(find("u1")->up);
	assert_int_equal(sh("ip link del u1"), 0);
	assert_true(eventually(!find("u1")));
	assert_null(link_by_ifindex(&bench.links, ifindex));
}

static void a_device_made_again_or_brought_back_is_another_birth(void **state)
{
	uint64_t birth;
	uint32_t ifindex;

	assert_int_equal(sh("ip link add t1 type veth peer name t2"), 0);
	assert_true(eventually(find("t1")));
	birth = find("t1")->birth;
	ifindex = find("t1")->ifindex;
	/* out to another namespace and back in one burst, with the same number */
	assert_int_equal(sh("unshare -n sh -c 'nsenter -t %d -n ip link set t1 netns $$;"
			    " ip link set t1 netns %d'",
			    getpid(), getpid()),
			 0);
	assert_true(eventually(find("t1") && find("t1")->birth != birth));
	assert_int_equal(find("t1")->ifindex, ifindex);
}

static void a_renamed_device_has_its_new_name_only(void **state)
{
	uint64_t birth;

	assert_int_equal(sh("ip link add a1 type veth peer name a2"), 0);
	assert_true(eventually(find("a1")));
	birth = find("a1")->birth;
	assert_int_equal(sh("ip link set a1 name b1"), 0);
	assert_true(eventually(find("b1")));
	assert_null(find("a1"));
	assert_int_equal(find("b1")->birth, birth);
}

static void swapped_names_are_not_confused(void **state)
{
	uint32_t a, b;

	assert_int_equal(sh("ip link add a1 type veth peer name b1"), 0);
	assert_true(eventually(find("a1") && find("b1")));
	a = find("a1")->ifindex;
	b = find("b1")->ifindex;
	assert_int_equal(sh("ip link set a1 name x; ip link set b1 name a1; ip link set x name b1"),
			 0);
	assert_true(eventually(find("b1") && find("b1")->ifindex == a && find("a1")));
	assert_int_equal(find("a1")->ifindex, b);
	assert_null(find("x"));
}

static void a_veth_with_its_far_end_elsewhere_is_known(void **state)
{
	assert_int_equal(sh("ip link add n1 type veth peer name f1"), 0);
	assert_true(eventually(find("n1")));
	assert_false(find("n1")->far_end_elsewhere);
	assert_int_equal(sh("unshare -n sh -c 'nsenter -t %d -n ip link set f1 netns $$;"
			    " nsenter -t %d -n ip link set n1 mtu 1400; exec sleep 1' & ",
			    getpid(), getpid()),
			 0);
	assert_true(eventually(find("n1") && find("n1")->far_end_elsewhere));
}

static void the_life_of_a_bridge_port_is_not_that_of_the_device(void **state)
{
	assert_int_equal(sh("ip link add p1 type veth peer name p2"), 0);
	assert_true(eventually(find("p1")));
	if (sh("ip link add br0 type bridge") != 0)
		skip();
	assert_int_equal(sh("ip link set p1 master br0; ip link set p1 nomaster;"
			    "ip link set p2 mtu 1400"),
			 0);
	assert_true(eventually(find("p2")->mtu == 1400));
	assert_non_null(find("p1"));
}

static void noise_about_a_device_is_no_change(void **state)
{
	assert_int_equal(sh("ip link add q1 type veth peer name q2"), 0);
	assert_true(eventually(find("q1") && find("q2")));
	bench.n_link_changes = 0;
	assert_int_equal(sh("ip link set q1 alias noise; ip link set q1 txqueuelen 77;"
			    "ip link set q2 mtu 1400"),
			 0);
	assert_true(eventually(find("q2")->mtu == 1400));
	assert_int_equal(bench.n_link_changes, 1);
}

static void the_owner_of_a_vxlan_port_is_known(void **state)
{
	if (sh("ip link add vx0 type vxlan external dstport 4790 &&"
	       "ip link add vx1 type vxlan id 7 dstport 4791") != 0)
		skip();
	assert_true(eventually(find("vx0") && find("vx1")));
	assert_string_equal(link_by_udp_port(&bench.links, 4790)->name, "vx0");
	assert_true(find("vx0")->external);
	assert_false(find("vx1")->external);
	assert_null(link_by_udp_port(&bench.links, 4789));
}

static void addresses_come_and_go(void **state)
{
	struct address four = parse("192.0.2.1"), six = parse("2001:db8::1");

	assert_int_equal(sh("ip link add d1 type veth peer name d2; ip link set d1 up;"
			    "ip addr add 169.254.7.7/16 scope link dev d1;"
			    "ip addr add 192.0.2.1/24 dev d1; ip addr add 192.0.2.3/24 dev d1;"
			    "ip addr add 2001:db8::1/64 dev d1 nodad"),
			 0);
	assert_true(eventually(link_address_is_ours(&bench.addresses, &six)));
	assert_true(eventually(link_address_is_ours(&bench.addresses, &four)));
	assert_true(address_equal(
		link_address_first(&bench.addresses, find("d1")->ifindex, AF_INET), &four));
	assert_true(address_equal(
		link_address_first(&bench.addresses, find("d1")->ifindex, AF_INET6), &six));
	assert_int_equal(sh("ip addr del 192.0.2.1/24 dev d1"), 0);
	assert_true(eventually(!link_address_is_ours(&bench.addresses, &four)));
}

static const struct neighbour *neighbour(const char *text)
{
	struct address address = parse(text);

	return neighbour_find(&bench.neighbours, find("e1")->ifindex, &address);
}

static void only_neighbours_that_the_kernel_looks_after_are_usable(void **state)
{
	static const char *const usable[] = {"permanent", "reachable", "noarp", "delay", "probe"};
	char command[256];

	assert_int_equal(sh("ip link add e1 type veth peer name e2; ip link set e1 up;"
			    "ip link set e2 up; ip addr add 192.0.2.1/24 dev e1"),
			 0);
	assert_true(eventually(find("e1") && link_runs(find("e1"))));
	for (size_t i = 0; i < sizeof(usable) / sizeof(usable[0]); i++) {
		snprintf(command, sizeof(command),
			 "ip neigh replace 192.0.2.9 lladdr 02:00:00:00:00:%02zx nud %s dev e1",
			 i + 1, usable[i]);
		assert_int_equal(sh("%s", command), 0);
		assert_true(eventually(neighbour("192.0.2.9") &&
				       neighbour("192.0.2.9")->mac.bytes[5] == i + 1));
		assert_int_equal(sh("ip neigh replace 192.0.2.9 lladdr 02:00:00:00:00:ff"
				    " nud stale dev e1"),
				 0);
		assert_true(eventually(!neighbour("192.0.2.9")));
	}
	assert_int_equal(sh("ip neigh replace 192.0.2.9 lladdr 02:00:00:00:00:aa"
			    " nud permanent dev e1; ip neigh del 192.0.2.9 dev e1"),
			 0);
	assert_true(eventually(!neighbour("192.0.2.9")));
}

static void link_local_addresses_are_taken_away_and_no_others(void **state)
{
	struct address global = parse("2001:db8::5");
	size_t n;

	assert_int_equal(sh("ip link add g1 type veth peer name g2; ip link set g2 up;"
			    "ip link set g1 up; ip addr add fe80::77/64 dev g1 nodad;"
			    "ip addr add 2001:db8::5/64 dev g1 nodad"),
			 0);
	assert_true(eventually(link_address_is_ours(&bench.addresses, &global)));
	assert_true(eventually(bench.addresses.n_addresses >= 4));
	n = bench.addresses.n_addresses;
	assert_int_equal(link_address_drop_link_local(&bench.netlink, find("g1")->ifindex), 0);
	assert_true(eventually(bench.addresses.n_addresses == n - 2));
	assert_true(link_address_is_ours(&bench.addresses, &global));
}

static void a_reload_agrees_with_what_events_told(void **state)
{
	uint64_t birth;

	assert_int_equal(sh("ip link add r1 type veth peer name r2"), 0);
	assert_int_equal(link_table_load(&bench.links, &bench.netlink), 0);
	assert_non_null(find("r1"));
	birth = find("r1")->birth;
	assert_true(eventually(find("r2")));
	assert_int_equal(sh("ip link del r1"), 0);
	assert_int_equal(link_table_load(&bench.links, &bench.netlink), 0);
	assert_null(find("r1"));
	assert_int_equal(sh("ip link add r1 type veth peer name r2"), 0);
	assert_int_equal(link_table_load(&bench.links, &bench.netlink), 0);
	assert_true(find("r1")->birth != birth);
}

static void devices_are_changed_as_asked(void **state)
{
	assert_int_equal(sh("ip link add s1 type veth peer name s2"), 0);
	assert_true(eventually(find("s1")));
	if (find("s1")->makes_addresses) {
		assert_int_equal(link_set_no_addresses(&bench.netlink, find("s1")->ifindex), 0);
		/* nobody announces it while the device is down */
		assert_int_equal(link_table_refresh(&bench.links, &bench.netlink, "s1"), 0);
		assert_false(find("s1")->makes_addresses);
	}
	assert_int_equal(link_set_mtu(&bench.netlink, find("s1")->ifindex, 1450), 0);
	assert_int_equal(link_set_up(&bench.netlink, find("s1")->ifindex), 0);
	assert_true(eventually(find("s1")->mtu == 1450 && find("s1")->up));
	assert_int_equal(link_set_gro("s1", true), 0);
	assert_int_equal(sh("ethtool -k s1 | grep -q 'generic-receive-offload: on'"), 0);
	assert_int_equal(link_set_gro("s1", false), 0);
	assert_int_equal(sh("ethtool -k s1 | grep -q 'generic-receive-offload: off'"), 0);
	assert_int_equal(link_delete(&bench.netlink, find("s1")->ifindex), 0);
	assert_true(eventually(!find("s1")));
	assert_int_equal(link_set_gro("s1", true), -ENODEV);
	assert_int_equal(link_set_mtu(&bench.netlink, 4711, 1450), -ENODEV);
}

int main(void)
{
#define in_namespace(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		in_namespace(a_device_appears_changes_and_vanishes),
		in_namespace(a_device_made_again_or_brought_back_is_another_birth),
		in_namespace(a_renamed_device_has_its_new_name_only),
		in_namespace(swapped_names_are_not_confused),
		in_namespace(a_veth_with_its_far_end_elsewhere_is_known),
		in_namespace(the_life_of_a_bridge_port_is_not_that_of_the_device),
		in_namespace(noise_about_a_device_is_no_change),
		in_namespace(the_owner_of_a_vxlan_port_is_known),
		in_namespace(addresses_come_and_go),
		in_namespace(only_neighbours_that_the_kernel_looks_after_are_usable),
		in_namespace(link_local_addresses_are_taken_away_and_no_others),
		in_namespace(a_reload_agrees_with_what_events_told),
		in_namespace(devices_are_changed_as_asked),
	};

	netns_or_skip();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
