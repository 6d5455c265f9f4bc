/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does the datapath follow what happens to devices, routes, neighbours and
 * addresses, and what routers say?
 */
#include "kernel/anchor.h"
#include "kernel/attach.h"
#include "kernel/counters.h"

#include "machine.h"

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define MODEL                                                                                      \
	"{'underlay': {'device': 'u1', 'address': '192.0.2.1'},"                                   \
	" 'segments': [{'name': 'blue', 'vni': 5001}],"                                            \
	" 'peers': [{'address': '203.0.113.2'}],"                                                  \
	" 'ports': [{'device': 'vm1', 'segment': 'blue'}, {'device': 'tap9', 'segment': 'blue'}]}"

static struct model model;

static int set_up(void **state)
{
	struct machine *machine;
	struct problem problem = {0};

	if (machine_setup(state))
		return -1;
	machine = *state;
	machine_model(MODEL, &model);
	assert_int_equal(sh("ip route add 203.0.113.0/24 via 192.0.2.254"), 0);
	if (apply_first(machine->host, &model, &problem))
		fail_msg("%s", problem.message);
	machine_follow(machine, &model);
	return 0;
}

static int tear_down(void **state)
{
	model_clear(&model);
	return machine_teardown(state);
}

static const struct host_peer *the_peer(const struct machine *machine)
{
	return machine->host->peers;
}

static struct table_port port_record(const struct machine *machine, const char *name)
{
	struct datapath *dp = machine->host->datapath;
	struct table_port record;

	assert_int_equal(maps_get_port(dp, slots_find_port(dp->slots, name), &record), 0);
	return record;
}

static struct table_segment segment_record(const struct machine *machine)
{
	struct datapath *dp = machine->host->datapath;
	struct table_segment record;

	assert_int_equal(maps_get_segment(dp, slots_find_segment(dp->slots, 5001), &record), 0);
	return record;
}

/* What the datapath sends to now: "device gateway" of each next hop, and MACs where resolved. */
static const char *ways(const struct machine *machine)
{
	static char text[512];
	struct table_nexthop nexthops[TABLE_NEXTHOPS];
	int n = maps_get_nexthops(machine->host->datapath, the_peer(machine)->slot, nexthops);
	int length = 0;

	assert_true(n >= 0);
	text[0] = '\0';
	for (int i = 0; i < n; i++) {
		const struct link *link =
			link_by_ifindex(&machine->host->links, nexthops[i].ifindex);
		struct address gateway;
		struct mac mac;
		char one[ADDRESS_TEXT_MAX], other[MAC_TEXT_MAX];

		memcpy(&gateway, &nexthops[i].gateway, sizeof(gateway));
		memcpy(&mac, nexthops[i].destination, sizeof(mac));
		length += snprintf(
			text + length, sizeof(text) - (size_t)length, "%s%s %s%s%s", i ? ", " : "",
			link ? link->name : "?", address_format(&gateway, one),
			nexthops[i].flags & NEXTHOP_RESOLVED ? " " : "",
			nexthops[i].flags & NEXTHOP_RESOLVED ? mac_format(&mac, other) : "");
	}
	return text;
}

#define assert_ways(expected)                                                                      \
	do {                                                                                       \
		(void)machine_eventually(machine, &model, strcmp(ways(machine), expected) == 0);   \
		assert_string_equal(ways(machine), expected);                                      \
	} while (0)

static void a_route_is_followed_from_gateway_to_gateway_to_nowhere_and_back(void **state)
{
	struct machine *machine = *state;

	assert_ways("u1 192.0.2.254");
	assert_int_equal(sh("ip route replace 203.0.113.0/24 via 198.51.100.254"), 0);
	assert_ways("u2 198.51.100.254");
	assert_int_equal(sh("ip route replace 203.0.113.0/24 nexthop via 192.0.2.254"
			    " nexthop via 198.51.100.254 weight 2"),
			 0);
	assert_ways("u1 192.0.2.254, u2 198.51.100.254, u2 198.51.100.254");
	assert_int_equal(sh("ip link set u1 down"), 0);
	assert_ways("u2 198.51.100.254");
	assert_int_equal(sh("ip route del 203.0.113.0/24"), 0);
	assert_ways("");
	assert_int_equal(the_peer(machine)->record.limit, 0);
	assert_int_equal(sh("ip route add 203.0.113.0/24 via 198.51.100.254"), 0);
	assert_ways("u2 198.51.100.254");
}

static void a_policy_rule_is_followed_without_a_route_event(void **state)
{
	struct machine *machine = *state;

	assert_int_equal(sh("ip route add 203.0.113.0/24 via 198.51.100.254 table 7"), 0);
	assert_ways("u1 192.0.2.254");
	assert_int_equal(sh("ip rule add to 203.0.113.0/24 lookup 7"), 0);
	assert_ways("u2 198.51.100.254");
}

static void a_neighbour_is_followed_from_mac_to_mac_to_stale(void **state)
{
	struct machine *machine = *state;

	assert_int_equal(
		sh("ip neigh replace 192.0.2.254 lladdr 02:00:00:00:00:aa nud reachable dev u1"),
		0);
	assert_ways("u1 192.0.2.254 02:00:00:00:00:aa");
	assert_int_equal(
		sh("ip neigh replace 192.0.2.254 lladdr 02:00:00:00:00:bb nud permanent dev u1"),
		0);
	assert_ways("u1 192.0.2.254 02:00:00:00:00:bb");
	assert_int_equal(
		sh("ip neigh replace 192.0.2.254 lladdr 02:00:00:00:00:bb nud stale dev u1"), 0);
	assert_ways("u1 192.0.2.254");
}

static void an_unknown_next_hop_is_asked_for_before_the_first_frame(void **state)
{
	/* `ip neigh` hides those of state NONE, which nobody has asked for */
	assert_int_equal(sh("ip neigh show nud all to 192.0.2.254 dev u1 | grep -q ."), 0);
	assert_int_not_equal(sh("ip neigh show nud all to 192.0.2.253 dev u1 | grep -q ."), 0);
}

static void without_an_anchor_next_hops_are_kept_known(void **state)
{
	struct machine *machine = *state;

	assert_int_equal(sh("ip link del " ANCHOR_VXLAN_DEVICE
			    "; ip link add other type vxlan id 9 dstport 4789;"
			    "ip neigh replace 192.0.2.254 lladdr 02:00:00:00:00:aa"
			    " nud reachable dev u1"),
			 0);
	assert_true(machine_eventually(machine, &model,
				       machine->host->anchors[ANCHOR_VXLAN].complaint[0]));
	assert_ways("u1 192.0.2.254 02:00:00:00:00:aa");
	/* from STALE the kernel leads it over DELAY and PROBE back, or finds that it is gone */
	assert_int_equal(
		sh("ip neigh replace 192.0.2.254 lladdr 02:00:00:00:00:bb nud stale dev u1"), 0);
	assert_ways("u1 192.0.2.254 02:00:00:00:00:bb");
	/* it fails, is asked for, and speaks first before that is answered */
	assert_int_equal(sh("ip neigh replace 192.0.2.254 nud failed dev u1"), 0);
	assert_ways("u1 192.0.2.254");
	assert_int_equal(
		sh("ip neigh replace 192.0.2.254 lladdr 02:00:00:00:00:cc nud stale dev u1"), 0);
	assert_ways("u1 192.0.2.254 02:00:00:00:00:cc");
}

static void the_limits_follow_the_mtu_of_device_and_route(void **state)
{
	struct machine *machine = *state;

	assert_int_equal(the_peer(machine)->record.limit, 1550);
	assert_int_equal(segment_record(machine).flood_limit, 1550);
	assert_int_equal(sh("ip link set u1 mtu 1500"), 0);
	assert_true(
		machine_eventually(machine, &model, segment_record(machine).flood_limit == 1450));
	assert_int_equal(the_peer(machine)->record.limit, 1450);
	assert_int_equal(sh("ip route replace 203.0.113.0/24 via 192.0.2.254 mtu 1300"), 0);
	assert_true(
		machine_eventually(machine, &model, segment_record(machine).flood_limit == 1250));
	assert_int_equal(the_peer(machine)->route_mtu, 1300);
}

static void a_routers_word_lowers_the_limits(void **state)
{
	struct machine *machine = *state;
	uint32_t slot = the_peer(machine)->slot;

	assert_int_equal(follow_path_mtu(machine->host, &model, slot, 1400), 0);
	assert_int_equal(the_peer(machine)->path_mtu, 1400);
	assert_int_equal(the_peer(machine)->route_mtu, 1600);
	assert_int_equal(segment_record(machine).flood_limit, 1350);
	/* not forgotten with the next change, nor raised by another message */
	assert_int_equal(follow_changes(machine->host, &model, HOST_EVERYTHING), 0);
	assert_int_equal(follow_path_mtu(machine->host, &model, slot, 1500), 0);
	assert_int_equal(segment_record(machine).flood_limit, 1350);
	assert_int_equal(follow_path_mtu(machine->host, &model, 4095, 1200), 0);
	assert_int_equal(segment_record(machine).flood_limit, 1350);
}

static void a_device_that_appears_becomes_its_port(void **state)
{
	struct machine *machine = *state;

	assert_int_equal(port_record(machine, "tap9").ifindex, 0);
	assert_int_equal(sh("ip link add tap9 type veth peer name far9;"
			    "ip link set tap9 up; ip link set far9 up"),
			 0);
	assert_true(
		machine_eventually(machine, &model, port_record(machine, "tap9").flags & PORT_UP));
	assert_int_equal(port_record(machine, "tap9").ifindex,
			 link_by_name(&machine->host->links, "tap9")->ifindex);
	assert_true(attach_is_present(machine->host->datapath, PROGRAM_PORT,
				      port_record(machine, "tap9").ifindex));
	assert_int_equal(sh("ip -6 addr show dev tap9 | grep -q inet6"), 256);
	assert_int_equal(sh("ip link set tap9 mtu 9000"), 0);
	assert_true(machine_eventually(machine, &model, port_record(machine, "tap9").mtu == 9000));
}

static void a_device_that_vanishes_takes_what_was_learned_and_comes_back(void **state)
{
	struct machine *machine = *state;
	struct datapath *dp = machine->host->datapath;
	uint32_t slot = slots_find_port(dp->slots, "vm1");

	machine_learn(machine, 5001, 1, PATH_PORT, slot);
	machine_learn(machine, 5001, 2, PATH_PEER, the_peer(machine)->slot);
	assert_int_equal(sh("ip link del vm1"), 0);
	assert_true(machine_eventually(machine, &model, port_record(machine, "vm1").ifindex == 0));
	assert_int_equal(port_record(machine, "vm1").flags & PORT_UP, 0);
	assert_false(machine_knows(machine, 5001, 1));
	assert_true(machine_knows(machine, 5001, 2));
	assert_int_equal(sh("ip link add vm1 type veth peer name far-vm1;"
			    "ip link set vm1 up; ip link set far-vm1 up"),
			 0);
	assert_true(
		machine_eventually(machine, &model, port_record(machine, "vm1").flags & PORT_UP));
	assert_int_equal(slots_find_port(dp->slots, "vm1"), slot);
	assert_true(attach_is_present(dp, PROGRAM_PORT, port_record(machine, "vm1").ifindex));
}

static void a_port_that_goes_down_loses_what_was_learned_on_it(void **state)
{
	struct machine *machine = *state;

	machine_learn(machine, 5001, 1, PATH_PORT,
		      slots_find_port(machine->host->datapath->slots, "vm1"));
	assert_int_equal(sh("ip link set far-vm1 down"), 0);
	assert_true(machine_eventually(machine, &model,
				       !(port_record(machine, "vm1").flags & PORT_UP)));
	assert_false(machine_knows(machine, 5001, 1));
}

static void renamed_devices_change_places(void **state)
{
	struct machine *machine = *state;
	uint32_t one = port_record(machine, "vm1").ifindex, two;

	two = link_by_name(&machine->host->links, "vm2")->ifindex;
	assert_int_equal(sh("ip link set vm1 down; ip link set vm2 down;"
			    "ip link set vm1 name x; ip link set vm2 name vm1;"
			    "ip link set x name vm2; ip link set vm1 up"),
			 0);
	assert_true(
		machine_eventually(machine, &model, port_record(machine, "vm1").ifindex == two));
	assert_true(attach_is_present(machine->host->datapath, PROGRAM_PORT, two));
	assert_false(attach_is_present(machine->host->datapath, PROGRAM_PORT, one));
}

/* Sends a frame from the device's far end and looks whether anybody counted it. */
static bool program_runs(const struct machine *machine, const char *device)
{
	static const uint8_t frame[64] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,
					  0,	0,    0,    0,	  9,	8,    0};
	struct datapath *dp = machine->host->datapath;
	uint32_t slot = slots_find_port(dp->slots, device);
	struct sockaddr_ll to = {.sll_family = AF_PACKET};
	struct table_traffic before, after;
	char far[32];
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	snprintf(far, sizeof(far), "far-%s", device);
	to.sll_ifindex = (int)link_by_name(&machine->host->links, far)->ifindex;
	assert_int_equal(counters_traffic(dp, SLOT_PORT, slot, &before), 0);
	assert_int_equal(sendto(fd, frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to)),
			 sizeof(frame));
	close(fd);
	assert_int_equal(counters_traffic(dp, SLOT_PORT, slot, &after), 0);
	return after.rx_frames > before.rx_frames;
}

static void a_device_that_was_away_for_a_moment_is_attached_again(void **state)
{
	struct machine *machine = *state;
	uint32_t ifindex = port_record(machine, "vm1").ifindex;

	/* in one burst, and with the same number: only the program is gone */
	assert_true(program_runs(machine, "vm1"));
	assert_int_equal(sh("unshare -n sh -c 'nsenter -t %d -n ip link set vm1 netns $$;"
			    " ip link set vm1 netns %d'; ip link set vm1 up",
			    getpid(), getpid()),
			 0);
	assert_true(machine_eventually(
		machine, &model,
		(port_record(machine, "vm1").flags & PORT_UP) &&
			attach_is_present(machine->host->datapath, PROGRAM_PORT, ifindex)));
}

static void an_underlay_device_comes_back_with_program_and_gro(void **state)
{
	struct machine *machine = *state;

	assert_int_equal(sh("ethtool -k u1 | grep -q 'generic-receive-offload: on'"), 0);
	assert_int_equal(sh("ip link del u1"), 0);
	assert_true(machine_eventually(machine, &model, machine->host->devices[0].ifindex == 0));
	assert_ways("");
	assert_int_equal(sh("ip link add u1 type veth peer name far-u1; ip link set u1 up;"
			    "ip link set far-u1 up; ip addr add 192.0.2.1/24 dev u1;"
			    "ip route add 203.0.113.0/24 via 192.0.2.254"),
			 0);
	assert_ways("u1 192.0.2.254");
	assert_true(attach_is_present(machine->host->datapath, PROGRAM_UNDERLAY,
				      machine->host->devices[0].ifindex));
	assert_int_equal(sh("ethtool -k u1 | grep -q 'generic-receive-offload: on'"), 0);
}

static uint32_t anchor_setting(const struct machine *machine)
{
	struct table_settings settings;

	assert_int_equal(maps_get_settings(machine->host->datapath, &settings), 0);
	return settings.anchors[ENCAP_VXLAN][TABLE_ANCHOR4];
}

static void the_anchor_sends_from_ports_of_the_dynamic_range(void **state)
{
	assert_int_equal(
		sh("ip -d link show dev " ANCHOR_VXLAN_DEVICE " | grep -q 'srcport 49152 65535'"),
		0);
}

static void the_anchor_is_made_again_when_somebody_deletes_it(void **state)
{
	struct machine *machine = *state;
	uint32_t before = anchor_setting(machine);

	assert_int_not_equal(before, 0);
	assert_int_equal(sh("ip link show dev " ANCHOR_VXLAN_DEVICE " up | grep -q ,UP"), 0);
	assert_int_equal(sh("ip link del " ANCHOR_VXLAN_DEVICE), 0);
	assert_true(machine_eventually(machine, &model,
				       anchor_setting(machine) != before &&
					       anchor_setting(machine) != 0));
	assert_true(attach_is_present(machine->host->datapath, PROGRAM_ANCHOR,
				      anchor_setting(machine)));
	assert_int_equal(sh("ip -6 addr show dev " ANCHOR_VXLAN_DEVICE " | grep -q inet6"), 256);
}

static void a_foreign_vxlan_device_on_our_port_is_named_and_waited_for(void **state)
{
	struct machine *machine = *state;

	assert_int_equal(
		sh("ip link del " ANCHOR_VXLAN_DEVICE
		   "; ip link add other type vxlan id 9 dstport 4789; ip link set other up"),
		0);
	assert_true(machine_eventually(machine, &model,
				       machine->host->anchors[ANCHOR_VXLAN].complaint[0]));
	assert_non_null(
		strstr(machine->host->anchors[ANCHOR_VXLAN].complaint, "vxlan device other"));
	assert_int_equal(anchor_setting(machine), 0);
	assert_int_equal(sh("ip link del other"), 0);
	machine_follow(machine, &model);
	assert_int_equal(follow_slow(machine->host, &model), 0);
	assert_int_not_equal(anchor_setting(machine), 0);
	assert_string_equal(machine->host->anchors[ANCHOR_VXLAN].complaint, "");
}

static void a_program_on_our_udp_port_is_a_complaint_and_leaves_no_half_anchor(void **state)
{
	struct machine *machine = *state;
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(4789)};
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	assert_int_equal(sh("ip link set " ANCHOR_VXLAN_DEVICE " down"), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_true(machine_eventually(machine, &model,
				       machine->host->anchors[ANCHOR_VXLAN].complaint[0]));
	assert_non_null(strstr(machine->host->anchors[ANCHOR_VXLAN].complaint, "UDP port 4789"));
	machine_follow(machine, &model);
	assert_null(link_by_name(&machine->host->links, ANCHOR_VXLAN_DEVICE));
	close(fd);
}

static void our_address_that_moves_to_another_device_stays_in_force(void **state)
{
	struct machine *machine = *state;

	assert_int_equal(sh("ip addr del 192.0.2.1/24 dev u1; ip addr add 192.0.2.1/24 dev u2"), 0);
	machine_follow(machine, &model);
	assert_int_equal(machine->host->n_local, 1);
}

static void routes_to_others_are_not_even_looked_at(void **state)
{
	static const struct {
		const char *route;
		bool concerns;
	} cases[] = {
		{"203.0.113.0/24 via 192.0.2.253", true},
		{"203.0.113.2/32 via 192.0.2.253", true},
		{"203.0.112.0/23 via 192.0.2.253", true},
		{"default via 192.0.2.253", true},
		{"203.0.113.3/32 via 192.0.2.253", false},
		{"203.0.114.0/23 via 192.0.2.253", false},
		{"2001:db8:7::/48 via 2001:db8::fe", false},
		{"default via 2001:db8::fe", false},
	};
	struct machine *machine = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned int changes = 0;

		assert_int_equal(sh("ip route append %s", cases[i].route), 0);
		assert_int_equal(host_read_events(machine->host, &changes), 0);
		assert_int_equal(!!(changes & HOST_ROUTES), cases[i].concerns);
	}
}

static void lost_events_are_made_up_for_by_a_look_at_everything(void **state)
{
	struct machine *machine = *state;
	int tiny = 1, fd = netlink_event_fd(&machine->host->netlink);
	unsigned int changes = 0;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &tiny, sizeof(tiny)), 0);
	assert_int_equal(sh("for i in 1 2 3 4 5 6 7 8; do"
			    " ip link add tap9 type veth peer name far9; ip link del tap9; done;"
			    "ip link add tap9 type veth peer name far9;"
			    "ip link set tap9 up; ip link set far9 up; ip link del vm2;"
			    "ip route replace 203.0.113.0/24 via 198.51.100.254"),
			 0);
	assert_int_equal(host_read_events(machine->host, &changes), 0);
	assert_int_equal(changes, HOST_EVERYTHING);
	assert_null(link_by_name(&machine->host->links, "vm2"));
	assert_int_equal(follow_changes(machine->host, &model, changes), 0);
	assert_true(port_record(machine, "tap9").flags & PORT_UP);
	assert_string_equal(ways(machine), "u2 198.51.100.254");
}

int main(void)
{
#define following(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		following(a_route_is_followed_from_gateway_to_gateway_to_nowhere_and_back),
		following(a_policy_rule_is_followed_without_a_route_event),
		following(a_neighbour_is_followed_from_mac_to_mac_to_stale),
		following(an_unknown_next_hop_is_asked_for_before_the_first_frame),
		following(without_an_anchor_next_hops_are_kept_known),
		following(the_limits_follow_the_mtu_of_device_and_route),
		following(a_routers_word_lowers_the_limits),
		following(a_device_that_appears_becomes_its_port),
		following(a_device_that_vanishes_takes_what_was_learned_and_comes_back),
		following(a_port_that_goes_down_loses_what_was_learned_on_it),
		following(renamed_devices_change_places),
		following(a_device_that_was_away_for_a_moment_is_attached_again),
		following(an_underlay_device_comes_back_with_program_and_gro),
		following(the_anchor_sends_from_ports_of_the_dynamic_range),
		following(the_anchor_is_made_again_when_somebody_deletes_it),
		following(a_foreign_vxlan_device_on_our_port_is_named_and_waited_for),
		following(a_program_on_our_udp_port_is_a_complaint_and_leaves_no_half_anchor),
		following(our_address_that_moves_to_another_device_stays_in_force),
		following(routes_to_others_are_not_even_looked_at),
		following(lost_events_are_made_up_for_by_a_look_at_everything),
	};
	int rights = machine_rights();

	return rights ? rights : cmocka_run_group_tests(tests, NULL, NULL);
}
